import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { nonNegative, optional, probability } from '../../dsl/type'
import { type At, mixingSlot } from '../slots'
import { drawMix } from './box'

/** Each row [B, …] of the batch in turn, the last one first. */
const reversed = (x: tf.Tensor): tf.Tensor => tf.reshape(tf.reverse(tf.reshape(x, [x.shape[0]!, -1]), 0), x.shape)

/** 1 for the numbers below `count` that lie from `first` up to, not including, `end`, else 0. */
const between = (count: number, first: tf.Scalar, end: tf.Scalar): tf.Tensor => {
  const all = tf.range(0, count)
  return tf.cast(tf.logicalAnd(tf.greaterEqual(all, first), tf.less(all, end)), 'float32')
}

/** How much of each pixel is the picture's own: [1, H, W, 1]. */
const ownShare = (height: number, width: number, at: At): tf.Tensor => {
  const rows = tf.reshape(between(height, at('top'), at('bottom')), [1, height, 1, 1])
  const columns = tf.reshape(between(width, at('left'), at('right')), [1, 1, width, 1])
  return tf.mul(tf.sub(1, tf.mul(rows, columns)), at('blend'))
}

const blended = <T extends tf.Tensor>(x: T, share: tf.Tensor): T =>
  tf.add(tf.mul(x, share), tf.mul(reversed(x), tf.sub(1, share))) as T

export const mixing = stage(mixingSlot)({
  name: 'mixing',
  doc: "Mixes the pictures of a batch with one another, the first with the last and so on, and their labels in the same shares: all pixels (mixup) or a box of them (CutMix). What is drawn holds for the whole batch. Views and masks are drawn before, and are what 'ibot view' shows.",
  equation: 'x ← λ x + (1 - λ) x′ (mixup), a box of the share 1 - λ from x′ (CutMix); y ← λ y + (1 - λ) y′; λ ~ Beta(α, α)',
  source:
    "mixup (arXiv 1710.09412), CutMix (arXiv 1905.04899); timm's Mixup in mode batch, with which the reference implementation fine-tunes",
  needs: ['views', 'labels'],
  gives: ['mixed'],
  example: { mixup: 0.8, cutmix: 1 },
  fields: {
    mixup: optional(nonNegative, 0.8, 'α of mixup; 0: none'),
    cutmix: optional(nonNegative, 1, 'α of CutMix; 0: none'),
    p: optional(probability, 1, 'share of the batches that are mixed'),
    switchProb: optional(probability, 0.5, 'share of them that are mixed by CutMix, where both are there'),
  },
  refine: ({ mixup, cutmix }) =>
    mixup > 0 || cutmix > 0
      ? []
      : [
          {
            path: ['mixup'],
            message: 'neither mixup nor cutmix is above 0: nothing would be mixed',
            suggestion: 'leave the stage out',
          },
        ],
  build: (mixture) => ({
    divisible: true,
    draw: (draw, size) => ({ ...drawMix(mixture, draw, size) }),
    pictures: (images, at) => blended(images, ownShare(images.shape[1], images.shape[2], at)),
    labels: (labels, at) => blended(labels, at('lambda')),
  }),
})
