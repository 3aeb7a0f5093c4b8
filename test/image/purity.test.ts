import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gaussianBlur } from '../../src/image/blur'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from '../../src/image/color'
import { centerCrop, crop } from '../../src/image/crop'
import { flipHorizontal } from '../../src/image/flip'
import { normalize } from '../../src/image/normalize'
import type { Picture } from '../../src/image/picture'
import { resize } from '../../src/image/resize'
import { solarize } from '../../src/image/solarize'
import { anyPicture } from './pictures'

const OPERATIONS: Readonly<Record<string, (picture: Picture) => unknown>> = {
  resize: resize({ interpolation: 'bicubic', size: [7, 9] }),
  crop: crop(-1, 1, 5, 6),
  centerCrop: centerCrop(6),
  flipHorizontal,
  adjustBrightness: adjustBrightness(1.3),
  adjustContrast: adjustContrast(0.4),
  adjustSaturation: adjustSaturation(1.8),
  adjustHue: adjustHue(0.2),
  grayscale,
  gaussianBlur: gaussianBlur(1.4),
  solarize: solarize(),
  normalize: normalize([0.5, 0.5, 0.5], [0.2, 0.2, 0.2]),
}

test.each(Object.entries(OPERATIONS))('%s leaves its picture untouched and gives the same again', (_, operation) => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      const before = { ...picture, data: picture.data.slice() }
      const first = operation(picture)
      expect(picture).toEqual(before)
      expect(operation(picture)).toEqual(first)
    }),
    { numRuns: 30 },
  )
})
