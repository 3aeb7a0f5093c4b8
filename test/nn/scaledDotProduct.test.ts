import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import { useBackend } from '../../src/engine/eager/use'
import { mergeHeads, splitHeads } from '../../src/nn/heads'
import { attentionOf, scaledDotProductAttention } from '../../src/nn/scaledDotProduct'

beforeAll(async () => {
  await useBackend('cpu')()
})

const [batch, tokens, heads, depth] = [2, 5, 3, 4]
const scale = 0.3
const normal = (shape: readonly number[], name: string): tf.Tensor => {
  const draw = random(0, name)
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw.normal()),
    [...shape],
  )
}
const projected = () => normal([batch, tokens, 3 * heads * depth], 'projected')
const dy = () => normal([batch, tokens, heads * depth], 'dy')

/** By the textbook, with tfjs's own gradients. */
const plain = (x: tf.Tensor): tf.Tensor => {
  const parts = tf.split(x, 3, -1).map((part) => tf.transpose(tf.reshape(part, [batch, tokens, heads, depth]), [0, 2, 1, 3]))
  const [q, k, v] = parts as [tf.Tensor, tf.Tensor, tf.Tensor]
  const paid = tf.softmax(tf.mul(tf.matMul(q, k, false, true), scale))
  return tf.reshape(tf.transpose(tf.matMul(paid, v), [0, 2, 1, 3]), [batch, tokens, heads * depth])
}
const split = (x: tf.Tensor): tf.Tensor => {
  const parts = splitHeads(x, heads, scale)
  return mergeHeads(tf.matMul(attentionOf(parts), parts.value))
}
const whole = (x: tf.Tensor): tf.Tensor => scaledDotProductAttention(x, heads, scale)

const gap = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!

it.each([
  ['in one piece', whole],
  ['head by head', split],
])('attention %s has the values and the gradient of the textbook', (_, attend) => {
  expect(gap(attend(projected()), plain(projected()))).toBeLessThan(1e-5)
  expect(gap(tf.grad(attend)(projected(), dy()), tf.grad(plain)(projected(), dy()))).toBeLessThan(1e-5)
})
