/** Scaled dot-product attention (arXiv 1706.03762, eq. 1), with a gradient that needs no sums over scores. */
import * as tf from '@tensorflow/tfjs-core'
import { fused } from './fused'
import { type Heads, headsGradient, merged, mergedGradient, partsOf, threeOf } from './heads'
import type { Save } from './layer'

type Named<Names extends string> = Readonly<Record<Names, tf.Tensor>>

/** softmax(q kᵀ): [heads, B, N, N], rows sum to 1. */
export const attentionOf = ({ query, key }: Pick<Heads, 'query' | 'key'>): tf.Tensor =>
  tf.softmax(tf.matMul(query, key, false, true))

/**
 * The gradients by queries, keys and values from that by what they give. The gradient of a softmax subtracts Σⱼ dpᵢⱼ pᵢⱼ from
 * every row, which is dyᵢ · yᵢ (FlashAttention, arXiv 2205.14135, appendix B.2): a sum over a head's features instead of all tokens.
 */
const gradients = ({ query, key, value }: Heads, paid: tf.Tensor, y: tf.Tensor, dy: tf.Tensor): Heads => {
  const along = ({ y, dy }: Named<'y' | 'dy'>) => ({ sum: tf.sum(tf.mul(y, dy), -1, true) })
  const { sum } = fused('attentionAlong', along, { y, dy })
  const dPaid = tf.matMul(dy, value, false, true)
  const gradient = ({ paid, dPaid, sum }: Named<'paid' | 'dPaid' | 'sum'>) => ({ dScores: tf.mul(paid, tf.sub(dPaid, sum)) })
  const { dScores } = fused('attentionGrad', gradient, { paid, dPaid, sum }, { factors: ['dScores'] })
  return {
    query: tf.matMul(dScores, key),
    key: tf.matMul(dScores, query, true),
    value: tf.matMul(paid, dy, true),
  }
}

/** Projections [B, N, 3 · width], ordered q | k | v, then by head → every token's mean of the values, head by head: [B, N, width]. */
export const scaledDotProductAttention = (projected: tf.Tensor, heads: number, scale: number): tf.Tensor =>
  tf.customGrad((x, save) => {
    const parts = threeOf(partsOf(x as tf.Tensor, heads, scale))
    const paid = attentionOf(parts)
    const y = tf.matMul(paid, parts.value)
    ;(save as Save)([parts.query, parts.key, parts.value, paid, y])
    return {
      value: merged(y),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [query, key, value, paid, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
        return headsGradient(gradients({ query, key, value }, paid, y, mergedGradient(dy, heads)), scale)
      },
    }
  })(projected)
