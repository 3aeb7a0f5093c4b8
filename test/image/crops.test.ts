/** Boxes that are cut out are distributed as torchvision's, those that are erased as timm's; crops.py writes what is compared with. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { type Box, resizedCropBox, type Size } from '../../src/image/crop'
import { type Erasing, erasedBoxes } from '../../src/image/erase'
import { passed } from '../parity/check'
import { histogram, type Mean, meanOf, sameHistogram, sameMean } from '../parity/statistics'

interface Statistics extends Mean {
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}
type Measure = keyof typeof MEASURES
type Measured = Readonly<Record<Measure, Statistics>>
interface Setting extends Measured {
  readonly size: Size
  readonly scale: readonly [number, number]
  readonly ratio: readonly [number, number]
}
interface Erased extends Pick<Erasing, 'area' | 'aspect'> {
  readonly size: Size
  readonly boxes: Measured
}
const { draws, settings, erased } = JSON.parse(readFileSync(join(__dirname, 'crops.json'), 'utf8')) as {
  readonly draws: number
  readonly settings: Readonly<Record<string, Setting>>
  readonly erased: Readonly<Record<string, Erased>>
}

const MEASURES = {
  area: ([, , w, h]: Box, [height, width]: Size) => (w * h) / (height * width),
  centerX: ([left, , w]: Box, [, width]: Size) => (left + w / 2) / width,
  centerY: ([, top, , h]: Box, [height]: Size) => (top + h / 2) / height,
  logAspect: ([, , w, h]: Box) => Math.log(w / h),
} as const

/** What is off between boxes drawn here and others, in measures whose means or histograms chance doesn't explain. */
const off = (want: Measured, boxes: readonly Box[], size: Size, measures = MEASURES): readonly string[] =>
  (Object.keys(MEASURES) as Measure[])
    .flatMap((measure) => {
      const values = boxes.map((box) => measures[measure](box, size))
      const { edges, counts } = want[measure]
      return [
        sameMean(`mean of ${measure}`, meanOf(values), want[measure]),
        sameHistogram(`histogram of ${measure}`, histogram(values, edges), counts),
      ]
    })
    .filter((check) => !passed(check))
    .map(({ tensor }) => tensor)

const boxesOf = (name: string, { size, scale, ratio }: Setting) =>
  Array.from({ length: draws }, (_, i) => resizedCropBox(random('crops', name, i), size, scale, ratio))

test.each(Object.entries(settings))('%s: 4,000 boxes are distributed as those of torchvision', (name, want) => {
  expect(draws).toBe(4000)
  expect(off(want, boxesOf(name, want), want.size)).toEqual([])
})

test('another distribution is noticed: boxes of another scale, of another shape, or drawn toward the corner', () => {
  const want = settings.global!
  expect(off(want, boxesOf('scale', { ...want, scale: [0.24, 0.97] }), want.size)).toContain('histogram of area')
  expect(off(want, boxesOf('ratio', { ...want, ratio: [3 / 4, 1.38] }), want.size)).toContain('histogram of logAspect')
  const cornered = boxesOf('corner', want).map(([left, top, w, h]): Box => [Math.floor(left * 0.9), top, w, h])
  expect(off(want, cornered, want.size)).toContain('mean of centerX')
})

/** Its shape is height over width. */
const ERASED = { ...MEASURES, logAspect: ([, , w, h]: Box) => Math.log(h / w) }

test.each(Object.entries(erased))('%s: 4,000 erased boxes are distributed as those of timm', (name, { size, boxes, ...want }) => {
  const drawn = (setting: Erasing, count: number): readonly Box[] =>
    Array.from({ length: count }, (_, i) => erasedBoxes(random('erased', name, i), size, setting)).flat()
  const all = drawn({ ...want, count: 1 }, 2 * draws).slice(0, draws)
  expect(all).toHaveLength(draws)
  expect(off(boxes, all, size, ERASED)).toEqual([])
  expect(off(boxes, drawn({ ...want, aspect: [0.3, 1.6], count: 1 }, draws), size, ERASED)).toContain('histogram of logAspect')
})

test('several erased boxes share the area, and lie inside the picture', () => {
  const [height, width] = [100, 60]
  const numbers = new Set<number>()
  for (let i = 0; i < 200; i++) {
    const boxes = erasedBoxes(random('several', i), [height, width], { area: [0.3, 0.3], aspect: [1, 1], count: 3 })
    numbers.add(boxes.length)
    for (const [left, top, w, h] of boxes) {
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0)
      expect([left + w <= width, top + h <= height]).toEqual([true, true])
      expect(Math.abs(w * h - (0.3 * height * width) / boxes.length)).toBeLessThan(2 * w)
    }
  }
  expect([...numbers].sort()).toEqual([1, 2, 3])
})
