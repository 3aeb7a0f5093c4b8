/**
 * Register tokens, against timm: VisionTransformer(img_size=8, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_ratio=2,
 * num_classes=0, reg_tokens=2) in float64, its k-th weight in alphabetical order of the names here 0.3 sin(0.7 i + k), the
 * positions of its registers 0; `forward_features` without them.
 */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { evaluation } from '../../src/nn/layer'
import { type VitShape, vit } from '../../src/nn/vit'

beforeAll(async () => {
  await useBackend('cpu')()
})

const SHAPE: VitShape = {
  channels: 3,
  imageSize: 8,
  patch: 4,
  width: 8,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
  qkvBias: true,
  qkScale: undefined,
  dropout: 0,
  attentionDropout: 0,
  dropPath: 0,
  layerScale: 0,
  registers: 2,
  pooling: 'cls',
}
const TOKENS = [
  [-0.216189, 0.269784, 0.531398, 0.338001, 0.012811, -0.087676, 0.028828, -0.036638],
  [-0.077743, 0.444028, 0.603249, 0.310855, 0.087835, -0.034112, 0.129556, -0.046947],
  [-0.029974, 0.549712, 0.537615, 0.315012, 0.089149, 0.120173, 0.104438, -0.063249],
  [0.043387, 0.459429, 0.564954, 0.321659, 0.141672, 0.072185, 0.08085, -0.037912],
  [-0.029691, 0.488117, 0.603612, 0.310857, 0.11006, 0.054714, 0.150565, -0.07334],
]

const wave = (shape: readonly number[], phase: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => 0.3 * Math.sin(0.7 * i + phase)),
    [...shape],
  )

describe('a vision transformer with registers', () => {
  const encoder = vit(SHAPE)
  const weights = () =>
    Object.fromEntries(
      Object.keys(encoder.weights)
        .sort()
        .map((name, k) => [name, wave(encoder.weights[name]!.shape, k)]),
    )
  const images = () => wave([1, 8, 8, 3], 1) as tf.Tensor4D
  const close = (got: readonly (readonly number[])[], want: readonly (readonly number[])[]) => {
    expect(got.length).toBe(want.length)
    for (const [i, row] of want.entries()) for (const [j, n] of row.entries()) expect(got[i]![j]).toBeCloseTo(n, 5)
  }

  it("has timm's outputs, and none of the registers", () => {
    const all = weights()
    close(encoder.tokens((name) => all[name]!, images(), undefined, evaluation).arraySync()[0]!, TOKENS)
    close(encoder.blocks.outputs((name) => all[name]!, images(), 1)[0]!.arraySync()[0]!, TOKENS)
  })

  it('has the same at some rows only', () => {
    const all = weights()
    const two = tf.concat([images(), images()]) as tf.Tensor4D
    const rows = tf.tensor1d([0, 4, 5, 7], 'int32')
    const at = encoder.tokensAt((name) => all[name]!, two, undefined, rows, evaluation)
    close(at.arraySync(), [TOKENS[0]!, TOKENS[4]!, TOKENS[0]!, TOKENS[2]!])
  })

  it('shows the attention of its tokens to each other', () => {
    const all = weights()
    expect(encoder.lastAttention((name) => all[name]!, images()).shape).toEqual([1, 2, 5, 5])
  })
})
