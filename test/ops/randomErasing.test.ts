/** What randomErasing does to a view: on the normalised picture, and nowhere but in its rectangles. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { denormalize, normalize } from '../../src/image/normalize'
import type { Picture } from '../../src/image/picture'
import { putting } from '../../src/loader/put'
import { grayscale, randomErasing } from '../../src/ops/all'
import { type Augmentation, augmentation, type Drawing, inOrder } from '../../src/ops/augmentation/kind'
import { anyPicture } from '../image/pictures'
import { meaning } from '../parity/ops'
import { meanOf, sameMean } from '../parity/statistics'

type Mode = 'pixel' | 'rand' | 'const'
const MEAN = [0.485, 0.456, 0.406]
const STD = [0.229, 0.224, 0.225]

const erasing = (mode: Mode, count = 1) => meaning<Augmentation>(augmentation, randomErasing({ mode, count }))
const numbersOf = (picture: Picture, drawing: Drawing, offset = 0): Float32Array => {
  const target = new Float32Array(offset + picture.data.length + 3)
  putting(MEAN, STD)(picture, drawing, target, offset)
  return target
}
/** The rectangles of a drawing, and the number that their noise belongs to. */
const rectangles = ({ finish = [] }: Drawing) =>
  finish.map(({ parameters }) => ({ box: parameters.rectangle as readonly number[], noise: parameters.noise as number }))

const cases = fc.record({
  picture: anyPicture,
  mode: fc.constantFrom<Mode>('pixel', 'rand', 'const'),
  count: fc.integer({ min: 1, max: 3 }),
  key: fc.nat(),
  offset: fc.nat({ max: 7 }),
})

test('changes the normalised picture inside its rectangles only, and always in the same way', () => {
  fc.assert(
    fc.property(cases, ({ picture, mode, count, key, offset }) => {
      const drawn = () => erasing(mode, count).draw(random('erase', key), picture)
      const got = numbersOf(picture, drawn(), offset)
      expect(numbersOf(picture, drawn(), offset)).toEqual(got)
      const plain = numbersOf(picture, { steps: [], shape: picture }, offset)
      const boxes = rectangles(drawn())
      const { width, channels } = picture
      for (let i = 0; i < got.length; i++) {
        const [x, y] = [Math.floor((i - offset) / channels) % width, Math.floor((i - offset) / channels / width)]
        const inside = boxes.some(({ box: [left, top, w, h] }) => x >= left! && x < left! + w! && y >= top! && y < top! + h!)
        if (!inside || i < offset) expect(got[i]).toBe(plain[i])
        else if (mode === 'const') expect(got[i]).toBe(0)
      }
    }),
  )
})

const flat: Picture = { width: 40, height: 40, channels: 3, data: new Uint8Array(4800).fill(200) }
/** What stands in the one rectangle of a drawing, channel by channel. */
const erased = (mode: Mode, key: number): readonly (readonly number[])[] => {
  const drawing = erasing(mode).draw(random('erase', key), flat)
  const values = numbersOf(flat, drawing)
  const [left, top, w, h] = rectangles(drawing)[0]!.box as readonly [number, number, number, number]
  return [0, 1, 2].map((channel) =>
    Array.from({ length: w * h }, (_, i) => values[((top + Math.floor(i / w)) * 40 + left + (i % w)) * 3 + channel]!),
  )
}

test('pixel: every value is a standard normal number of its own, in full precision', () => {
  const all = Array.from({ length: 40 }, (_, key) => erased('pixel', key).flat()).flat()
  expect(sameMean('mean', meanOf(all), { mean: 0, stderr: 0 }).share).toBeLessThanOrEqual(1)
  expect(sameMean('variance', meanOf(all.map((x) => x * x)), { mean: 1, stderr: 0 }).share).toBeLessThanOrEqual(1)
  expect(new Set(all).size / all.length).toBeGreaterThan(0.99)
  const { noise } = rectangles(erasing('pixel').draw(random('erase', 0), flat))[0]!
  const draw = random('randomErasing', noise)
  const [red, green, blue] = erased('pixel', 0)
  for (let i = 0; i < red!.length; i++)
    for (const channel of [red, green, blue]) expect(channel![i]).toBe(Math.fround(draw.normal()))
})

test('rand: one standard normal number a channel', () => {
  const colors = Array.from({ length: 300 }, (_, key) => erased('rand', key).map((values) => new Set(values)))
  expect(colors.flat().every(({ size }) => size === 1)).toBe(true)
  const all = colors.flatMap((channels) => channels.flatMap((values) => [...values]))
  expect(new Set(all).size).toBe(900)
  expect(sameMean('variance', meanOf(all.map((x) => x * x)), { mean: 1, stderr: 0 }).share).toBeLessThanOrEqual(1)
})

test('the rectangle is drawn for the picture as it is after what comes before', () => {
  const [gray, erase] = [meaning<Augmentation>(augmentation, grayscale()), erasing('const')]
  const { steps, finish } = inOrder([gray, erase]).draw(random('both'), flat)
  expect([steps.map(({ name }) => name), finish?.map(({ name }) => name)]).toEqual([['grayscale'], ['randomErasing']])
})

test('denormalize gives the picture back that was normalised', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      expect(denormalize(MEAN, STD)(normalize(MEAN, STD)(picture), picture)).toEqual(picture)
    }),
  )
})
