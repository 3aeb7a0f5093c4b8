/** Laws of augmentations, whatever is drawn. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../../src/base/random'
import type { Op } from '../../src/dsl/type'
import type { Picture } from '../../src/image/picture'
import {
  autocontrast,
  centerCrop,
  colorDistortion,
  colorJitter,
  equalize,
  gaussianBlur,
  grayscale,
  horizontalFlip,
  oneOf,
  posterize,
  randAugment,
  randomOrder,
  randomResizedCrop,
  repeat,
  resize,
  rotate,
  sequence,
  sharpness,
  solarize,
  sometimes,
} from '../../src/ops/all'
import { type Augmentation, applyAll, augmentation, type Drawing } from '../../src/ops/augmentation/kind'
import { anyPicture } from '../image/pictures'
import { meaning } from '../parity/ops'
import { sameHistogram } from '../parity/statistics'

type AugmentationOp = Op<'augmentation'>

const drawn = (op: AugmentationOp, seed: number, picture: Picture): Drawing =>
  meaning<Augmentation>(augmentation, op).draw(random('test', seed), picture)

const seed = fc.integer({ min: 0, max: 1e9 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const range = fc.tuple(share, share).map(([a, b]): readonly [number, number] => (a < b ? [a, b] : [b, a]))
const sizes = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))
const simple: fc.Arbitrary<AugmentationOp> = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 24 }), range).map(([size, scale]) => randomResizedCrop({ size, scale })),
  fc.integer({ min: 1, max: 24 }).map((size) => resize({ size })),
  sizes.chain((size) => fc.constantFrom(resize({ size }), centerCrop({ size }), randomResizedCrop({ size }))),
  fc.constant(horizontalFlip({})),
  fc.constant(grayscale({})),
  fc.constant(colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 })),
  fc.constant(gaussianBlur({ radius: [0.1, 2] })),
  fc.constant(solarize({})),
  fc.constantFrom(
    autocontrast(),
    equalize(),
    posterize(3),
    sharpness(0.9),
    rotate(30),
    rotate({ degrees: [-180, 180], fill: [9, 8, 7] }),
  ),
  fc.constant(randAugment({ layers: 3 })),
)
const some = fc.array(simple, { minLength: 1, maxLength: 4 })
const any: fc.Arbitrary<AugmentationOp> = fc.oneof(
  simple,
  some.map((of) => sequence(of)),
  some.map((of) => randomOrder(of)),
  some.map((of) => oneOf(of)),
  fc.tuple(share, some).map(([p, of]) => sometimes({ p, augmentations: of })),
  fc.tuple(fc.integer({ min: 0, max: 2 }), some).map(([times, of]) => repeat({ times, augmentations: of })),
)

describe('any augmentation', () => {
  test('cuts no box out that does not lie inside the picture at that moment, and says what size comes out', () => {
    fc.assert(
      fc.property(any, seed, anyPicture, (op, key, picture) => {
        const { steps, shape } = drawn(op, key, picture)
        let now = picture
        for (const step of steps) {
          const { box } = step.parameters
          if (typeof box === 'object') {
            const [left, top, width, height] = box as readonly [number, number, number, number]
            expect(Math.min(left, top)).toBeGreaterThanOrEqual(0)
            expect(Math.min(width, height)).toBeGreaterThanOrEqual(1)
            expect(left + width).toBeLessThanOrEqual(now.width)
            expect(top + height).toBeLessThanOrEqual(now.height)
          }
          now = step.apply(now)
        }
        const { width, height, channels } = now
        expect({ width, height, channels }).toEqual({ width: shape.width, height: shape.height, channels: shape.channels })
      }),
      { numRuns: 300 },
    )
  })

  test('draws the same for the same key, and leaves the picture that it is given alone', () => {
    fc.assert(
      fc.property(any, seed, anyPicture, (op, key, picture) => {
        const before = Uint8Array.from(picture.data)
        const [once, again] = [drawn(op, key, picture), drawn(op, key, picture)]
        const told = ({ steps }: Drawing) => steps.map(({ name, parameters }) => ({ name, parameters }))
        expect(told(once)).toEqual(told(again))
        expect(applyAll(once.steps, picture)).toEqual(applyAll(again.steps, picture))
        expect(picture.data).toEqual(before)
      }),
    )
  })
})

test('a flip in the pipeline, twice, is the picture itself', () => {
  fc.assert(
    fc.property(seed, anyPicture, (key, picture) => {
      const { steps } = drawn(repeat({ times: 2, augmentations: [horizontalFlip({})] }), key, picture)
      expect(steps.map(({ name }) => name)).toEqual(['horizontalFlip', 'horizontalFlip'])
      expect(applyAll(steps, picture)).toEqual(picture)
    }),
  )
})

test('one number is a square, or the shorter side; two are a height and a width', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), seed, anyPicture, (side, key, picture) => {
      for (const crop of [centerCrop, randomResizedCrop]) {
        const [one, two] = [drawn(crop({ size: side }), key, picture), drawn(crop({ size: [side, side] }), key, picture)]
        expect(applyAll(one.steps, picture)).toEqual(applyAll(two.steps, picture))
        expect(one.steps[0]!.parameters).toEqual(two.steps[0]!.parameters)
      }
      const { height, width } = drawn(resize(side), key, picture).shape
      expect(Math.min(height, width)).toBe(side)
      expect(drawn(resize([side, 2 * side]), key, picture).shape).toMatchObject({ height: side, width: 2 * side })
    }),
    { numRuns: 40 },
  )
})

describe('colorJitter', () => {
  const jitter = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 })
  const colored: Picture = { width: 2, height: 1, channels: 3, data: Uint8Array.of(250, 30, 60, 10, 200, 90) }
  const DRAWS = 4000
  const all = Array.from({ length: DRAWS }, (_, key) => drawn(jitter, key, colored).steps)

  test('draws its order: each of the 24 as often as the others', () => {
    const counts = new Map<string, number>()
    for (const steps of all) {
      const order = steps.map(({ name }) => name).join(' ')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    // A hundred times as many draws without any chance in them.
    const even = Array.from({ length: 24 }, () => (100 * DRAWS) / 24)
    expect(sameHistogram('orders', [...counts.values()], even).share).toBeLessThanOrEqual(1)
  })

  test('draws each factor evenly from its range', () => {
    for (const [name, low, high] of [
      ['brightness', 0.6, 1.4],
      ['contrast', 0.6, 1.4],
      ['saturation', 0.8, 1.2],
      ['hue', -0.1, 0.1],
    ] as const) {
      const amounts = all.map((steps) => steps.find((step) => step.name === name)!.parameters.amount as number)
      expect(Math.min(...amounts)).toBeGreaterThanOrEqual(low)
      expect(Math.max(...amounts)).toBeLessThanOrEqual(high)
      const counts = new Array<number>(10).fill(0)
      for (const amount of amounts) counts[Math.min(9, Math.floor(((amount - low) / (high - low)) * 10))]! += 1
      expect(sameHistogram(name, counts, Array(10).fill(10 * DRAWS)).share).toBeLessThanOrEqual(1)
    }
  })

  test('means something else in another order: for most draws the reverse gives another picture', () => {
    const differing = all.filter(
      (steps) => applyAll(steps, colored).data.join() !== applyAll([...steps].reverse(), colored).data.join(),
    )
    expect(differing.length / DRAWS).toBeGreaterThan(0.9)
  })
})

test('what is done sometimes is done as often as its p says', () => {
  const picture: Picture = { width: 1, height: 1, channels: 1, data: Uint8Array.of(0) }
  for (const p of [0, 0.1, 0.5, 0.8, 1]) {
    const op = sometimes({ p, augmentations: [horizontalFlip({})] })
    const done = Array.from({ length: 4000 }, (_, key) => drawn(op, key, picture).steps.length).filter((n) => n === 1).length
    expect(Math.abs(done / 4000 - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / 4000))
  }
})

test('colorDistortion is colour jitter and grayscale, each with its chance', () => {
  const long = sequence([
    colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1, p: 0.8 }),
    grayscale({ p: 0.2 }),
  ])
  fc.assert(
    fc.property(seed, anyPicture, (seed, picture) => {
      const [short, whole] = [drawn(colorDistortion(), seed, picture), drawn(long, seed, picture)]
      expect(short.steps.map(({ name, parameters }) => ({ name, parameters }))).toEqual(
        whole.steps.map(({ name, parameters }) => ({ name, parameters })),
      )
      expect(applyAll(short.steps, picture)).toEqual(applyAll(whole.steps, picture))
    }),
    { numRuns: 50 },
  )
})
