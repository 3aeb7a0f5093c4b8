import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { type DistillationLoss, lossSlot } from '../slots'
import { targetOf } from '../target/kind'
import { distillation } from './fields'
import { WATCHED, watched } from './watched'

export const maskedImageModeling = stage(lossSlot)({
  name: 'maskedImageModeling',
  doc: 'At the patches that it did not see, the student predicts what the teacher says of the same view: cross-entropy, mean over the masked patches of a view, then over all views (those without a mask count as 0).',
  equation: 'L_MIM = - Σ_i m_i · P_t(u_i)ᵀ log P_s(û_i) / max(1, Σ_i m_i)',
  source: 'iBOT eq. 2',
  needs: ['teacher', 'logits.patch', 'mask'],
  gives: ['loss'],
  example: { target: [{ center: 0.9 }, { sharpen: { linear: { from: 0.04, to: 0.07, for: '30 epochs', per: 'epoch' } } }] },
  fields: distillation,
  build: ({ weight, studentTemperature, target: steps }): DistillationLoss => {
    const target = targetOf(steps)
    return {
      schedules: { weight, ...target.schedules },
      divisible: target.divisible,
      monitors: [...WATCHED, ...target.monitors],
      state: ({ patch }) => ownNames(target.state(3, patch)),
      teach: ({ patch }, state, at) => {
        const taught = target.apply(patch(), (name) => state(ownName(name)), at)
        return { ...taught, state: ownNames(taught.state) }
      },
      learn: (targets, { patch }, at) => {
        const { logits, tokenWeights } = patch()
        const logs = logsOf(logits, studentTemperature)
        const crossEntropy = tf.neg(tf.sum(tf.mul(targets, logs), -1))
        return tf.mul(tf.sum(tf.mul(crossEntropy, tokenWeights)), at('weight'))
      },
      monitor: (targets, { patch, across }) => {
        const { logits, tokenWeights } = patch()
        return watched(targets as tf.Tensor2D, logsOf(logits, studentTemperature), tokenWeights, across)
      },
    }
  },
})

const logsOf = (logits: tf.Tensor2D, temperature: number): tf.Tensor2D => tf.logSoftmax(tf.div(logits, temperature))

/** The state of the patches' target is named after that of [CLS], as in the official checkpoint: center, center2. */
const ownName = (name: string): string => name.replace(/^[a-z]+/i, '$&2')
const ownNames = <A>(values: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [ownName(name), value]))
