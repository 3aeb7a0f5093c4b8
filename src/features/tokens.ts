/** What of a network's tokens is written, as functions of tensors. */
import * as tf from '@tensorflow/tfjs-core'
import { featureFunction, lastOutputs, meanOf, partsOf, patchesOf } from '../evaluate/networkFeatures'
import { IMAGES } from '../evaluate/outputs'
import { within } from '../nn/layer'
import type { TensorFunction } from '../nn/tensorFunction'
import type { NamedNetwork } from '../program/networks'
import { BACKBONE } from '../program/stateNames'
import type { Tokens } from './names'

export interface TokenChoice {
  readonly tokens: Tokens
  /** From how many of the last blocks; one after the other along the width, the oldest first. */
  readonly blocks: number
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
    const { which, network } = named
    const outputs = lastOutputs(network.backbone, within(`${which}.${BACKBONE}`, input), input(IMAGES) as tf.Tensor4D, blocks)
    // Blocks of different stages have means, but no patches in common.
    return { rows: tokens === 'patch' ? tf.concat(outputs.map(patchesOf), 2) : tf.concat(outputs.map(meanOf), 1) }
  }
