/** A branch added to what it branched off (arXiv 1512.03385), with stochastic depth (arXiv 1603.09382). */
import * as tf from '@tensorflow/tfjs-core'
import { fused } from './fused'
import type { Context, DrawSpecs, Save } from './layer'

type Named<Names extends string> = Readonly<Record<Names, tf.Tensor>>

const plain = tf.customGrad((x, branch) => {
  const sum = ({ x, branch }: Named<'x' | 'branch'>) => ({ y: tf.add(x, branch) })
  return {
    value: fused('residual', sum, { x: x as tf.Tensor, branch: branch as tf.Tensor }).y,
    gradFunc: (dy: tf.Tensor) => [dy, dy],
  }
})

const scaled = tf.customGrad((x, branch, factor, save) => {
  const inputs = { x: x as tf.Tensor, branch: branch as tf.Tensor, factor: factor as tf.Tensor }
  ;(save as Save)([inputs.factor])
  const sum = ({ x, branch, factor }: Named<'x' | 'branch' | 'factor'>) => ({ y: tf.add(x, tf.mul(branch, factor)) })
  return {
    value: fused('residualScaled', sum, inputs).y,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [factor] = saved as [tf.Tensor]
      const gradient = ({ dy, factor }: Named<'dy' | 'factor'>) => ({ dBranch: tf.mul(dy, factor) })
      // The factor is drawn, not learnt.
      return [dy, fused('residualScaledGrad', gradient, { dy, factor }, { factors: ['dBranch'] }).dBranch, tf.zerosLike(factor)]
    },
  }
})

export interface Residual {
  readonly draws: DrawSpecs
  /** x + branch for both [B, ..., width]. In training a sample's branch is dropped with probability `rate`, else divided by what remains. */
  readonly add: (x: tf.Tensor, branch: tf.Tensor, context: Context) => tf.Tensor
}

/** A residual connection whose branch is dropped for a sample with probability `rate`, 0 ≤ rate < 1. */
export const residual = (rate: number): Residual => ({
  draws: rate > 0 ? { path: (batch) => [batch] } : {},
  add: (x, branch, context) => {
    if (rate === 0 || !context.training) return plain(x, branch)
    const kept = tf.floor(tf.add(context.draws('path'), 1 - rate))
    return scaled(x, branch, tf.reshape(tf.div(kept, 1 - rate), [-1, ...Array.from({ length: x.rank - 1 }, () => 1)]))
  },
})
