/** What all optimizers have in common: schedules, clipping, and last layers that wait. */
import * as tf from '@tensorflow/tfjs-core'
import type { Objection } from '../../dsl/spec'
import { flag, nonNegative, numberIn, type Op, optional, required } from '../../dsl/type'
import { duration, outside, scheduled } from '../schedule/kind'
import type { At } from '../slots'

export const commonFields = {
  lr: required(scheduled, 'learning rate'),
  weightDecay: optional(scheduled, 0.04, 'weight decay'),
  clip: optional(nonNegative, 3, "longest norm of each weight's gradient; 0: any"),
  freezeLastLayer: optional(
    duration,
    '1 epoch',
    "how long the head's last layers are left alone at the beginning; of no effect without a bottleneck",
  ),
  layerDecay: optional(
    numberIn(0.01, 1),
    1,
    "factor of the learning rate from each of the backbone's layers to the one below it, for fine-tuning: the head has all of it, block i of L has layerDecay^(L - i), i = 0 … L - 1, and what makes tokens of the pictures layerDecay^(L + 1)",
  ),
  decayEmbeddings: optional(
    flag,
    true,
    'whether the [CLS] token, registers and positions have weight decay like other weights of several dimensions; the official pre-training gives it to them, its fine-tuning (as BEiT, DeiT and timm) does not',
  ),
}

/** What the fields that all optimizers have mean to whoever moves the weights. */
export const commonMeaning = <A extends { readonly layerDecay: number; readonly decayEmbeddings: boolean }>({
  layerDecay,
  decayEmbeddings,
}: A) => ({ layerDecay, decayEmbeddings })

export const refineCommon = ({ lr, weightDecay }: { readonly lr: Op; readonly weightDecay: Op }): readonly Objection[] => [
  ...outside('lr', lr, (value) => value >= 0, '0 or greater'),
  ...outside('weightDecay', weightDecay, (value) => value >= 0, '0 or greater'),
]

/** What keeps a clipped gradient's norm from being divided by zero. */
const CLIP_EPS = 1e-6

/** A gradient shortened to the norm `limit` if it is longer (this one weight's, not all weights' together). */
export const clipped = (gradient: tf.Tensor, limit: number): tf.Tensor => {
  if (limit === 0) return gradient
  const norm = tf.sqrt(tf.sum(tf.square(gradient)))
  return tf.mul(gradient, tf.minimum(1, tf.div(limit, tf.add(norm, CLIP_EPS))))
}

/** The number, to be given by `host`, that says whether last layers move: 1 or 0. */
export const MOVING = 'last.moving'
export const moving = (step: number, frozen: number): number => (step < frozen ? 0 : 1)

/** A weight and its optimizer's state, by name. */
type Values = Readonly<Record<string, tf.Tensor>>

/** What a step makes of values; those of a last layer that waits stay as they are. */
export const unlessWaiting = <M extends Values>(next: M, old: Values, last: boolean, at: At): M => {
  if (!last) return next
  const on = at(MOVING)
  // A sum of products, since choosing by a scalar would first be blown up to the weight's shape.
  return Object.fromEntries(
    Object.entries(next).map(([name, value]) => [name, tf.add(tf.mul(value, on), tf.mul(old[name]!, tf.sub(1, on)))]),
  ) as unknown as M
}

/** A gradient with the pull of the weight decay in it, as in torch.optim.SGD and LARS. */
export const withDecay = (gradient: tf.Tensor, weight: tf.Tensor, decays: boolean, at: At): tf.Tensor =>
  decays ? tf.add(gradient, tf.mul(weight, at('weightDecay'))) : gradient
