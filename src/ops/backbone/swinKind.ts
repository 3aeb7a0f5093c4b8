/** What all Swin transformers have in common, whatever their size. */
import type { Objection } from '../../dsl/spec'
import { flag, integer, list, type Meant, maybe, numberIn, optional, positive, required } from '../../dsl/type'
import { swinLayers } from '../../nn/layerOrder'
import { swin as network } from '../../nn/swin'
import type { Backbone } from '../slots'
import type { SwinSize } from './sizes'

const size = {
  width: required(integer(1, 1_000_000), 'features of a patch in the first stage; they double from stage to stage'),
  depths: required(list(integer(1, 1000), { max: 12 }), 'blocks of each stage'),
  heads: required(list(integer(1, 1_000_000), { max: 12 }), 'attention heads of the blocks of each stage; divide its width'),
}
const dropPath = (rate: number) =>
  optional(
    numberIn(0, 0.99),
    rate,
    "stochastic depth, in the student: the last block's rate, growing linearly from 0 at the first",
  )
const options = {
  patch: optional(integer(1, 16_384), 4, 'side in pixels of a patch of the first stage'),
  window: optional(integer(1, 16_384), 7, 'side of a window in patches of its stage'),
  mlpRatio: optional(positive, 4, 'hidden features of the MLP, as a multiple of the width'),
  qkvBias: optional(flag, true, 'whether queries, keys and values have a bias'),
  qkScale: maybe(positive, 'what queries · keys are multiplied by; by default 1 / √(width / heads)'),
  layerNormEps: maybe(positive, 'epsilon of the layer normalisations, added to the variance; by default 1e-6'),
  imageSize: maybe(
    integer(1, 16_384),
    'side in pixels for which windows and shifts are laid out; by default that of the global views',
  ),
}

export const swinFields = { ...size, ...options, dropPath: dropPath(0) }

/** What a Swin transformer of a usual size is. */
export const sizedSwinDoc = (name: string, { width, depths, dropPath: rate }: SwinSize): string =>
  `${name}: a Swin transformer of width ${width} and depths ${depths.join(', ')}, with windows of 7 and drop path ${rate} unless it is said otherwise.`

/** The same fields, of which none need be written. */
export const sizedSwinFields = ({ width, depths, heads, dropPath: rate }: SwinSize) => ({
  width: optional(size.width.type, width, size.width.doc),
  depths: optional(size.depths.type, depths, size.depths.doc),
  heads: optional(size.heads.type, heads, size.heads.doc),
  ...options,
  dropPath: dropPath(rate),
})

interface Parameters extends Meant<typeof swinFields> {}

export const refineSwin = ({ width, depths, heads, patch, imageSize, mlpRatio }: Parameters): readonly Objection[] => [
  ...(Math.floor(width * mlpRatio) >= 1
    ? []
    : [{ path: ['mlpRatio'], message: `the MLP would have no features: ${mlpRatio} × ${width} is less than 1` }]),
  ...(heads.length === depths.length
    ? []
    : [
        {
          path: ['heads'],
          message: `expected as many numbers of heads as there are depths (${depths.length}), got ${heads.length}`,
        },
      ]),
  ...heads.slice(0, depths.length).flatMap((count, i) =>
    (width * 2 ** i) % count === 0
      ? []
      : [
          {
            path: ['heads', i],
            message: `the heads (${count}) must divide the width of their stage (${width * 2 ** i})`,
          },
        ],
  ),
  ...(imageSize === undefined || imageSize >= patch * 2 ** (depths.length - 1)
    ? []
    : [
        {
          path: ['imageSize'],
          message: `the image size (${imageSize}) is smaller than a cell of the last stage (${patch * 2 ** (depths.length - 1)})`,
        },
      ]),
]

export const buildSwin = ({ imageSize, ...shape }: Parameters): Backbone => ({
  width: shape.width * 2 ** (shape.depths.length - 1),
  stride: shape.patch * 2 ** (shape.depths.length - 1),
  // The mean of the last map stands in for it.
  hasCls: false,
  layers: swinLayers(shape.depths),
  architecture: ({ size }) => {
    const { dropPath: _, qkScale, ...rest } = shape
    return { family: 'swin', ...rest, qkScale, imageSize: imageSize ?? size }
  },
  student: ({ channels, size }) => network({ ...shape, channels, imageSize: imageSize ?? size }),
  teacher: ({ channels, size }) => network({ ...shape, dropPath: 0, channels, imageSize: imageSize ?? size }),
})
