/** Normalisations, and the unit vectors of the head. */
import * as tf from '@tensorflow/tfjs-core'
import { columnSums } from './columnSums'
import { fused } from './fused'
import { type Layer, type Save, weight } from './layer'
import { meanAcross } from './meanAcross'

/** y, and what the backward pass needs: the vectors before gain and shift, and 1 / standard deviation. */
const normalised =
  (eps: number) =>
  ({ x, gain, shift }: Readonly<Record<'x' | 'gain' | 'shift', tf.Tensor>>) => {
    const centred = tf.sub(x, tf.mean(x, -1, true))
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), eps))
    const unit = tf.mul(centred, inverse)
    return { y: tf.add(tf.mul(unit, gain), shift), unit, inverse }
  }

/** The gradient by x, and what the gradient by the gain sums up. */
const gradients = ({ dy, unit, inverse, gain }: Readonly<Record<'dy' | 'unit' | 'inverse' | 'gain', tf.Tensor>>) => {
  const dUnit = tf.mul(dy, gain)
  const along = tf.mul(unit, tf.mean(tf.mul(dUnit, unit), -1, true))
  return { dx: tf.mul(inverse, tf.sub(tf.sub(dUnit, tf.mean(dUnit, -1, true)), along)), dGain: tf.mul(dy, unit) }
}

interface NormUse {
  /** Whether only products of matrices take what it gives: in bfloat16 that may be rounded at once. */
  readonly feedsProducts?: boolean
}

const normalise = (eps: number, { feedsProducts = false }: NormUse) =>
  tf.customGrad((x, gain, shift, save) => {
    const inputs = { x: x as tf.Tensor, gain: gain as tf.Tensor, shift: shift as tf.Tensor }
    const factors = feedsProducts ? (['y'] as const) : []
    const { y, unit, inverse } = fused(`layerNorm${eps}${factors}`, normalised(eps), inputs, { factors })
    ;(save as Save)([unit, inverse, inputs.gain])
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [unit, inverse, gain] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]
        const { dx, dGain } = fused('layerNormGrad', gradients, { dy, unit, inverse, gain }, { factors: ['dGain'] })
        return [dx, columnSums(dGain), columnSums(dy)]
      },
    }
  })

/** Layer normalisation (arXiv 1607.06450) over the last axis of [..., width]: (x - mean) / √(variance + eps) · weight + bias. */
export const layerNorm = (width: number, eps: number, use: NormUse = {}): Layer => {
  const apply = normalise(eps, use)
  return {
    weights: { weight: weight([width], { kind: 'ones' }), bias: weight([width], { kind: 'zeros' }) },
    buffers: {},
    draws: {},
    apply: (w, x) => apply(x, w('weight'), w('bias')),
  }
}

const BATCH_NORM_EPS = 1e-5
const BATCH_NORM_MOMENTUM = 0.1

/**
 * Batch normalisation (arXiv 1502.03167) of [..., width] over all other axes, as torch.nn.BatchNorm1d: eps 1e-5; in
 * training the batch's own statistics, those of all its shares, and running ones with momentum 0.1 (the unbiased variance) for evaluation.
 */
export const batchNorm = (width: number): Layer => ({
  weights: { weight: weight([width], { kind: 'ones' }), bias: weight([width], { kind: 'zeros' }) },
  buffers: {
    running_mean: weight([width], { kind: 'zeros' }, false),
    running_var: weight([width], { kind: 'ones' }, false),
    num_batches_tracked: weight([], { kind: 'zeros' }, false),
  },
  draws: {},
  apply: (w, x, context) => {
    const scaled = (mean: tf.Tensor, variance: tf.Tensor) =>
      tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, BATCH_NORM_EPS))), w('weight')), w('bias'))
    if (!context.training) return scaled(w('running_mean'), w('running_var'))
    const outer = Array.from({ length: x.rank - 1 }, (_, axis) => axis)
    const { across } = context
    const count = (x.size / width) * across.shares
    const mean = meanAcross(across, tf.mean(x, outer))
    const variance = meanAcross(across, tf.mean(tf.square(tf.sub(x, mean)), outer))
    const moved = (name: string, value: tf.Tensor) =>
      context.update(name, tf.add(tf.mul(w(name), 1 - BATCH_NORM_MOMENTUM), tf.mul(value, BATCH_NORM_MOMENTUM)))
    moved('running_mean', mean)
    moved('running_var', tf.mul(variance, count / Math.max(1, count - 1)))
    context.update('num_batches_tracked', tf.add(w('num_batches_tracked'), 1))
    return scaled(mean, variance)
  },
})

const UNIT_EPS = 1e-12

/** x / max(‖x‖₂, 1e-12) over the last axis, as torch.nn.functional.normalize. The bound is below the root, where a zero vector has a gradient. */
export const unitVectors = (x: tf.Tensor): tf.Tensor =>
  tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), -1, true), UNIT_EPS ** 2)))
