/** Boxes of random crops are distributed as torchvision's, for pictures of all shapes; crops.py writes what is compared with. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { type Box, resizedCropBox, type Size } from '../../src/image/crop'
import { passed } from '../parity/check'
import { histogram, type Mean, meanOf, sameHistogram, sameMean } from '../parity/statistics'

interface Statistics extends Mean {
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}
interface Setting {
  readonly size: Size
  readonly scale: readonly [number, number]
  readonly ratio: readonly [number, number]
  readonly area: Statistics
  readonly centerX: Statistics
  readonly centerY: Statistics
  readonly logAspect: Statistics
}
const { draws, settings } = JSON.parse(readFileSync(join(__dirname, 'crops.json'), 'utf8')) as {
  readonly draws: number
  readonly settings: Readonly<Record<string, Setting>>
}

const MEASURES = {
  area: ([, , w, h]: Box, [height, width]: Size) => (w * h) / (height * width),
  centerX: ([left, , w]: Box, [, width]: Size) => (left + w / 2) / width,
  centerY: ([, top, , h]: Box, [height]: Size) => (top + h / 2) / height,
  logAspect: ([, , w, h]: Box) => Math.log(w / h),
} as const
type Measure = keyof typeof MEASURES

/** What is off between boxes drawn here and torchvision's, in measures whose means or histograms chance doesn't explain. */
const off = (want: Setting, boxes: readonly Box[]): readonly string[] =>
  (Object.keys(MEASURES) as Measure[])
    .flatMap((measure) => {
      const values = boxes.map((box) => MEASURES[measure](box, want.size))
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
  expect(off(want, boxesOf(name, want))).toEqual([])
})

test('another distribution is noticed: boxes of another scale, of another shape, or drawn toward the corner', () => {
  const want = settings.global!
  expect(off(want, boxesOf('scale', { ...want, scale: [0.24, 0.97] }))).toContain('histogram of area')
  expect(off(want, boxesOf('ratio', { ...want, ratio: [3 / 4, 1.38] }))).toContain('histogram of logAspect')
  const cornered = boxesOf('corner', want).map(([left, top, w, h]): Box => [Math.floor(left * 0.9), top, w, h])
  expect(off(want, cornered)).toContain('mean of centerX')
})
