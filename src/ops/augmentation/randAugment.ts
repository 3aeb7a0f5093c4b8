import type { Random } from '../../base/random'
import { define } from '../../dsl/op'
import { choice, flag, integer, nonNegative, numberIn, optional } from '../../dsl/type'
import type { Interpolation } from '../../image/filter'
import { fillColor } from './fill'
import { augmentation } from './kind'
import { RAND_AUGMENT_STEPS, STRONGEST } from './randAugmentSteps'

/** How likely each of the steps that were chosen is applied. */
const CHANCE = 0.5

const MAKERS = Object.values(RAND_AUGMENT_STEPS)

const clamp = (magnitude: number): number => Math.max(0, Math.min(STRONGEST, magnitude))

const drawInterpolation = (draw: Random, written: Interpolation | 'random'): Interpolation =>
  written !== 'random' ? written : draw.integer(2) === 0 ? 'bilinear' : 'bicubic'

export const randAugment = define(augmentation)({
  name: 'randAugment',
  doc: "RandAugment: a few of fifteen changes of colour and shape (autocontrast, equalize, invert, rotate, posterize, solarize, solarizeAdd, saturation, contrast, brightness, sharpness, shear and translation along x and y), one after the other; each is chosen as likely as the others and then applied with probability 0.5. Written without parameters it is timm's rand-m9-mstd0.5-inc1, with which iBOT, BEiT, DeiT and Swin are fine-tuned.",
  equation: 'magnitude ~ N(magnitude, magnitudeStd²), clipped to [0, 10]',
  source: 'Cubuk et al. 2019 (arXiv 1909.13719), as timm.data.auto_augment has it; the changes are those of Pillow, bit for bit',
  fields: {
    magnitude: optional(numberIn(0, STRONGEST), 9, 'how strong the changes are, at most 10'),
    magnitudeStd: optional(nonNegative, 0.5, 'standard deviation of the magnitude, which is drawn for each change'),
    layers: optional(integer(1, 100), 2, 'how many changes are chosen, the same one perhaps again'),
    increasing: optional(
      flag,
      true,
      'whether all changes grow stronger with the magnitude; if not, posterize and solarize grow weaker and factors go from 0.1 to 1.9',
    ),
    interpolation: optional(
      choice('bicubic', 'bilinear', 'random'),
      'bicubic',
      "how pixels between pixels are made when a picture is moved; 'random': either, drawn for each change",
    ),
    fill: optional(
      fillColor,
      [124, 116, 104],
      "what stands where a picture is moved away: a value, or [red, green, blue]; by default the mean of ImageNet's pictures",
    ),
  },
  build: ({ magnitude, magnitudeStd, layers, increasing, interpolation, fill }) => ({
    size: (before) => before,
    draw: (draw, shape) => {
      const layer = () => {
        const make = MAKERS[draw.integer(MAKERS.length)]!
        if (draw.uniform() >= CHANCE) return []
        const step = make({
          magnitude: clamp(magnitude + magnitudeStd * draw.normal()),
          negative: draw.uniform() < 0.5,
          increasing,
          interpolation: drawInterpolation(draw, interpolation),
          fill: fill(shape.channels),
          shape,
        })
        return [step]
      }
      return { steps: Array.from({ length: layers }, layer).flat(), shape }
    },
  }),
})
