/** From pictures to patches, and what stands for those that are hidden. */
import * as tf from '@tensorflow/tfjs-core'
import { type WeightSpecs, type Weights, weight } from './layer'
import { affine } from './linear'
import { pixelsOf } from './pixels'

export interface PatchShape {
  readonly channels: number
  /** Side of a patch in pixels. */
  readonly patch: number
  /** Features of a patch. */
  readonly width: number
}

/** Weight and bias as torch.nn.Conv2d starts them: U(-1/√(C · patch²), 1/√(C · patch²)). */
export const patchEmbedWeights = ({ channels, patch, width }: PatchShape): WeightSpecs => {
  const init = { kind: 'uniform', bound: 1 / Math.sqrt(channels * patch * patch) } as const
  return { weight: weight([width, channels, patch, patch], init), bias: weight([width], init) }
}

/** Images [B, H, W, C] → patches [B, h · w, width]: a convolution with kernel and stride `patch`; a remainder is cut off. */
export const patchEmbed = (weights: Weights, images: tf.Tensor4D, { patch, width, channels }: PatchShape): tf.Tensor3D => {
  const [batch, height, breadth] = images.shape
  const [rows, columns] = [Math.floor(height / patch), Math.floor(breadth / patch)]
  const whole = rows * patch === height && columns * patch === breadth
  const cut = whole ? images : tf.slice(images, [0, 0, 0, 0], [batch, rows * patch, columns * patch, channels])
  // [width, C, patch, patch] as PyTorch stores it → [width, patch · patch · C], the order of the pixels in a patch.
  const kernel = tf.reshape(tf.transpose(weights('weight'), [0, 2, 3, 1]), [width, patch * patch * channels])
  return affine(pixelsOf(cut, patch), kernel, weights('bias')) as tf.Tensor3D
}

/** Hidden patches become the mask embedding: x · (1 - m) + e · m for x [B, N, width], m [B, N], e [1, width]. */
export const hide = (patches: tf.Tensor3D, mask: tf.Tensor, embedding: tf.Tensor): tf.Tensor3D => {
  const hidden = tf.expandDims(tf.cast(mask, 'float32'), 2)
  return tf.add(tf.mul(patches, tf.sub(1, hidden)), tf.mul(hidden, tf.expandDims(embedding, 0)))
}
