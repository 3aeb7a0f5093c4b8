/** A model's outputs for some images, computed here: what an export is compared with. */
import type * as tf from '@tensorflow/tfjs-core'
import { type Computer, evaluate } from '../engine/computer'
import type { HostTensor, HostTensors, TensorFunction } from '../nn/tensorFunction'
import { mapped } from '../program/stateNames'
import type { Images } from './images'
import type { Model, WeightValues } from './model'
import { IMAGES, type Outputs, outputsOf, type What } from './outputs'

/** Values of an output, rows of the batch first. */
export type Computed = HostTensor

/** What is computed of a model, as a function of its images and its weights by their names. */
export const functionOf =
  (model: Model, what: What = outputsOf): TensorFunction =>
  (input) =>
    what(model, input, input(IMAGES) as tf.Tensor4D)

/** Weights of a model as what a function takes, by their names. */
export const weightTensors = ({ specs }: Pick<Model, 'specs'>, weights: WeightValues): HostTensors =>
  mapped(specs, ({ shape }, name) => ({ values: weights[name]!, shape }))

/** The outputs under these weights, in float32: what an export computes, or something else. */
export const compute = (
  computer: Pick<Computer, 'prepare'>,
  model: Model,
  weights: WeightValues,
  images: Images,
  what: What = outputsOf,
): Promise<Outputs<Computed>> =>
  evaluate(computer, functionOf(model, what), { [IMAGES]: images, ...weightTensors(model, weights) })
