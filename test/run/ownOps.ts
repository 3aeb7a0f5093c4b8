/** Losses of a user's own that are right for tfjs, but that don't fit a backend. */
import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../src/dsl/plan'
import { type DistillationLoss, lossSlot } from '../../src/ops/slots'

/** A loss that gives the mean of the student's logits, after something was done with those of the teacher. */
const lossOf = (
  name: string,
  { teach = () => undefined, learn = () => undefined }: Partial<Record<'teach' | 'learn', (logits: tf.Tensor2D) => void>>,
) =>
  stage(lossSlot)({
    name,
    doc: 'A loss for tests.',
    needs: ['teacher', 'logits.cls'],
    gives: ['loss'],
    fields: {},
    build: (): DistillationLoss => ({
      schedules: {},
      state: () => ({}),
      teach: ({ cls }) => {
        teach(cls)
        return { target: cls, state: {} }
      },
      learn: (_, { cls }) => {
        learn(cls[0]!)
        return tf.mean(cls[0]!) as tf.Scalar
      },
    }),
  })

export const ownOps = {
  readsBack: lossOf('readsBack', { teach: (logits) => tf.mean(logits).dataSync() }),
  promises: lossOf('promises', { learn: (logits) => void logits.data().then(() => undefined) }),
  searches: lossOf('searches', { teach: (logits) => tf.searchSorted(tf.range(0, 3), tf.reshape(logits, [-1])) }),
  misshapen: lossOf('misshapen', {
    // tfjs checks shapes itself, but not what a kernel is given directly.
    teach: (logits) => tf.engine().runKernel('Relu', { x: tf.cast(logits, 'bool') as never }),
  }),
}
