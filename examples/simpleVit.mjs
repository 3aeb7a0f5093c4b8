// A backbone of one's own: ibot run FILE --ops examples/simpleVit.mjs
import {
  backboneSlot,
  below,
  block,
  hide,
  integer,
  layerNorm,
  numberIn,
  optional,
  patchEmbed,
  patchEmbedWeights,
  pick,
  required,
  scope,
  sequence,
  stage,
  tf,
  weight,
  within,
} from 'ibot/define'

/** Positions of rows × columns patches as sines and cosines: [1, rows · columns, width]. */
const positions = (rows, columns, width) => {
  const count = width / 4
  const waves = (place) => Array.from({ length: count }, (_, i) => place / 10_000 ** (i / Math.max(1, count - 1)))
  const values = Array.from({ length: rows * columns }, (_, cell) => {
    const [x, y] = [waves(cell % columns), waves(Math.floor(cell / columns))]
    return [...x.map(Math.sin), ...x.map(Math.cos), ...y.map(Math.sin), ...y.map(Math.cos)]
  })
  return tf.tensor3d(values.flat(), [1, rows * columns, width])
}

const network = ({ patch, width, depth, heads, dropPath, channels }) => {
  const shape = { patch, width, channels }
  const blockOf = (i) =>
    block({
      width,
      heads,
      mlpRatio: 4,
      qkvBias: true,
      qkScale: undefined,
      layerScale: 0,
      dropout: 0,
      attentionDropout: 0,
      dropPath: depth > 1 ? (dropPath * i) / (depth - 1) : 0,
    })
  const blocks = Array.from({ length: depth }, (_, i) => scope(`blocks.${i}`, blockOf(i)))
  const body = sequence(...blocks, scope('norm', layerNorm(width, 1e-6)))
  const weights = { ...below('patch_embed.proj', patchEmbedWeights(shape)), ...body.weights }

  /** Images [B, H, W, C] → the mean of all patches, then the patches: [B, 1 + N, width]. */
  const tokens = (values, images, mask, context) => {
    const [, height, breadth] = images.shape
    const seen = patchEmbed(within('patch_embed.proj', values), images, shape)
    const patches = mask === undefined ? seen : hide(seen, mask, values('masked_embed'))
    const placed = tf.add(patches, positions(height / patch, breadth / patch, width))
    const found = body.apply(values, placed, context)
    return tf.concat([tf.mean(found, 1, true), found], 1)
  }
  return {
    weights,
    maskedWeights: { masked_embed: weight([1, width], { kind: 'zeros' }), ...weights },
    draws: body.draws,
    tokens,
    // The mean of all patches needs all of them.
    tokensAt: (values, images, mask, rows, context) => pick(tokens(values, images, mask, context), rows),
  }
}

export const simpleVit = stage(backboneSlot)({
  name: 'simpleVit',
  doc: 'A plain vision transformer: positions are sines and cosines, and the mean of all patches stands for the picture.',
  source: 'Better plain ViT baselines for ImageNet-1k (arXiv 2205.01580)',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  fields: {
    patch: required(integer(1, 1024), 'side of a patch in pixels'),
    width: required(integer(4, 100_000), 'features of a token; a multiple of 4'),
    depth: required(integer(1, 1000), 'number of blocks'),
    heads: required(integer(1, 1000), 'attention heads of a block; divides the width'),
    dropPath: optional(numberIn(0, 0.99), 0, "stochastic depth, in the student: the last block's rate"),
  },
  refine: ({ width, heads }) => [
    ...(width % 4 === 0 ? [] : [{ path: ['width'], message: `the width (${width}) must be a multiple of 4` }]),
    ...(width % heads === 0 ? [] : [{ path: ['heads'], message: `the heads (${heads}) must divide the width (${width})` }]),
  ],
  build: (shape) => ({
    width: shape.width,
    stride: shape.patch,
    hasCls: false,
    architecture: () => ({ family: 'simpleVit', ...shape }),
    student: ({ channels }) => network({ ...shape, channels }),
    teacher: ({ channels }) => network({ ...shape, dropPath: 0, channels }),
  }),
})
