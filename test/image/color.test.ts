import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from '../../src/image/color'
import { anyColored, anyGrey, anyPicture, flat, tripled } from './pictures'

const factor = fc.double({ min: 0, max: 3, noNaN: true })
const turn = fc.double({ min: -0.5, max: 0.5, noNaN: true })

describe.each([
  ['adjustBrightness', adjustBrightness],
  ['adjustContrast', adjustContrast],
  ['adjustSaturation', adjustSaturation],
])('%s', (_, adjust) => {
  test('a factor of 1 changes nothing', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        expect(adjust(1)(picture)).toEqual(picture)
      }),
    )
  })

  test('a grey picture becomes any channel of the same picture in colour', () => {
    fc.assert(
      fc.property(anyGrey, factor, (grey, f) => {
        expect(tripled(adjust(f)(grey))).toEqual(adjust(f)(tripled(grey)))
      }),
    )
  })
})

test('a brightness of 0 is black', () => {
  fc.assert(
    fc.property(anyPicture, (p) => {
      expect(adjustBrightness(0)(p)).toEqual(flat(p.width, p.height, p.channels, 0))
    }),
  )
})

test('more brightness makes no value darker', () => {
  fc.assert(
    fc.property(anyPicture, factor, factor, (picture, f, g) => {
      const darker = adjustBrightness(Math.min(f, g))(picture).data
      const lighter = adjustBrightness(Math.max(f, g))(picture).data
      expect(darker.every((x, i) => x <= lighter[i]!)).toBe(true)
    }),
  )
})

test('a contrast of 0 is one value everywhere: the mean luma', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      const luma = grayscale(picture).data
      const mean = Math.round(luma.reduce((a, b) => a + b, 0) / luma.length)
      const { width, height, channels } = picture
      expect(adjustContrast(0)(picture)).toEqual(flat(width, height, channels, mean))
    }),
  )
})

test('a saturation of 0 is grayscale', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      expect(adjustSaturation(0)(picture)).toEqual(grayscale(picture))
    }),
  )
})

describe('grayscale', () => {
  test('makes all channels equal, and a picture that is grey already stays as it is', () => {
    fc.assert(
      fc.property(anyColored, anyGrey, (colored, grey) => {
        const { data } = grayscale(colored)
        expect(data.every((x, i) => x === data[i - (i % 3)])).toBe(true)
        expect(grayscale(tripled(grey))).toEqual(tripled(grey))
        expect(grayscale(grey)).toEqual(grey)
      }),
    )
  })

  test('weighs green most and blue least', () => {
    const pure = { width: 3, height: 1, channels: 3 as const, data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255) }
    expect(grayscale(pure).data).toEqual(Uint8Array.of(76, 76, 76, 150, 150, 150, 29, 29, 29))
  })
})

describe('adjustHue', () => {
  test('leaves grey as it is, in one channel and in three', () => {
    fc.assert(
      fc.property(anyGrey, turn, (grey, f) => {
        expect(adjustHue(f)(grey)).toEqual(grey)
        expect(adjustHue(f)(tripled(grey))).toEqual(tripled(grey))
      }),
    )
  })

  test('keeps the largest value of every pixel', () => {
    fc.assert(
      fc.property(anyColored, turn, (picture, f) => {
        const largest = (data: Uint8Array) =>
          Array.from({ length: data.length / 3 }, (_, i) => Math.max(...data.subarray(i * 3, i * 3 + 3)))
        expect(largest(adjustHue(f)(picture).data)).toEqual(largest(picture.data))
      }),
    )
  })

  test('turns red to green by a third, and to blue by a third the other way, within the steps of 8 bits', () => {
    const red = { width: 1, height: 1, channels: 3 as const, data: Uint8Array.of(255, 0, 0) }
    expect(adjustHue(1 / 3)(red).data).toEqual(Uint8Array.of(0, 255, 0))
    expect(adjustHue(-1 / 3)(red).data[2]).toBe(255)
    expect(adjustHue(-1 / 3)(red).data[0]).toBeLessThanOrEqual(6)
  })
})
