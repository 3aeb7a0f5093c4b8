/** Where the shares of a batch meet that are computed op by op, one after the other. */
import * as tf from '@tensorflow/tfjs-core'
import type { Reduction } from '../../base/reduction'
import { type Across, WHOLE } from '../../nn/across'
import type { Division } from '../../program/division'
import { type Meeting, meetingEach } from '../record/meetings'
import type { PassOf } from '../record/passes'

const combined = (reduction: Reduction, a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  reduction === 'mean' ? tf.add(a, b) : tf.maximum(a, b)

/** What shares meet in during one step; its tensors outlive the passes. */
export interface MeetingHere {
  /** Where they meet, as a pass sees it. What belongs to a later round counts for nothing in it. */
  readonly across: (pass: PassOf) => Across
  readonly dispose: () => void
}

export const meetingHere = ({ microBatches }: Division, meetings: readonly Meeting[]): MeetingHere => {
  const gathered = new Map<number, tf.Tensor>()
  const reduced = new Map<number, tf.Tensor>()
  const replace = (of: Map<number, tf.Tensor>, index: number, value: tf.Tensor): void => {
    of.get(index)?.dispose()
    of.set(index, tf.keep(value))
  }
  return {
    across: ({ round, last }) =>
      microBatches === 1
        ? WHOLE
        : meetingEach(microBatches, (index, reduction, x) => {
            const known = meetings[index]
            if (known === undefined || known.round > round) return tf.clone(x)
            if (known.round < round) return tf.clone(reduced.get(index)!)
            const before = gathered.get(index)
            const all = before === undefined ? tf.clone(x) : combined(reduction, before, x)
            if (!last) {
              replace(gathered, index, all)
              return tf.clone(x)
            }
            replace(reduced, index, reduction === 'mean' ? tf.div(all, microBatches) : tf.clone(all))
            return tf.clone(reduced.get(index)!)
          }),
    dispose: () => {
      for (const tensor of [...gathered.values(), ...reduced.values()]) tensor.dispose()
    },
  }
}
