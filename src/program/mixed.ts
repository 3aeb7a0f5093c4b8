/** What a step makes of a batch before the networks see it: pictures and labels that are mixed, where a stage mixes them. */
import * as tf from '@tensorflow/tfjs-core'
import { random } from '../base/random'
import type { At, StudentOutputs } from '../ops/slots'
import type { BatchShape, TensorBatch } from './batch'
import type { Design } from './design'
import { atBelow, below } from './stateNames'

export interface Mixed {
  /** What is drawn for a step, by names below the stage's. */
  readonly numbers: (step: number) => Readonly<Record<string, number>>
  readonly batch: (batch: TensorBatch, at: At) => TensorBatch
  readonly outputs: (outputs: StudentOutputs, at: At) => StudentOutputs
}

const UNMIXED: Mixed = { numbers: () => ({}), batch: (batch) => batch, outputs: (outputs) => outputs }

export const mixedBy = ({ mixing, training }: Design, { views, global: [, height, width] }: BatchShape): Mixed => {
  if (mixing === undefined) return UNMIXED
  const { name, meaning } = mixing
  return {
    numbers: (step) => below(name, meaning.draw(random(training.meaning.seed, 'mixing', step), [height, width])),
    batch: (batch, at) => {
      const inner = atBelow(name, at)
      const all = views === 1 ? [batch.global] : tf.split(batch.global, views)
      const mixed = all.map((images) => meaning.pictures(images as tf.Tensor4D, inner))
      return { ...batch, global: views === 1 ? mixed[0]! : tf.concat(mixed) }
    },
    outputs: (outputs, at) => ({ ...outputs, labels: () => meaning.labels(outputs.labels(), atBelow(name, at)) }),
  }
}
