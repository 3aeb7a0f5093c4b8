import * as tf from '@tensorflow/tfjs-core'
import { define } from '../../dsl/op'
import { optional, probability } from '../../dsl/type'
import { weight } from '../../nn/layer'
import { logitTransform } from './kind'
import { minus } from './logits'

export const center = define(logitTransform)({
  name: 'center',
  doc: "Subtracts the running mean of the teacher's logits, so that no prototype takes all; every token counts, masked or not. A step uses the old centre and then moves it.",
  equation: 'l - c, then c ← m · c + (1 - m) · mean(l)',
  source: 'DINO (arXiv 2104.14294, eq. 4); C and C′ in iBOT §3.2',
  fields: { momentum: optional(probability, 0.9, 'share of the old centre that is kept at each step') },
  main: 'momentum',
  build: ({ momentum }) => ({
    divisible: true,
    state: (rank, prototypes) => ({
      center: weight([...Array.from({ length: rank - 1 }, () => 1), prototypes], { kind: 'zeros' }, false),
    }),
    monitors: ['center.norm', 'center.gap'],
    apply: (logits, state) => {
      const old = state('center')
      const mean = tf.reshape(logits.mean(), old.shape)
      const moved = tf.add(tf.mul(old, momentum), tf.mul(mean, 1 - momentum))
      return {
        logits: minus(logits, tf.reshape(old, [1, -1])),
        state: { center: moved },
        monitors: { 'center.norm': tf.norm(moved) as tf.Scalar, 'center.gap': tf.norm(tf.sub(mean, moved)) as tf.Scalar },
      }
    },
  }),
})
