/** RandAugment beside timm's: each step at a magnitude, bit for bit, and how steps and magnitudes are drawn. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../../src/base/random'
import type { Interpolation } from '../../src/image/filter'
import type { Picture } from '../../src/image/picture'
import { randAugment } from '../../src/ops/all'
import { type Augmentation, applyAll, augmentation, type Drawn } from '../../src/ops/augmentation/kind'
import { RAND_AUGMENT_STEPS } from '../../src/ops/augmentation/randAugmentSteps'
import { anyPicture } from '../image/pictures'
import { meaning } from '../parity/ops'
import { meanOf, sameHistogram, sameMean } from '../parity/statistics'

/** What randAugment.py writes. */
const expected = JSON.parse(readFileSync(join(__dirname, 'randAugment.json'), 'utf8')) as {
  readonly pictures: Readonly<
    Record<'color' | 'grey', Omit<Picture, 'data'> & { readonly data: string; readonly fill: number | readonly number[] }>
  >
  readonly names: readonly string[]
  readonly cases: readonly {
    readonly name: string
    readonly increasing: boolean
    readonly magnitude: number
    readonly negative: boolean
    readonly interpolation: Interpolation
    readonly picture: 'color' | 'grey'
    readonly sha256: string
  }[]
}

const pictureOf = (name: 'color' | 'grey'): Picture => {
  const { data, width, height, channels } = expected.pictures[name]
  return { width, height, channels, data: new Uint8Array(Buffer.from(data, 'base64')) }
}

describe("each step, beside timm's", () => {
  test('there are the same fifteen, in the same order', () => {
    expect(Object.keys(RAND_AUGMENT_STEPS)).toEqual(expected.names)
  })

  test.each(expected.names)('%s makes the same of a picture at every magnitude, in every bit', (name) => {
    const cases = expected.cases.filter((one) => one.name === name)
    expect(cases.length).toBeGreaterThanOrEqual(10)
    for (const { sha256, picture, ...strength } of cases) {
      const shape = pictureOf(picture)
      const step = RAND_AUGMENT_STEPS[name]!({ ...strength, shape, fill: [expected.pictures[picture].fill].flat() })
      expect(createHash('sha256').update(step.apply(shape).data).digest('hex'), JSON.stringify({ picture, ...strength })).toBe(
        sha256,
      )
    }
  })
})

const DRAWS = 6000
const shape = { height: 20, width: 30, channels: 3 } as const
const drawn = (op: ReturnType<typeof randAugment>): readonly (readonly Drawn[])[] => {
  const { draw } = meaning<Augmentation>(augmentation, op)
  return Array.from({ length: DRAWS }, (_, key) => draw(random('test', key), shape).steps)
}
/** As a histogram that was drawn a hundred times as often. */
const often = (counts: readonly number[]) => counts.map((count) => 100 * count)

describe('what is drawn', () => {
  test('each step as often as the others, and half of those that were chosen', () => {
    const all = drawn(randAugment({ layers: 3 }))
    const counts = new Map<string, number>()
    for (const { name } of all.flat()) counts.set(name, (counts.get(name) ?? 0) + 1)
    expect(counts.size).toBe(15)
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
    expect(sameHistogram('steps', [...counts.values()], often(Array(15).fill(total / 15))).share).toBeLessThanOrEqual(1)
    const applied = [0, 1, 2, 3].map((n) => all.filter(({ length }) => length === n).length)
    expect(sameHistogram('layers', applied, often([1, 3, 3, 1].map((n) => (DRAWS * n) / 8))).share).toBeLessThanOrEqual(1)
  })

  test('a magnitude around its mean, to both sides', () => {
    const degrees = drawn(randAugment({ magnitude: 5, magnitudeStd: 0.5, layers: 4 }))
      .flat()
      .filter(({ name }) => name === 'rotate')
      .map(({ parameters }) => parameters.degrees as number)
    expect(sameMean('degrees', meanOf(degrees), { mean: 0, stderr: 0 }).share).toBeLessThanOrEqual(1)
    const magnitudes = degrees.map((angle) => Math.abs(angle) / 3)
    expect(sameMean('magnitude', meanOf(magnitudes), { mean: 5, stderr: 0 }).share).toBeLessThanOrEqual(1)
    const squares = magnitudes.map((one) => (one - 5) ** 2)
    expect(sameMean('variance', meanOf(squares), { mean: 0.25, stderr: 0 }).share).toBeLessThanOrEqual(1)
  })

  test('no magnitude beyond 10, and one interpolation or either', () => {
    const all = drawn(randAugment({ magnitude: 9.9, magnitudeStd: 3, interpolation: 'random' })).flat()
    const degrees = all.filter(({ name }) => name === 'rotate').map(({ parameters }) => Math.abs(parameters.degrees as number))
    expect(Math.max(...degrees)).toBe(30)
    const ways = (steps: readonly Drawn[]) => new Set(steps.map(({ parameters }) => parameters.interpolation))
    expect(ways(all)).toEqual(new Set([undefined, 'bilinear', 'bicubic']))
    expect(ways(drawn(randAugment()).flat())).toEqual(new Set([undefined, 'bicubic']))
  })

  test('the same changes for pictures of other colours', () => {
    const { draw } = meaning<Augmentation>(augmentation, randAugment())
    const told = (channels: 1 | 3, key: number) =>
      draw(random('test', key), { ...shape, channels }).steps.map(({ name, parameters: { fill, ...rest } }) => [name, rest])
    for (let key = 0; key < 50; key++) expect(told(1, key)).toEqual(told(3, key))
  })
})

test('at magnitude 0, what grows with the magnitude leaves a picture as it is', () => {
  const still = Object.keys(RAND_AUGMENT_STEPS).filter(
    (name) => !['AutoContrast', 'Equalize', 'Invert', 'Posterize'].includes(name),
  )
  expect(still).toHaveLength(11)
  fc.assert(
    fc.property(
      anyPicture,
      fc.constantFrom(...still),
      fc.boolean(),
      fc.constantFrom<Interpolation>('bilinear', 'bicubic'),
      (picture, name, negative, interpolation) => {
        const fill = [1, 2, 3]
        const step = RAND_AUGMENT_STEPS[name]!({ magnitude: 0, increasing: true, negative, interpolation, fill, shape: picture })
        expect(applyAll([step], picture)).toEqual(picture)
      },
    ),
  )
})
