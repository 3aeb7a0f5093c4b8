/** What all vision transformers have in common, whatever their size. */
import type { Objection } from '../../dsl/spec'
import { choice, flag, integer, type Meant, maybe, nonNegative, numberIn, optional, positive, required } from '../../dsl/type'
import { vitLayers } from '../../nn/layerOrder'
import { vit as network } from '../../nn/vit'
import type { Backbone } from '../slots'
import type { VitSize } from './sizes'

const size = {
  patch: required(integer(1, 16_384), 'side of a patch in pixels'),
  width: required(integer(1, 1_000_000), 'features of a token'),
  depth: required(integer(1, 1000), 'number of blocks'),
  heads: required(integer(1, 1_000_000), 'attention heads of a block; divides the width'),
}
const options = {
  mlpRatio: optional(positive, 4, 'hidden features of the MLP, as a multiple of the width'),
  qkvBias: optional(flag, true, 'whether queries, keys and values have a bias'),
  qkScale: maybe(positive, 'what queries · keys are multiplied by; by default 1 / √(width / heads)'),
  layerNormEps: maybe(positive, 'epsilon of the layer normalisations, added to the variance; by default 1e-6'),
  dropout: optional(numberIn(0, 0.99), 0, 'dropout of tokens, attention outputs and the MLP, in the student'),
  attentionDropout: optional(numberIn(0, 0.99), 0, 'dropout of the attention, in the student'),
  dropPath: optional(
    numberIn(0, 0.99),
    0,
    "stochastic depth, in the student: the last block's rate, growing linearly from 0 at the first",
  ),
  layerScale: optional(nonNegative, 0, "first value of each branch's learnt factors (LayerScale); 0 for none"),
  registers: optional(
    integer(0, 1024),
    0,
    'register tokens: they take part in attention, and nothing is asked of their outputs (arXiv 2309.16588)',
  ),
  pooling: optional(
    choice('cls', 'mean'),
    'cls',
    'what stands for the whole picture: the [CLS] token or the normalised mean of the patches',
  ),
  imageSize: maybe(integer(1, 16_384), 'side in pixels that the position table is made for; by default that of the global views'),
}

export const vitFields = { ...size, ...options }

/** What a vision transformer of a usual size is. */
export const sizedVitDoc = (name: string, { width, depth, heads }: VitSize): string =>
  `${name}: a vision transformer of width ${width}, depth ${depth} and ${heads} heads, with patches of 16 unless it is said otherwise.`

/** The same fields, of which none need be written. */
export const sizedVitFields = ({ width, depth, heads }: VitSize) => ({
  patch: optional(size.patch.type, 16, size.patch.doc),
  width: optional(size.width.type, width, size.width.doc),
  depth: optional(size.depth.type, depth, size.depth.doc),
  heads: optional(size.heads.type, heads, size.heads.doc),
  ...options,
})

interface Parameters extends Meant<typeof vitFields> {}

export const refineVit = ({ width, heads, patch, imageSize, mlpRatio }: Parameters): readonly Objection[] => [
  ...(Math.floor(width * mlpRatio) >= 1
    ? []
    : [{ path: ['mlpRatio'], message: `the MLP would have no features: ${mlpRatio} × ${width} is less than 1` }]),
  ...(width % heads === 0
    ? []
    : [
        {
          path: ['heads'],
          message: `the heads (${heads}) must divide the width (${width})`,
          suggestion: `${divisorNear(width, heads)} would`,
        },
      ]),
  ...(imageSize === undefined || imageSize >= patch
    ? []
    : [{ path: ['imageSize'], message: `the image size (${imageSize}) is smaller than a patch (${patch})` }]),
]

export const buildVit = ({ imageSize, ...shape }: Parameters): Backbone => ({
  width: shape.width,
  stride: shape.patch,
  hasCls: true,
  layers: vitLayers(shape.depth),
  embeddings: ['cls_token', 'pos_embed', 'register_tokens'],
  architecture: ({ size }) => {
    const { dropout: _, attentionDropout: _attention, dropPath: _path, qkScale, ...rest } = shape
    return { family: 'vit', ...rest, qkScale, imageSize: imageSize ?? size }
  },
  student: ({ channels, size }) => network({ ...shape, channels, imageSize: imageSize ?? size }),
  teacher: ({ channels, size }) =>
    network({ ...shape, dropout: 0, attentionDropout: 0, dropPath: 0, channels, imageSize: imageSize ?? size }),
})

/** The divisor of `width` that is closest to `wanted`. */
const divisorNear = (width: number, wanted: number): number => {
  for (let distance = 1; distance < width; distance++) {
    if (wanted > distance && width % (wanted - distance) === 0) return wanted - distance
    if (width % (wanted + distance) === 0) return wanted + distance
  }
  return 1
}
