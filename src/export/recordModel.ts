/** A model as a TensorFlow graph: images and weights go in as placeholders. */
import { recordFunction } from '../engine/graph/function'
import { functionOf } from '../evaluate/compute'
import type { Model } from '../evaluate/model'
import { IMAGES, type Outputs } from '../evaluate/outputs'
import { mapped } from '../program/stateNames'
import type { Output, TensorFlow } from '../tensorflow/capi'
import type { Graph } from '../tensorflow/graph'

export interface RecordedModel {
  readonly graph: Graph
  readonly outputs: Outputs<Output>
}

/** Records a model for a number of images. Whoever asked for the graph disposes of it. */
export const recordModel = (tensorflow: TensorFlow, model: Model, batch: number): RecordedModel => {
  const { size, channels } = model.images
  return recordFunction(tensorflow, functionOf(model), {
    [IMAGES]: [batch, ...size, channels],
    ...mapped(model.specs, ({ shape }) => shape),
  })
}
