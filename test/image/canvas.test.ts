/** The kernels do what the functions do, in every bit. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { autocontrast, autocontrastTable } from '../../src/image/autocontrast'
import { gaussianBlur } from '../../src/image/blur'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from '../../src/image/color'
import { equalize, equalizeTable } from '../../src/image/equalize'
import { flipHorizontal } from '../../src/image/flip'
import { type Canvas, newCanvas } from '../../src/image/kernel/canvas'
import { type Kernels, newMachine } from '../../src/image/kernel/load'
import { normalizations, normalizeInto } from '../../src/image/normalize'
import type { Picture } from '../../src/image/picture'
import { posterize, posterizeTable } from '../../src/image/posterize'
import { resize } from '../../src/image/resize'
import { solarize } from '../../src/image/solarize'
import { declaredBy, exportedBy, isUpToDate, PIXELS } from '../kernels'
import { stale } from '../stale'

/** One thing to do, both ways. */
interface Step {
  readonly name: string
  readonly apply: (picture: Picture) => Picture
  readonly paint: (canvas: Canvas, before: Picture) => void
}
const step = (name: string, apply: Step['apply'], paint: Step['paint']): Step => ({ name, apply, paint })

/** Photographs have smooth parts and edges; noise has all values. */
const pictureOf = (width: number, height: number, seed: number, noisy: boolean): Picture => {
  const draw = random(seed, 'canvas')
  const [fx, fy, fc] = [draw.between(0, 0.5), draw.between(0, 0.5), draw.between(0, 3)]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    return noisy ? draw.integer(256) : 128 + 150 * Math.sin(fx * x + fy * y + fc * (i % 3))
  })
  return { width, height, channels: 3, data }
}
const side = fc.integer({ min: 1, max: 70 })
const pictures = fc.tuple(side, side, fc.nat(), fc.boolean()).map((of) => pictureOf(...of))

const factor = fc.oneof(fc.double({ min: 0, max: 2.5, noNaN: true }), fc.constantFrom(0, 1, 100))
const share = fc.double({ min: 0, max: 0.999, noNaN: true })
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(step('flip', flipHorizontal, (canvas) => canvas.flipHorizontal())),
  fc.constant(step('grayscale', grayscale, (canvas) => canvas.grayscale())),
  factor.map((f) => step(`brightness ${f}`, adjustBrightness(f), (canvas) => canvas.adjustBrightness(f))),
  factor.map((f) => step(`contrast ${f}`, adjustContrast(f), (canvas) => canvas.adjustContrast(f))),
  factor.map((f) => step(`saturation ${f}`, adjustSaturation(f), (canvas) => canvas.adjustSaturation(f))),
  fc.double({ min: -0.5, max: 0.5, noNaN: true }).map((f) => step(`hue ${f}`, adjustHue(f), (canvas) => canvas.adjustHue(f))),
  fc.double({ min: 0, max: 30, noNaN: true }).map((r) => step(`blur ${r}`, gaussianBlur(r), (canvas) => canvas.gaussianBlur(r))),
  fc.integer({ min: 0, max: 256 }).map((t) => step(`solarize ${t}`, solarize(t), (canvas) => canvas.solarize(t))),
  fc.integer({ min: 0, max: 8 }).map((b) => step(`posterize ${b}`, posterize(b), (canvas) => canvas.point(posterizeTable(b)))),
  fc.constant(step('autocontrast', autocontrast, (canvas) => canvas.pointChannels(canvas.histograms().map(autocontrastTable)))),
  fc.constant(step('equalize', equalize, (canvas) => canvas.pointChannels(canvas.histograms().map(equalizeTable)))),
  fc
    .record({ at: fc.tuple(share, share), part: fc.tuple(share, share), size: fc.tuple(side, side), bicubic: fc.boolean() })
    .map(({ at, part, size, bicubic }) => {
      const resizing = ({ width, height }: Picture) => {
        const [left, top] = [Math.floor(at[0] * width), Math.floor(at[1] * height)]
        const box = [left, top, 1 + Math.floor(part[0] * (width - left)), 1 + Math.floor(part[1] * (height - top))] as const
        return { interpolation: bicubic ? ('bicubic' as const) : ('bilinear' as const), box, size }
      }
      return step(
        `resize ${at} ${part} ${size} ${bicubic}`,
        (picture) => resize(resizing(picture))(picture),
        (canvas, before) => canvas.resize(resizing(before)),
      )
    }),
)

test('any steps on any picture, one after the other', () => {
  const canvas = newCanvas()
  fc.assert(
    fc.property(pictures, fc.array(steps, { maxLength: 6 }), (picture, chain) => {
      canvas.put(picture)
      const wanted = chain.reduce((before, { apply, paint }) => {
        paint(canvas, before)
        return apply(before)
      }, picture)
      const got = canvas.picture()
      expect([got.width, got.height]).toEqual([wanted.width, wanted.height])
      expect(Buffer.compare(got.data, wanted.data), chain.map(({ name }) => name).join(', ')).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test.each([0.07, -0.1])('636056 colours turned by %d', (turn) => {
  const levels = Array.from({ length: 86 }, (_, i) => 3 * i)
  const data = Uint8Array.from(levels.flatMap((red) => levels.flatMap((green) => levels.flatMap((blue) => [red, green, blue]))))
  const picture: Picture = { width: 86 * 86, height: 86, channels: 3, data }
  const canvas = newCanvas()
  canvas.put(picture)
  canvas.adjustHue(turn)
  expect(Buffer.compare(canvas.picture().data, adjustHue(turn)(picture).data)).toBe(0)
})

test('a crop as large as training takes it, all steps on', () => {
  const picture = pictureOf(500, 375, 1, true)
  const box = [31, 7, 401, 333] as const
  const canvas = newCanvas()
  // The second time it is the same picture, and the canvas starts from what was put.
  for (const size of [224, 96] as const) {
    const resizing = { interpolation: 'bicubic', box, size: [size, size] } as const
    canvas.put(picture)
    canvas.resize(resizing)
    canvas.adjustContrast(1.3)
    canvas.gaussianBlur(1.9)
    expect(Buffer.compare(canvas.picture().data, gaussianBlur(1.9)(adjustContrast(1.3)(resize(resizing)(picture))).data)).toBe(0)
  }
})

test('normalised numbers are those of normalizeInto, at their place', () => {
  const canvas = newCanvas()
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ] as const
  fc.assert(
    fc.property(pictures, fc.nat({ max: 5 }), (picture, offset) => {
      const [got, wanted] = [new Float32Array(picture.data.length + 9), new Float32Array(picture.data.length + 9)]
      canvas.put(picture)
      canvas.normalizeInto(normalizations(mean, std), got, offset)
      normalizeInto(mean, std)(wanted, offset)(picture)
      expect(got).toEqual(wanted)
    }),
    { numRuns: 30 },
  )
})

test('src/image/kernel/binary.ts is up to date', () => {
  expect(isUpToDate(PIXELS), stale(PIXELS.binary)).toBe(true)
})

test('the kernels are called with what assembly/pixels.ts takes', () => {
  const source = readFileSync(join(__dirname, '..', '..', 'assembly', 'pixels.ts'), 'utf8')
  const types = readFileSync(join(__dirname, '..', '..', 'src', 'image', 'kernel', 'load.ts'), 'utf8')
  const [exported, declared] = [exportedBy(source), declaredBy(types)]
  expect(exported.length).toBeGreaterThan(10)
  expect(declared).toEqual(exported)
  const { run } = newMachine()
  for (const [i, name] of exported.map((one) => one.replace(/\(.*/, '')).entries())
    expect(run[name as keyof Kernels].length, name).toBe(exported[i]!.split(',').length)
})
