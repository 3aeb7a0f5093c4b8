/** The Swin transformer (arXiv 2103.14030) of iBOT: windows of attention, a map that is halved between stages, no [CLS] token. */
import * as tf from '@tensorflow/tfjs-core'
import { epsOf } from './block'
import type { Encoder, OpenEncoder } from './encoder'
import { below, type Context, evaluation, type Layer, scope, type WeightSpecs, type Weights, weight, within } from './layer'
import { layerNorm } from './norm'
import { hide, patchEmbed, patchEmbedWeights } from './patchEmbed'
import { pick } from './pick'
import { patchMerging, type SwinBlockShape, swinBlock, swinBlockAttention } from './swinBlock'

export interface SwinShape extends Omit<SwinBlockShape, 'heads' | 'shift'> {
  readonly channels: number
  /** Side in pixels of the images for which windows and shifts are laid out; others are padded to the same windows. */
  readonly imageSize: number
  /** Side of a patch in pixels. */
  readonly patch: number
  /** Features of the first stage; they double from stage to stage. */
  readonly width: number
  /** Blocks of each stage, and their attention heads. */
  readonly depths: readonly number[]
  readonly heads: readonly number[]
  /** Drop-path rate of the last block; it grows linearly from 0 at the first. */
  readonly dropPath: number
}

interface Stage {
  readonly blocks: readonly { readonly name: string; readonly shape: SwinBlockShape; readonly layer: Layer }[]
  /** After all stages but the last. */
  readonly downsample: Layer | undefined
}

/** A stage no larger than a window has one window, and nothing to shift; otherwise every second block is shifted by half a window. */
const windowing = (resolution: number, window: number, block: number): { readonly window: number; readonly shift: number } =>
  resolution <= window ? { window: resolution, shift: 0 } : { window, shift: block % 2 === 0 ? 0 : Math.floor(window / 2) }

const stagesOf = (shape: SwinShape): readonly Stage[] => {
  const { depths, heads } = shape
  const total = depths.reduce((sum, depth) => sum + depth, 0)
  const cells = Math.floor(shape.imageSize / shape.patch)
  let before = 0
  return depths.map((depth, stage) => {
    const width = shape.width * 2 ** stage
    const resolution = Math.floor(cells / 2 ** stage)
    const first = before
    before += depth
    const blocks = Array.from({ length: depth }, (_, i) => {
      const name = `layers.${stage}.blocks.${i}`
      const dropPath = total > 1 ? (shape.dropPath * (first + i)) / (total - 1) : 0
      const own = { ...shape, width, heads: heads[stage]!, dropPath, ...windowing(resolution, shape.window, i) }
      return { name, shape: own, layer: scope(name, swinBlock(own)) }
    })
    const last = stage === depths.length - 1
    return { blocks, downsample: last ? undefined : scope(`layers.${stage}.downsample`, patchMerging(width, epsOf(shape))) }
  })
}

/** A mask [B, n] over a coarser grid than that of h × w patches, each cell repeated: [B, h · w]. */
const repeated = (mask: tf.Tensor, height: number, width: number): tf.Tensor => {
  const [batch, cells] = mask.shape as [number, number]
  const times = Math.round(Math.sqrt((height * width) / cells))
  if (times === 1) return mask
  const [rows, columns] = [height / times, width / times]
  return tf.reshape(tf.tile(tf.reshape(mask, [batch * rows, 1, columns, 1]), [1, times, 1, times]), [batch, height * width])
}

export const swin = (shape: SwinShape): OpenEncoder => {
  const stages = stagesOf(shape)
  const blocks = stages.flatMap((stage) => stage.blocks)
  const embedNorm = scope('patch_embed.norm', layerNorm(shape.width, epsOf(shape)))
  const width = shape.width * 2 ** (stages.length - 1)
  const norm = scope('norm', layerNorm(width, epsOf(shape)))

  /** Images → map [B, h, w, width of the first stage]. */
  const embed = (weights: Weights, images: tf.Tensor4D, mask?: tf.Tensor): tf.Tensor => {
    const [batch, height, breadth] = images.shape
    const [rows, columns] = [Math.floor(height / shape.patch), Math.floor(breadth / shape.patch)]
    const seen = embedNorm.apply(
      weights,
      patchEmbed(within('patch_embed.proj', weights), images, shape),
      evaluation,
    ) as tf.Tensor3D
    const patches = mask === undefined ? seen : hide(seen, repeated(mask, rows, columns), weights('masked_embed'))
    return tf.reshape(patches, [batch, rows, columns, shape.width])
  }
  /** Through all blocks; `seen` gets every block's input and output. */
  const through = (
    weights: Weights,
    map: tf.Tensor,
    context: Context,
    seen: (input: tf.Tensor, output: tf.Tensor) => void = () => undefined,
  ): tf.Tensor =>
    stages.reduce((x, { blocks, downsample }) => {
      const y = blocks.reduce((input, { layer }) => {
        const output = layer.apply(weights, input, context)
        seen(input, output)
        return output
      }, x)
      return downsample === undefined ? y : downsample.apply(weights, y, context)
    }, map)
  /** A map [B, h, w, C] as tokens, their mean before them: [B, 1 + h · w, C]. */
  const tokensOf = (map: tf.Tensor): tf.Tensor3D => {
    const [batch, height, breadth, features] = map.shape as [number, number, number, number]
    const patches = tf.reshape(map, [batch, height * breadth, features])
    return tf.concat([tf.mean(patches, 1, true), patches], 1) as tf.Tensor3D
  }
  const tokens: Encoder['tokens'] = (weights, images, mask, context) =>
    tokensOf(norm.apply(weights, through(weights, embed(weights, images, mask), context), context))

  /** All weights, with these among those that are no layer's. */
  const weightsWith = (own: WeightSpecs): WeightSpecs => ({
    ...own,
    ...below('patch_embed.proj', patchEmbedWeights(shape)),
    ...embedNorm.weights,
    ...Object.assign(
      {},
      ...stages.flatMap(({ blocks, downsample }) => [...blocks.map(({ layer }) => layer.weights), downsample?.weights]),
    ),
    ...norm.weights,
  })

  return {
    weights: weightsWith({}),
    maskedWeights: weightsWith({ masked_embed: weight([1, shape.width], { kind: 'zeros' }) }),
    draws: Object.assign({}, ...blocks.map(({ layer }) => layer.draws)),
    tokens,
    // The mean of all patches needs all of them.
    tokensAt: (weights, images, mask, rows, context) => pick(tokens(weights, images, mask, context), rows),
    blocks: {
      count: blocks.length,
      alike: stages.at(-1)!.blocks.length,
      outputs: (weights, images, last) => {
        const outputs: tf.Tensor[] = []
        through(weights, embed(weights, images), evaluation, (_, output) => outputs.push(output))
        // Only outputs of the last stage go through the final norm.
        const inLastStage = (i: number): boolean => i >= blocks.length - stages[stages.length - 1]!.blocks.length
        const finished = outputs.map((map, i) => (inLastStage(i) ? norm.apply(weights, map, evaluation) : map))
        return finished.slice(-last).map(tokensOf)
      },
      finished: (_, output) => output,
    },
    lastAttention: (weights, images) => {
      const inputs: tf.Tensor[] = []
      through(weights, embed(weights, images), evaluation, (input) => inputs.push(input))
      const { name, shape } = blocks[blocks.length - 1]!
      return swinBlockAttention(shape, within(name, weights), inputs[inputs.length - 1]!)
    },
  }
}
