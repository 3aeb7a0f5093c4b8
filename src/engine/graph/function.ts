/** A function of tensors as a TensorFlow graph: its inputs go in as placeholders of their names. */
import type { TensorFunction } from '../../nn/tensorFunction'
import { mapped } from '../../program/stateNames'
import type { Output, TensorFlow } from '../../tensorflow/capi'
import { DTYPE } from '../../tensorflow/dtype'
import { type Graph, newGraph } from '../../tensorflow/graph'
import { newRecorder } from '../../tensorflow/recorder'
import { recordOutputs } from './computer'

type Outputs = Readonly<Record<string, Output>>

export interface RecordedFunction {
  readonly graph: Graph
  readonly inputs: Outputs
  readonly outputs: Outputs
}

/** Records a function of inputs of these shapes. Whoever asked for the graph disposes of it. */
export const recordFunction = (
  tensorflow: TensorFlow,
  f: TensorFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
): RecordedFunction => {
  const graph = newGraph(tensorflow)
  try {
    const inputs = mapped(shapes, (shape, name) => graph.placeholder(name, DTYPE.float32, shape))
    return { graph, inputs, outputs: recordOutputs(newRecorder(graph), f, inputs) }
  } catch (error) {
    graph.dispose()
    throw error
  }
}
