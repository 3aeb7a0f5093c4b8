import { type Key, random } from '../../base/random'
import { fillTruncatedNormal } from '../../base/truncatedNormal'
import { define } from '../../dsl/op'
import { choice, integer, optional, rangeWithin } from '../../dsl/type'
import { erasedBoxes, writeBox } from '../../image/erase'
import { augmentation, type Finish } from './kind'

type Mode = 'pixel' | 'rand' | 'const'

/** What stands in a rectangle of so many pixels: standard normal numbers, as a normalised picture's are. */
const FILLS: Readonly<Record<Mode, (pixels: number, channels: number, key: Key) => Float32Array>> = {
  pixel: (pixels, channels, key) => fillTruncatedNormal(new Float32Array(pixels * channels), 1, Number.POSITIVE_INFINITY, ...key),
  rand: (pixels, channels, key) => {
    const draw = random(...key)
    const color = Array.from({ length: channels }, () => draw.normal())
    return Float32Array.from({ length: pixels * channels }, (_, i) => color[i % channels]!)
  },
  const: (pixels, channels) => new Float32Array(pixels * channels),
}

export const randomErasing = define(augmentation)({
  name: 'randomErasing',
  doc: "Erases a rectangle of the normalised picture, so that it comes last in a view; write `{ p: 0.25 }` for a chance. What is drawn over it is on the normalised picture's scale and never rounded to bytes, as in timm.",
  source: 'Zhong et al. 2017 (arXiv 1708.04896); timm.data.RandomErasing',
  fields: {
    mode: optional(
      choice('pixel', 'rand', 'const'),
      'pixel',
      "what is drawn over the rectangle: 'pixel', a normal number for every value; 'rand', one for every channel; 'const', 0, which is the mean",
    ),
    count: optional(integer(1, 1000), 1, 'how many rectangles at most; how many is drawn, and they share the area'),
    area: optional(rangeWithin(0, 1), [0.02, 1 / 3], "share of the picture's area: [low, high]"),
    aspect: optional(rangeWithin(0.01, 100), [0.3, 1 / 0.3], 'height over width of a rectangle: [low, high]'),
  },
  main: 'mode',
  example: { mode: 'pixel', p: 0.25 },
  build: ({ mode, ...erasing }) => ({
    size: (before) => before,
    finishes: 'only',
    draw: (draw, shape) => {
      const boxes = erasedBoxes(draw, [shape.height, shape.width], erasing)
      const finish = boxes.map((box): Finish => {
        const noise = draw.integer(2 ** 32)
        return {
          name: 'randomErasing',
          parameters: { rectangle: box, mode, ...(mode === 'const' ? {} : { noise }) },
          apply: (values, of) => writeBox(values, of, box, FILLS[mode](box[2] * box[3], of.channels, ['randomErasing', noise])),
        }
      })
      return { steps: [], finish, shape }
    },
  }),
})
