/** What every backbone is to the rest of a step: pictures in, one feature of the whole picture and one of every patch out. */
import type * as tf from '@tensorflow/tfjs-core'
import type { Context, DrawSpecs, WeightSpecs, Weights } from './layer'
import type { RowIndices } from './pick'

export interface Encoder {
  /** By the names of the official checkpoint, in the order of its state dict. */
  readonly weights: WeightSpecs
  /** The weights of a student whose images are masked: the embedding that stands for a masked patch is among them. */
  readonly maskedWeights: WeightSpecs
  readonly draws: DrawSpecs
  /**
   * Images [B, H, W, C] and mask [B, h · w] (1 = hidden) or none → tokens [B, 1 + N, width]: first what stands for the whole
   * picture, then the N patches of the output row by row. The mask's cells are those patches.
   */
  readonly tokens: (weights: Weights, images: tf.Tensor4D, mask: tf.Tensor | undefined, context: Context) => tf.Tensor3D
  /** The same at some rows only: [R, width]. What the last block does to each token by itself may be done to those rows alone. */
  readonly tokensAt: (
    weights: Weights,
    images: tf.Tensor4D,
    mask: tf.Tensor | undefined,
    rows: RowIndices,
    context: Context,
  ) => tf.Tensor2D
  /**
   * What stands for the whole picture alone, never masked and in evaluation mode: [B, width], the first token of `tokens`. Absent
   * where it takes as long as all tokens.
   */
  readonly cls?: (weights: Weights, images: tf.Tensor4D) => tf.Tensor2D
  /**
   * The attention of the last block, [B, heads, n, n], where n are the tokens of the output, or a picture's windows one after
   * the other in place of B; never masked. What is paid to registers is left out. Absent where there is no attention.
   */
  readonly lastAttention?: (weights: Weights, images: tf.Tensor4D) => tf.Tensor4D
  /** Its blocks, one after the other. Absent where it has none that probes may look at. */
  readonly blocks?: {
    readonly count: number
    /** How many of the last ones have the patches of the output. */
    readonly alike: number
    /**
     * The outputs of the last so many, each [B, 1 + n, features of its stage], oldest first; never masked. As in the official code
     * the final norm is applied where it belongs to tokens, and nothing is pooled.
     */
    readonly outputs: (weights: Weights, images: tf.Tensor4D, last: number) => readonly tf.Tensor3D[]
    /** An output finished as the last one is: of the last block this is what `tokens` gives, pooled where the picture's token is a mean. */
    readonly finished: (weights: Weights, output: tf.Tensor3D) => tf.Tensor3D
  }
}

/** One that can be looked into. */
export type OpenEncoder = Encoder & Required<Pick<Encoder, 'lastAttention' | 'blocks'>>
