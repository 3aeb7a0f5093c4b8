/** What of a network's tokens is written, as functions of tensors. */
import * as tf from '@tensorflow/tfjs-core'
import { featureFunction, partsOf } from '../evaluate/networkFeatures'
import { IMAGES } from '../evaluate/outputs'
import { evaluation, within } from '../nn/layer'
import type { TensorFunction } from '../nn/tensorFunction'
import type { NamedNetwork } from '../program/networks'
import { BACKBONE } from '../program/stateNames'

/** [CLS]; the mean of the patches; or all patches. */
export const TOKENS = ['cls', 'mean', 'patch'] as const
export type Tokens = (typeof TOKENS)[number]

export interface TokenChoice {
  readonly tokens: Tokens
  /** From how many of the last blocks; one after the other along the width, the oldest first. */
  readonly blocks: number
}

/** Without its first token. */
const patchesOf = (tokens: tf.Tensor3D): tf.Tensor3D => {
  const [batch, count, width] = tokens.shape
  return tf.slice(tokens, [0, 1, 0], [batch, count - 1, width])
}

const outputsOf = ({ which, network: { backbone } }: NamedNetwork, blocks: number, input: Parameters<TensorFunction>[0]) => {
  const weights = within(`${which}.${BACKBONE}`, input)
  const images = input(IMAGES) as tf.Tensor4D
  return blocks === 1
    ? [backbone.tokens(weights, images, undefined, evaluation)]
    : backbone.blocks!.outputs(weights, images, blocks).map((output) => backbone.blocks!.finished(weights, output))
}

/** Normalised images [B, H, W, C] → `rows`: [B, width], or [B, patches, width]. */
export const tokenFunction =
  (named: NamedNetwork, { tokens, blocks }: TokenChoice): TensorFunction =>
  (input) => {
    if (tokens === 'cls') {
      const choice = { cls: blocks, mean: false }
      const parts = featureFunction(named, choice)(input)
      return {
        rows: tf.concat(
          partsOf(choice).map((part) => parts[part]!),
          1,
        ),
      }
    }
    const patches = outputsOf(named, blocks, input).map(patchesOf)
    // Blocks of different stages have means, but no patches in common.
    return {
      rows:
        tokens === 'patch'
          ? tf.concat(patches, 2)
          : tf.concat(
              patches.map((some) => tf.mean(some, 1)),
              1,
            ),
    }
  }
