/** A model as a TensorFlow graph: images and weights go in as placeholders. */
import * as tf from '@tensorflow/tfjs-core'
import type { Output, TensorFlow } from '../tensorflow/capi'
import { DTYPE } from '../tensorflow/dtype'
import { type Graph, newGraph } from '../tensorflow/graph'
import { newRecorder } from '../tensorflow/recorder'
import type { Model } from './model'
import { type Outputs, outputsOf, type What } from './outputs'

export interface RecordedModel {
  readonly graph: Graph
  readonly images: Output
  /** By the names of `Model.weights`. */
  readonly weights: Readonly<Record<string, Output>>
  readonly outputs: Outputs<Output>
}

/** The name of the placeholder of the images. */
export const IMAGES = 'pixel_values'

/** Records a model for a number of images. Whoever asked for the graph disposes of it. */
export const recordModel = (tensorflow: TensorFlow, model: Model, batch: number, what: What = outputsOf): RecordedModel => {
  const graph = newGraph(tensorflow)
  const recorder = newRecorder(graph)
  const { size, channels } = model.images
  const images = graph.placeholder(IMAGES, DTYPE.float32, [batch, ...size, channels])
  const weights = Object.fromEntries(
    Object.entries(model.specs).map(([name, { shape }]) => [name, graph.placeholder(name, DTYPE.float32, shape)]),
  )
  const outputs = recorder.record(() =>
    tf.tidy(() => {
      const made = what(model, (name) => recorder.tensor(weights[name]!), recorder.tensor(images) as tf.Tensor4D)
      return Object.fromEntries(Object.entries(made).map(([name, tensor]) => [name, recorder.output(tensor)])) as never
    }),
  ) as unknown as Outputs<Output>
  return { graph, images, weights, outputs }
}
