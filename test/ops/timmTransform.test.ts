/** timm's transforms of fine-tuning, written with ops: what comes of a picture is distributed as what timm makes of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { random } from '../../src/base/random'
import { decoder, problemsOf } from '../../src/dsl/decode'
import { stageKind } from '../../src/dsl/spec'
import { type Op, op } from '../../src/dsl/type'
import type { Picture } from '../../src/image/picture'
import { putting } from '../../src/loader/put'
import { registry } from '../../src/ops/registry'
import type { Views } from '../../src/ops/slots'
import { passed } from '../parity/check'
import { meaning } from '../parity/ops'
import { histogram, type Mean, meanOf, sameHistogram, sameMean } from '../parity/statistics'

/** What timmTransform.py writes. */
const { draws, size, picture, settings } = JSON.parse(readFileSync(join(__dirname, 'timmTransform.json'), 'utf8')) as {
  readonly draws: number
  readonly size: number
  readonly picture: Omit<Picture, 'data'> & { readonly data: string }
  readonly settings: Readonly<
    Record<
      string,
      { readonly statistics: Readonly<Record<string, Mean & { readonly edges: number[]; readonly counts: number[] }>> }
    >
  >
}

/** `create_transform(24, is_training=True, color_jitter=0.4, interpolation='bicubic', …)`, by the names in timmTransform.py. */
const WRITTEN: Readonly<Record<string, string>> = {
  'fine-tuning': `
    global:
      - augment:
          - randomResizedCrop: { size: 24 }
          - horizontalFlip: { p: 0.5 }
          - randAugment # rand-m9-mstd0.5-inc1, in the place of the colour jitter
          - randomErasing: { p: 0.25 }`,
  'colours alone': `
    global:
      - augment:
          - randomResizedCrop: { size: 24 }
          - horizontalFlip: { p: 0.5 }
          - colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4 }
          - randomErasing: { p: 0.25, mode: const, count: 3 }`,
}

const original: Picture = { ...picture, data: new Uint8Array(Buffer.from(picture.data, 'base64')) }

const std = (sum: number, squares: number, count: number): number => Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))

/** What timmTransform.py measures of a view. */
const measured = (view: Float32Array): Readonly<Record<string, number>> => {
  const [sums, squares] = [new Float64Array(3), new Float64Array(3)]
  const near = (at: number) => at >= size / 2 - 4 && at < size / 2 + 4
  let [colourfulness, middle, roughness, lowest, highest] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let y = 0, at = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let [sum, square] = [0, 0]
      for (let c = 0; c < 3; c++, at++) {
        const value = view[at]!
        sums[c]! += value
        squares[c]! += value * value
        sum += value
        square += value * value
        lowest = Math.min(lowest, value)
        highest = Math.max(highest, value)
        if (x > 0) roughness += Math.abs(value - view[at - 3]!)
      }
      colourfulness += std(sum, square, 3)
      if (near(x) && near(y)) middle += sum
    }
  const pixels = size * size
  const [red, green, blue] = Array.from(sums, (sum) => sum / pixels)
  return {
    red: red!,
    green: green!,
    blue: blue!,
    spread: Array.from(sums, (sum, c) => std(sum, squares[c]!, pixels)).reduce((total, one) => total + one / 3, 0),
    colourfulness: colourfulness / pixels,
    middle: middle / (3 * 64),
    roughness: roughness / (3 * size * (size - 1)),
    lowest,
    highest,
  }
}

const viewsOf = (written: string, seed: string): readonly Readonly<Record<string, number>>[] => {
  const decoded = decoder(registry, op(stageKind)).decode({ views: parse(written) })
  if (E.isLeft(decoded)) throw new Error(JSON.stringify(problemsOf(decoded.left)))
  const { views: all, mean, std } = meaning<Views>(stageKind, decoded.right as Op)
  const put = putting(mean, std)
  const numbers = new Float32Array(size * size * 3)
  return Array.from({ length: draws }, (_, i) => {
    put(original, all[0]!.augment.draw(random(seed, i), original), numbers, 0)
    return measured(numbers)
  })
}

/** The statistics whose means or histograms chance doesn't explain. */
const off = (name: string, made: readonly Readonly<Record<string, number>>[]): readonly string[] =>
  Object.entries(settings[name]!.statistics)
    .flatMap(([statistic, want]) => {
      const values = made.map((view) => view[statistic]!)
      return [
        sameMean(`mean of ${statistic}`, meanOf(values), want),
        sameHistogram(`histogram of ${statistic}`, histogram(values, want.edges), want.counts),
      ]
    })
    .filter((check) => !passed(check))
    .map(({ tensor }) => tensor)

describe("views as timm's create_transform makes them", () => {
  test.each(Object.keys(settings))('%s: 3,000 views of a picture are distributed as those of timm', (name) => {
    expect(draws).toBe(3000)
    expect(off(name, viewsOf(WRITTEN[name]!, name))).toEqual([])
  })

  test.each([
    ['fine-tuning', 'randAugment', 'randAugment: { layers: 1 }'],
    ['fine-tuning', 'randAugment', 'randAugment: { magnitude: 6 }'],
    ['fine-tuning', '{ p: 0.25 }', '{ p: 0.25, mode: const }'],
    ['colours alone', 'brightness: 0.4', 'brightness: 0.3'],
  ])('%s: other settings are noticed (%s: %s)', (name, value, other) => {
    expect(off(name, viewsOf(WRITTEN[name]!.replace(value, other), name)).length).toBeGreaterThan(0)
  })
})
