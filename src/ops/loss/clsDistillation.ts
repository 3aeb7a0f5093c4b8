import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { sumOf } from '../../nn/sum'
import { type DistillationLoss, lossSlot } from '../slots'
import { targetOf } from '../target/kind'
import { needed } from '../target/logits'
import { distillation } from './fields'
import { WATCHED, watched } from './watched'

export const clsDistillation = stage(lossSlot)({
  name: 'clsDistillation',
  doc: 'The [CLS] token of every view predicts what the teacher says of every other global view: cross-entropy, mean over all pairs.',
  equation: 'L_[CLS] = - Σ_{u≠v} P_t(u)ᵀ log P_s(v) / pairs',
  source: 'iBOT eq. 1 (from DINO)',
  needs: ['teacher', 'logits.cls'],
  gives: ['loss'],
  example: { target: [{ center: 0.9 }, { sharpen: { linear: { from: 0.04, to: 0.07, for: '30 epochs', per: 'epoch' } } }] },
  fields: distillation,
  build: ({ weight, studentTemperature, target: steps }): DistillationLoss => {
    const target = targetOf(steps)
    return {
      schedules: { weight, ...target.schedules },
      divisible: target.divisible,
      comparesViews: true,
      monitors: [...WATCHED, ...target.monitors],
      state: ({ cls }) => target.state(2, cls),
      teach: ({ cls, across }, state, at) => target.apply(needed(cls, across), state, at),
      learn: (targets, { cls }, at) => {
        const logs = logsOf(cls, studentTemperature)
        const taught = tf.split(targets as tf.Tensor2D, targets.shape[0]! / cls[0]!.shape[0])
        const sum = sumOf(logs)
        // Each teacher view against all student views but itself, of which there is one fewer.
        const terms = taught.map((p, view) => tf.mean(tf.sum(tf.mul(p, tf.sub(sum, logs[view]!)), -1)))
        const pairs = taught.length * (cls.length - 1)
        return tf.mul(tf.div(sumOf(terms), -pairs), at('weight'))
      },
      monitor: (targets, { cls, across }) => {
        const logs = logsOf(cls, studentTemperature)
        const rows = targets.shape[0]!
        const globals = rows / cls[0]!.shape[0]
        // Each teacher view beside the student's next global one, the last beside the first; where there is one, beside itself.
        const beside = Array.from({ length: globals }, (_, view) => logs[(view + 1) % globals]!)
        return watched(targets as tf.Tensor2D, tf.concat(beside), tf.fill([rows], 1 / rows), across)
      },
    }
  },
})

const logsOf = (cls: readonly tf.Tensor2D[], temperature: number): readonly tf.Tensor2D[] =>
  cls.map((logits) => tf.logSoftmax(tf.div(logits, temperature)))
