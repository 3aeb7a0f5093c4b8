import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalize, normalizeInto } from '../../src/image/normalize'
import { anyPicture, flat } from './pictures'

const MEAN = [0.485, 0.456, 0.406]
const STD = [0.229, 0.224, 0.225]

test('the mean becomes 0 and one standard deviation above it 1, channel by channel', () => {
  const levels = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(51, 102, 153, 102, 153, 204) }
  const values = normalize([0.2, 0.4, 0.6], [0.2, 0.2, 0.2])(levels)
  for (const [i, want] of [0, 0, 0, 1, 1, 1].entries()) expect(values[i]).toBeCloseTo(want, 6)
})

test('every level of every channel can be told from its number', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      const c = picture.channels
      const values = normalize(MEAN.slice(0, c), STD.slice(0, c))(picture)
      expect(Uint8Array.from(values, (v, i) => Math.round((v * STD[i % c]! + MEAN[i % c]!) * 255))).toEqual(picture.data)
    }),
  )
})

test('writing into an array touches only the numbers of the picture, and they are those of normalize', () => {
  fc.assert(
    fc.property(anyPicture, fc.nat(20), fc.nat(20), (picture, offset, after) => {
      const [mean, std] = [MEAN.slice(0, picture.channels), STD.slice(0, picture.channels)]
      const length = picture.data.length
      const target = new Float32Array(offset + length + after).fill(7)
      normalizeInto(mean, std)(target, offset)(picture)
      expect(target.subarray(offset, offset + length)).toEqual(normalize(mean, std)(picture))
      expect(target.subarray(0, offset).every((x) => x === 7)).toBe(true)
      expect(target.subarray(offset + length).every((x) => x === 7)).toBe(true)
    }),
  )
})

test('numbers are rounded to float32 after each of the three operations, as PyTorch rounds them', () => {
  // (2/255 - 0.485) / 0.229 etc. by torch.tensor(x).div(255).sub(mean).div(std), float32.
  expect(Array.from(normalize(MEAN, STD)(flat(1, 1, 3, 2)))).toEqual([
    -2.0836544036865234, -2.0007002353668213, -1.7695860862731934,
  ])
  expect(Array.from(normalize(MEAN, STD)(flat(1, 1, 3, 201)))).toEqual([1.324171543121338, 1.483193278312683, 1.6988236904144287])
})
