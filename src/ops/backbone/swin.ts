import { stage } from '../../dsl/plan'
import { flag, integer, list, maybe, numberIn, optional, positive, required } from '../../dsl/type'
import { swin as network } from '../../nn/swin'
import { backboneSlot } from '../slots'

export const swin = stage(backboneSlot)({
  name: 'swin',
  doc: 'A Swin transformer: attention within windows, every second time shifted, over a map of patches that is halved from stage to stage. The mean of the last map stands in for [CLS]; masks are drawn over that map and cover whole cells of it.',
  source: 'Swin (arXiv 2103.14030); Swin-T is width 96, depths 2, 2, 6, 2, heads 3, 6, 12, 24',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { width: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24], window: 7, dropPath: 0.1 },
  fields: {
    patch: optional(integer(1, 16_384), 4, 'side in pixels of a patch of the first stage'),
    width: required(integer(1, 1_000_000), 'features of a patch in the first stage; they double from stage to stage'),
    depths: required(list(integer(1, 1000), { max: 12 }), 'blocks of each stage'),
    heads: required(list(integer(1, 1_000_000), { max: 12 }), 'attention heads of the blocks of each stage; divide its width'),
    window: optional(integer(1, 16_384), 7, 'side of a window in patches of its stage'),
    mlpRatio: optional(positive, 4, 'hidden features of the MLP, as a multiple of the width'),
    qkvBias: optional(flag, true, 'whether queries, keys and values have a bias'),
    qkScale: maybe(positive, 'what queries · keys are multiplied by; by default 1 / √(width / heads)'),
    dropPath: optional(
      numberIn(0, 0.99),
      0,
      "stochastic depth, in the student: the last block's rate, growing linearly from 0 at the first",
    ),
    imageSize: maybe(
      integer(1, 16_384),
      'side in pixels for which windows and shifts are laid out; by default that of the global views',
    ),
  },
  refine: ({ width, depths, heads, patch, imageSize, mlpRatio }) => [
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
  ],
  build: ({ imageSize, ...shape }) => ({
    width: shape.width * 2 ** (shape.depths.length - 1),
    stride: shape.patch * 2 ** (shape.depths.length - 1),
    student: ({ channels, size }) => network({ ...shape, channels, imageSize: imageSize ?? size }),
    teacher: ({ channels, size }) => network({ ...shape, dropPath: 0, channels, imageSize: imageSize ?? size }),
  }),
})
