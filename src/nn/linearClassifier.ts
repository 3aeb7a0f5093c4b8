/**
 * Many linear classifiers of the same rows beside each other. Those that see the same columns are one product of matrices:
 * weights [columns, R · C], a bias [1, R · C], logits [B, R · C] of R classifiers of C classes.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { TensorFunction } from './tensorFunction'

/** Classifiers that see the same columns of the rows. */
export interface ClassifierGroup {
  /** The columns that they see: from the one, up to the other. */
  readonly from: number
  readonly to: number
  /** How many they are. */
  readonly count: number
}

type Outputs = Readonly<Record<string, tf.Tensor>>

const columnsOf = (rows: tf.Tensor2D, { from, to }: ClassifierGroup): tf.Tensor2D => {
  const [count, width] = rows.shape
  return from === 0 && to === width ? rows : tf.slice(rows, [0, from], [count, to - from])
}

/** Logits [B, R, C]. */
const logitsOf = (rows: tf.Tensor2D, weights: tf.Tensor, bias: tf.Tensor, count: number): tf.Tensor3D => {
  const logits = tf.add(tf.matMul(rows, weights as tf.Tensor2D), bias)
  return tf.reshape(logits, [rows.shape[0], count, weights.shape[1]! / count])
}

/** 1 at the class of each row: [B, 1, C]. */
const targetOf = (labels: tf.Tensor, classes: number): tf.Tensor3D =>
  tf.reshape(tf.cast(tf.oneHot(labels as tf.Tensor1D, classes), 'float32'), [labels.size, 1, classes])

/** What a group's training takes and gives, by its place among the groups. */
const STATE = ['weights', 'bias', 'weightsMoved', 'biasMoved'] as const
export const groupState = (place: number): Readonly<Record<(typeof STATE)[number], string>> =>
  Object.fromEntries(STATE.map((name) => [name, `${name}.${place}`])) as Readonly<Record<(typeof STATE)[number], string>>

/**
 * Steps of SGD with momentum on the mean cross-entropy, all classifiers at once. Inputs: `features` [S, B, D] and `labels` [S, B] of S steps,
 * `rates.g` [1, R, 1] and each group's state. Outputs: the states after the steps.
 *
 * The movement holds the learning rate, unlike PyTorch's momentum_buffer: μ ← momentum · μ + lr · g; θ ← θ - μ. Where lr changes
 * from lr₀ to lr₁, multiply it by lr₁ / lr₀.
 */
export const sgdSteps =
  (groups: readonly ClassifierGroup[], classes: number, momentum: number): TensorFunction =>
  (input) => {
    const features = input('features')
    const [steps, batch, width] = features.shape as [number, number, number]
    const labels = tf.cast(input('labels'), 'int32')
    const rates = groups.map((_, g) => tf.div(input(`rates.${g}`), batch))
    const names = groups.map((_, g) => groupState(g))
    let states = names.map((name) => Object.fromEntries(STATE.map((part) => [part, input(name[part])])) as Outputs)
    for (let step = 0; step < steps; step++) {
      const rows = tf.reshape(tf.slice(features, [step, 0, 0], [1, batch, width]), [batch, width]) as tf.Tensor2D
      const target = targetOf(tf.reshape(tf.slice(labels, [step, 0], [1, batch]), [batch]), classes)
      states = states.map(({ weights, bias, weightsMoved, biasMoved }, g) => {
        const group = groups[g]!
        const seen = columnsOf(rows, group)
        const probabilities = tf.softmax(logitsOf(seen, weights!, bias!, group.count))
        // The mean cross-entropy's gradient by the logits, times the learning rate.
        const slope = tf.reshape(tf.mul(tf.sub(probabilities, target), rates[g]!), [batch, group.count * classes]) as tf.Tensor2D
        const moved = tf.add(tf.mul(weightsMoved!, momentum), tf.matMul(seen, slope, true, false))
        const movedBias = tf.add(tf.mul(biasMoved!, momentum), tf.sum(slope, 0, true))
        return {
          weights: tf.sub(weights!, moved),
          bias: tf.sub(bias!, movedBias),
          weightsMoved: moved,
          biasMoved: movedBias,
        }
      })
    }
    return Object.fromEntries(states.flatMap((state, g) => STATE.map((part) => [names[g]![part], state[part]!])))
  }

/** The names of what `scores` gives of a group. */
export const groupScores = (place: number) => ({ ranks: `ranks.${place}`, losses: `losses.${place}` }) as const

/**
 * How right classifiers are. Inputs: `features` [B, D], `labels` [B], and each group's `weights.g` and `bias.g`. Outputs, [B, R]
 * each: `ranks.g`, how many classes come before the right one, and `losses.g`, the cross-entropies. Of equal logits the lower class comes
 * first; where logits aren't numbers, all classes come before the right one.
 */
export const scores =
  (groups: readonly ClassifierGroup[], classes: number): TensorFunction =>
  (input) => {
    const rows = input('features') as tf.Tensor2D
    const labels = tf.cast(input('labels'), 'int32') as tf.Tensor1D
    const [batch] = labels.shape
    const target = targetOf(labels, classes)
    const before = tf.less(tf.reshape(tf.range(0, classes, 1, 'int32'), [1, 1, classes]), tf.reshape(labels, [batch, 1, 1]))
    const number = (truth: tf.Tensor): tf.Tensor => tf.cast(truth, 'float32')
    const outputs = groups.map((group, g) => {
      const { weights, bias } = groupState(g)
      const logits = logitsOf(columnsOf(rows, group), input(weights), input(bias), group.count)
      const own = tf.sum(tf.where(tf.greater(tf.add(target, tf.zerosLike(logits)), 0), logits, tf.zerosLike(logits)), 2, true)
      const notAbove = tf.sum(number(tf.lessEqual(logits, own)), 2)
      const tied = tf.sum(number(tf.logicalAnd(tf.equal(logits, own), before)), 2)
      const ranks = tf.add(tf.sub(classes, notAbove), tied)
      const highest = tf.max(logits, 2, true)
      const sum = tf.log(tf.sum(tf.exp(tf.sub(logits, highest)), 2))
      const losses = tf.sub(tf.add(sum, tf.squeeze(highest, [2])), tf.squeeze(own, [2]))
      const names = groupScores(g)
      return { [names.ranks]: ranks, [names.losses]: losses }
    })
    return Object.assign({}, ...outputs) as Outputs
  }

/**
 * The cross-entropies of several classifiers, and their gradients. Inputs: `features` [N, D], `labels` [N], `counted` [N] (how much each row
 * counts), `weights` [D, R · C] and `bias` [1, R · C]. Outputs: `losses` [R], the sums over the rows, and the gradients of these sums,
 * `weights` and `bias`.
 */
export const crossEntropies =
  (classes: number): TensorFunction =>
  (input) => {
    const rows = input('features') as tf.Tensor2D
    const [weights, bias] = [input('weights'), input('bias')]
    const [count, columns] = [rows.shape[0], bias.size]
    const weight = tf.reshape(input('counted'), [count, 1, 1])
    const target = targetOf(tf.cast(input('labels'), 'int32'), classes)
    const likelihoods = tf.logSoftmax(logitsOf(rows, weights, bias, columns / classes))
    const slope = tf.reshape(tf.mul(tf.sub(tf.exp(likelihoods), target), weight), [count, columns]) as tf.Tensor2D
    return {
      losses: tf.neg(tf.sum(tf.mul(likelihoods, tf.mul(target, weight)), [0, 2])),
      weights: tf.matMul(rows, slope, true, false),
      bias: tf.sum(slope, 0, true),
    }
  }
