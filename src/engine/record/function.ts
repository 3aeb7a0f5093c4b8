/** A function of tensors as a graph: its inputs go in as placeholders of their names. */
import { DTYPE } from '../../graph/dtype'
import { type Graph, newGraph } from '../../graph/graph'
import type { Value } from '../../graph/operation'
import type { TensorFunction } from '../../nn/tensorFunction'
import { tidy } from '../../nn/tidy'
import { mapped } from '../../program/stateNames'
import { newRecorder, type Recorder, type RecorderOptions } from '../../record/recorder'
import { lookup } from '../lookup'

export type Values = Readonly<Record<string, Value>>

/** A function's outputs for inputs that are in a graph. */
export const recordOutputs = (recorder: Recorder, f: TensorFunction, inputs: Values): Values => {
  const input = lookup(
    'input',
    mapped(inputs, (of) => () => recorder.tensor(of)),
  )
  return recorder.record(() => tidy(() => mapped(f(input), recorder.output)))
}

export interface RecordedFunction {
  readonly graph: Graph
  readonly inputs: Values
  readonly outputs: Values
}

/** Records a function of inputs of these shapes. */
export const recordFunction = (
  f: TensorFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
  options: RecorderOptions = {},
): RecordedFunction => {
  const graph = newGraph()
  const inputs = mapped(shapes, (shape, name) => graph.placeholder(name, DTYPE.float32, shape))
  return { graph, inputs, outputs: recordOutputs(newRecorder(graph, options), f, inputs) }
}
