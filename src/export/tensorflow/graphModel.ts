/** tfjs's reader of graph models. The compiled file has it inside (bin/bundle.js): nothing else of tfjs's converter is needed. */
import { loadGraphModel } from '@tensorflow/tfjs-converter'
import type * as tf from '@tensorflow/tfjs-core'

export interface GraphModel {
  readonly predict: (inputs: tf.Tensor) => tf.Tensor | tf.Tensor[] | tf.NamedTensorMap
  readonly dispose: () => void
}

/** The model behind a handler that loads it. */
export const readGraphModel = (handler: tf.io.IOHandler): Promise<GraphModel> => loadGraphModel(handler)
