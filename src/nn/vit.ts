/** The vision transformer (arXiv 2010.11929) of iBOT: [CLS] and patch tokens, of which some may be masked. */
import * as tf from '@tensorflow/tfjs-core'
import { type Block, type BlockShape, block, blockAttention, epsOf } from './block'
import { dropout } from './dropout'
import type { OpenEncoder } from './encoder'
import {
  below,
  type Context,
  contextWithin,
  type DrawSpecs,
  evaluation,
  type Layer,
  scope,
  sequence,
  type WeightSpecs,
  type Weights,
  weight,
  within,
} from './layer'
import { layerNorm } from './norm'
import { hide, patchEmbed, patchEmbedWeights } from './patchEmbed'
import { firstOf, pick, type RowIndices } from './pick'
import { positionsFor } from './position'

export interface VitShape extends Omit<BlockShape, 'dropPath'> {
  readonly channels: number
  /** Side in pixels of the images that the position table is made for. */
  readonly imageSize: number
  readonly patch: number
  readonly depth: number
  /** Learnt tokens without a position that take part in attention and are left out of the output (arXiv 2309.16588). */
  readonly registers: number
  /** Drop-path rate of the last block; it grows linearly from 0 at the first. */
  readonly dropPath: number
  /** What the [CLS] slot of the output holds: the token, or the normalised mean of the patch tokens. */
  readonly pooling: 'cls' | 'mean'
}

const TOKEN_INIT = { kind: 'truncatedNormal', std: 0.02 } as const
/** As DINOv2 starts its registers: alike, but for the noise by which they part. */
const REGISTER_INIT = { kind: 'truncatedNormal', std: 1e-6 } as const

/** The draws of sequences that are longer by some tokens than what their callers know of. */
const longer = (draws: DrawSpecs, by: number): DrawSpecs =>
  Object.fromEntries(Object.entries(draws).map(([name, of]) => [name, (batch, tokens) => of(batch, tokens + by)]))

export const vit = (shape: VitShape): OpenEncoder => {
  const { width, depth, patch, imageSize, registers } = shape
  const blockShape = (i: number): BlockShape => ({ ...shape, dropPath: depth > 1 ? (shape.dropPath * i) / (depth - 1) : 0 })
  const bare: readonly Block[] = Array.from({ length: depth }, (_, i) => block(blockShape(i)))
  const nameOf = (i: number) => `blocks.${i}`
  const blocks: readonly Layer[] = bare.map((one, i) => scope(nameOf(i), one))
  const positionDropout = scope(
    'pos_drop',
    dropout(shape.dropout, (batch, tokens) => [batch, tokens, width]),
  )
  const body = sequence(positionDropout, ...blocks)
  const bodyButLast = sequence(positionDropout, ...blocks.slice(0, -1))
  const last = depth - 1
  const norm = scope(shape.pooling === 'mean' ? 'fc_norm' : 'norm', layerNorm(width, epsOf(shape)))
  const cells = Math.floor(imageSize / patch) ** 2

  const embed = (weights: Weights, images: tf.Tensor4D, mask?: tf.Tensor): tf.Tensor3D => {
    const [batch, height, breadth] = images.shape
    const seen = patchEmbed(within('patch_embed.proj', weights), images, shape)
    const patches = mask === undefined ? seen : hide(seen, mask, weights('masked_embed'))
    // Added to zeros rather than tiled: the gradient is then one sum over the batch.
    const cls = tf.add(tf.zeros([batch, 1, width]), weights('cls_token'))
    const positions = positionsFor(weights('pos_embed'), Math.floor(height / patch), Math.floor(breadth / patch))
    const placed = tf.add(tf.concat([cls, patches], 1), positions)
    if (registers === 0) return placed as tf.Tensor3D
    // Last, so that the tokens of the output keep their numbers; attention knows no order.
    return tf.concat([placed, tf.add(tf.zeros([batch, registers, width]), weights('register_tokens'))], 1) as tf.Tensor3D
  }
  const withoutRegisters = (x: tf.Tensor): tf.Tensor =>
    registers === 0 ? x : tf.slice(x, [0, 0, 0], [x.shape[0]!, x.shape[1]! - registers, width])
  /** Rows of sequences [B, n] counted in those with registers behind, [B, n + registers]. */
  const amongRegisters = (rows: RowIndices, tokens: number): RowIndices =>
    registers === 0 ? rows : tf.add(rows, tf.mul(tf.floorDiv(rows, tf.scalar(tokens, 'int32')), tf.scalar(registers, 'int32')))
  const patchesOf = (x: tf.Tensor): tf.Tensor => tf.slice(x, [0, 1, 0], [x.shape[0]!, x.shape[1]! - 1, width])
  /** Tokens with the normalised mean of the patches in the place of [CLS]. */
  const pooled = (weights: Weights, x: tf.Tensor, context: Context): tf.Tensor3D =>
    tf.concat([norm.apply(weights, tf.mean(patchesOf(x), 1, true), context), patchesOf(x)], 1) as tf.Tensor3D
  const finished = (weights: Weights, all: tf.Tensor, context: Context): tf.Tensor3D => {
    const x = withoutRegisters(all)
    return shape.pooling === 'cls' ? (norm.apply(weights, x, context) as tf.Tensor3D) : pooled(weights, x, context)
  }

  /** The normalised output at some rows of what the body takes, registers and all. */
  const at = (weights: Weights, embedded: tf.Tensor3D, rows: RowIndices, context: Context): tf.Tensor2D => {
    const name = nameOf(last)
    const before = bodyButLast.apply(weights, embedded, context)
    const picked = bare[last]!.at(within(name, weights), before, rows, contextWithin(name, context))
    return norm.apply(weights, picked, context) as tf.Tensor2D
  }

  /** All weights, with these among those that are no layer's. */
  const weightsWith = (own: WeightSpecs): WeightSpecs => ({
    cls_token: weight([1, 1, width], TOKEN_INIT),
    pos_embed: weight([1, cells + 1, width], TOKEN_INIT),
    ...(registers > 0 ? { register_tokens: weight([1, registers, width], REGISTER_INIT) } : {}),
    ...own,
    ...below('patch_embed.proj', patchEmbedWeights(shape)),
    ...body.weights,
    ...norm.weights,
  })

  return {
    weights: weightsWith({}),
    maskedWeights: weightsWith({ masked_embed: weight([1, width], { kind: 'zeros' }) }),
    draws: longer(body.draws, registers),
    tokens: (weights, images, mask, context) =>
      finished(weights, body.apply(weights, embed(weights, images, mask), context), context),
    tokensAt: (weights, images, mask, rows, context) => {
      const embedded = embed(weights, images, mask)
      // The mean of all patches needs all of them.
      if (shape.pooling === 'mean') return pick(finished(weights, body.apply(weights, embedded, context), context), rows)
      return at(weights, embedded, amongRegisters(rows, embedded.shape[1] - registers), context)
    },
    cls: (weights, images) => {
      const embedded = embed(weights, images)
      const [batch, length] = embedded.shape
      if (shape.pooling === 'mean') return firstOf(finished(weights, body.apply(weights, embedded, evaluation), evaluation))
      return at(weights, embedded, tf.range(0, batch * length, length, 'int32'), evaluation)
    },
    blocks: {
      count: blocks.length,
      alike: blocks.length,
      outputs: (weights, images, last) => {
        let x: tf.Tensor = embed(weights, images)
        const outputs = blocks.map((layer) => {
          x = layer.apply(weights, x, evaluation)
          return x
        })
        // Mean pooling has no final norm on the tokens of a block.
        return outputs
          .slice(-last)
          .map((y) => withoutRegisters(shape.pooling === 'cls' ? norm.apply(weights, y, evaluation) : y) as tf.Tensor3D)
      },
      finished: (weights, output) => (shape.pooling === 'cls' ? output : pooled(weights, output, evaluation)),
    },
    lastAttention: (weights, images) => {
      const before = sequence(...blocks.slice(0, last)).apply(weights, embed(weights, images), evaluation)
      const attention = blockAttention(blockShape(last), within(nameOf(last), weights), before) as tf.Tensor4D
      const [batch, heads, all] = attention.shape
      return registers === 0 ? attention : tf.slice(attention, [0, 0, 0, 0], [batch, heads, all - registers, all - registers])
    },
  }
}
