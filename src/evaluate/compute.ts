/** A model's outputs for some images, computed here: what an export is compared with. */
import * as tf from '@tensorflow/tfjs-core'
import type { Engine } from '../engine/backend'
import type { TensorFlow } from '../tensorflow/capi'
import type { Model, WeightValues } from './model'
import { type Outputs, outputsOf, type What } from './outputs'

/** Normalised images [B, H, W, C]. */
export interface Images {
  readonly values: Float32Array
  readonly shape: readonly [number, number, number, number]
}

/** The same images as [B, C, H, W]. */
export const channelsFirst = ({ values, shape: [count, height, width, channels] }: Images) => {
  const turned = new Float32Array(values.length)
  const area = height * width
  for (let i = 0; i < count; i++)
    for (let at = 0; at < area; at++)
      for (let c = 0; c < channels; c++) turned[(i * channels + c) * area + at] = values[(i * area + at) * channels + c]!
  return { values: turned, shape: [count, channels, height, width] as const }
}

/** Values of an output, rows of the batch first. */
export interface Computed {
  readonly values: Float32Array
  readonly shape: readonly number[]
}

const eagerly = (model: Model, weights: WeightValues, { values, shape }: Images, what: What): Outputs<Computed> => {
  const outputs = tf.tidy(() => {
    const read = (name: string): tf.Tensor => tf.tensor(weights[name]!, [...model.specs[name]!.shape], 'float32')
    return what(model, read, tf.tensor4d(values, [...shape])) as tf.TensorContainerObject
  }) as Outputs<tf.Tensor>
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      const computed = { values: Float32Array.from(tensor.dataSync()), shape: tensor.shape }
      tensor.dispose()
      return [name, computed]
    }),
  )
}

const onTensorFlow = async (
  tensorflow: TensorFlow,
  model: Model,
  weights: WeightValues,
  { values, shape }: Images,
  what: What,
): Promise<Outputs<Computed>> => {
  // What calls TensorFlow is loaded only where it computes.
  const { recordModel } = await import('./recordModel.js')
  const { openSession } = await import('../tensorflow/session.js')
  const { floatsOf, shapeOf, tensorOf } = await import('../tensorflow/tensor.js')
  const { DTYPE } = await import('../tensorflow/dtype.js')
  const recorded = recordModel(tensorflow, model, shape[0], what)
  const session = openSession(recorded.graph, { threads: 0, device: 'cpu' })
  try {
    const results = await session.run(
      [
        [recorded.images, tensorOf(tensorflow, DTYPE.float32, shape, values)],
        ...Object.entries(recorded.weights).map(
          ([name, placeholder]) =>
            [placeholder, tensorOf(tensorflow, DTYPE.float32, model.specs[name]!.shape, weights[name]!)] as const,
        ),
      ],
      Object.values(recorded.outputs),
    )
    const names = Object.keys(recorded.outputs)
    return Object.fromEntries(
      results.map((tensor, i) => {
        const computed = { values: floatsOf(tensorflow, tensor), shape: shapeOf(tensorflow, tensor) }
        tensorflow.api.DeleteTensor(tensor)
        return [names[i]!, computed]
      }),
    )
  } finally {
    session.dispose()
  }
}

/** The outputs under these weights, in float32: what an export computes, or something else. */
export const compute = async (
  engine: Engine,
  model: Model,
  weights: WeightValues,
  images: Images,
  what: What = outputsOf,
): Promise<Outputs<Computed>> =>
  engine.backend === 'tensorflow'
    ? onTensorFlow(engine.tensorflow, model, weights, images, what)
    : eagerly(model, weights, images, what)
