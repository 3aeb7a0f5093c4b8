import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { type Box, centerCrop, crop, resizedCropBox, shortSide } from '../../src/image/crop'
import { roundHalfEven } from '../../src/image/round'
import { anyPicture, anyPictureWithBox, augmentJson } from './pictures'

describe('crop', () => {
  test('a pixel of the crop is the pixel at that place of the picture', () => {
    fc.assert(
      fc.property(anyPictureWithBox, ({ picture, box: [left, top, width, height] }) => {
        const out = crop(left, top, width, height)(picture)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width * out.channels; x++)
            expect(out.data[y * width * out.channels + x]).toBe(
              picture.data[((top + y) * picture.width + left) * picture.channels + x],
            )
      }),
    )
  })

  test('cropping to the whole picture changes nothing', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        expect(crop(0, 0, picture.width, picture.height)(picture)).toEqual(picture)
      }),
    )
  })
})

describe('centerCrop', () => {
  test('undoes itself: the middle of a picture padded to a larger square is the picture', () => {
    fc.assert(
      fc.property(anyPicture, fc.integer({ min: 0, max: 8 }), (picture, more) => {
        const square = crop(0, 0, 9, 9)(picture)
        expect(centerCrop(9)(centerCrop(9 + 2 * more)(square))).toEqual(square)
      }),
    )
  })

  test('rounds the offset to the even pixel when the middle lies between two', () => {
    const row = (width: number) => ({
      width,
      height: 1,
      channels: 1 as const,
      data: Uint8Array.from({ length: width }, (_, i) => i),
    })
    expect(centerCrop(1)(row(2)).data).toEqual(Uint8Array.of(0))
    expect(centerCrop(1)(row(4)).data).toEqual(Uint8Array.of(2))
    expect(centerCrop(1)(row(6)).data).toEqual(Uint8Array.of(2))
  })
})

describe('shortSide', () => {
  test('the shorter side gets the size, the longer side its share without the fraction', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 512 }),
        (h, w, size) => {
          const [height, width] = shortSide(size)([h, w])
          expect(Math.min(height, width)).toBe(size)
          expect(width <= height).toBe(w <= h || width === height)
          const exact = (size * Math.max(h, w)) / Math.min(h, w)
          expect(exact - Math.max(height, width)).toBeGreaterThanOrEqual(0)
          expect(exact - Math.max(height, width)).toBeLessThan(1)
        },
      ),
    )
  })
})

test('roundHalfEven gives the nearest integer, the even one of two', () => {
  expect([-2.5, -1.5, -0.6, 0.4, 0.5, 1.5, 2.5, 3.49999, 3.5, 7].map(roundHalfEven)).toEqual([-2, -2, -1, 0, 0, 2, 2, 3, 4, 7])
})

describe('resizedCropBox', () => {
  const THREE_QUARTERS = [3 / 4, 4 / 3] as const

  test('every box lies inside the picture and has at least one pixel', () => {
    const side = fc.integer({ min: 1, max: 600 })
    const range = (min: number, max: number) =>
      fc
        .tuple(fc.double({ min, max, noNaN: true }), fc.double({ min, max, noNaN: true }))
        .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    fc.assert(
      fc.property(side, side, range(0.01, 1), range(0.1, 10), fc.integer(), (height, width, scale, ratio, seed) => {
        const [left, top, w, h] = resizedCropBox(random('crop', seed), [height, width], scale, ratio)
        expect([left, top, w, h].every(Number.isInteger)).toBe(true)
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0)
        expect(Math.min(w, h)).toBeGreaterThanOrEqual(1)
        expect(left + w).toBeLessThanOrEqual(width)
        expect(top + h).toBeLessThanOrEqual(height)
      }),
      { numRuns: 1000 },
    )
  })

  test('one key gives one box, another key another', () => {
    const box = (seed: number) => resizedCropBox(random('crop', seed), [300, 400], [0.1, 1], THREE_QUARTERS)
    expect(box(1)).toEqual(box(1))
    expect(box(1)).not.toEqual(box(2))
  })

  test('where no box fits, it is the largest central one within the ratio', () => {
    expect(resizedCropBox(random(0), [10, 100], [1, 1], THREE_QUARTERS)).toEqual([43, 0, 13, 10])
    expect(resizedCropBox(random(0), [100, 10], [1, 1], THREE_QUARTERS)).toEqual([0, 43, 10, 13])
    // Twice the picture's area never fits, although its shape would.
    expect(resizedCropBox(random(0), [31, 29], [2, 2], THREE_QUARTERS)).toEqual([0, 0, 29, 31])
  })

  interface Moments {
    readonly mean: number
    readonly std: number
    readonly stderr: number
  }
  interface Statistics {
    readonly image: 'a' | 'b'
    readonly draws: number
    readonly scale: readonly [number, number]
    readonly ratio: readonly [number, number]
    readonly area: Moments
    readonly center_x: Moments
    readonly center_y: Moments
    readonly log_width_over_height: Moments
    readonly area_hist: readonly number[]
    readonly log_aspect_hist: readonly number[]
  }
  const reference = augmentJson<{
    readonly config: { readonly images: Readonly<Record<string, { readonly height: number; readonly width: number }>> }
    readonly random_resized_crop_stats: Readonly<Record<string, Statistics>>
  }>()

  const DRAWS = 20000

  /** The values' counts in 20 bins of equal width on [low, high], values outside left out. */
  const histogram = (values: readonly number[], low: number, high: number): readonly number[] => {
    const counts = Array.from({ length: 20 }, () => 0)
    for (const value of values) {
      // The tiny addend puts a value that is a bin's lower edge, such as a log aspect of 0, into that bin.
      const bin = Math.floor(((value - low) / (high - low)) * 20 + 1e-9)
      if (value <= high && bin >= 0) counts[Math.min(bin, 19)]!++
    }
    return counts
  }

  /** How far two histograms are apart: chi-squared, less its degrees of freedom, in standard deviations. */
  const surprise = (a: readonly number[], b: readonly number[]): number => {
    const total = (counts: readonly number[]) => counts.reduce((x, y) => x + y, 0)
    const share = Math.sqrt(total(a) / total(b))
    const terms = a.map((x, i) => (x / share - (b[i] ?? 0) * share) ** 2 / (x + b[i]!)).filter(Number.isFinite)
    const freedom = terms.length - 1
    return (total(terms) - freedom) / Math.sqrt(2 * freedom)
  }

  test.each(Object.entries(reference.random_resized_crop_stats))(
    '%s: boxes are distributed as those of torchvision',
    (name, want) => {
      const { height, width } = reference.config.images[want.image]!
      const boxes = Array.from(
        { length: DRAWS },
        (_, i): Box => resizedCropBox(random(name, i), [height, width], want.scale, want.ratio),
      )
      const measures = {
        area: boxes.map(([, , w, h]) => (w * h) / (width * height)),
        center_x: boxes.map(([left, , w]) => (left + w / 2) / width),
        center_y: boxes.map(([, top, , h]) => (top + h / 2) / height),
        log_width_over_height: boxes.map(([, , w, h]) => Math.log(w / h)),
      }
      for (const key of ['area', 'center_x', 'center_y', 'log_width_over_height'] as const) {
        const values = measures[key]
        const mean = values.reduce((a, b) => a + b, 0) / DRAWS
        const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / DRAWS)
        const stderr = Math.hypot(want[key].stderr, std / Math.sqrt(DRAWS))
        expect(Math.abs(mean - want[key].mean), `mean of ${key}`).toBeLessThan(4 * stderr)
        // The standard error of a standard deviation is std / sqrt(2 n) for normal values and less for flatter ones.
        expect(Math.abs(std - want[key].std), `spread of ${key}`).toBeLessThan((4 * stderr) / Math.SQRT2)
      }
      expect(surprise(histogram(measures.area, 0, 1), want.area_hist)).toBeLessThan(4)
      expect(surprise(histogram(measures.log_width_over_height, -0.4, 0.4), want.log_aspect_hist)).toBeLessThan(4)
    },
  )
})
