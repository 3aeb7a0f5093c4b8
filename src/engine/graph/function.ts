/** A function of tensors as a TensorFlow graph: its inputs go in as placeholders of their names. */
import { tidy } from '../../nn/tidy'
import { mapped } from '../../program/stateNames'
import type { Output, TensorFlow } from '../../tensorflow/capi'
import { DTYPE } from '../../tensorflow/dtype'
import { type Graph, newGraph } from '../../tensorflow/graph'
import { newRecorder } from '../../tensorflow/recorder'
import { openSession } from '../../tensorflow/session'
import { floatsOf, shapeOf, tensorOf } from '../../tensorflow/tensor'
import type { HostTensors, TensorFunction } from '../engine'
import { lookup } from '../lookup'

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
    const recorder = newRecorder(graph)
    const inputs = mapped(shapes, (shape, name) => graph.placeholder(name, DTYPE.float32, shape))
    const input = lookup(
      'input',
      mapped(inputs, (of) => () => recorder.tensor(of)),
    )
    const outputs = recorder.record(() => tidy(() => mapped(f(input), recorder.output)))
    return { graph, inputs, outputs }
  } catch (error) {
    graph.dispose()
    throw error
  }
}

/** The values of a function, computed once, on the processor. */
export const evaluate = async (tensorflow: TensorFlow, f: TensorFunction, given: HostTensors): Promise<HostTensors> => {
  const { graph, inputs, outputs } = recordFunction(
    tensorflow,
    f,
    mapped(given, ({ shape }) => shape),
  )
  const session = openSession(graph, { threads: 0, device: 'cpu' })
  try {
    const feeds = Object.entries(given).map(
      ([name, { values, shape }]) => [inputs[name]!, tensorOf(tensorflow, DTYPE.float32, shape, values)] as const,
    )
    const results = await session.run(feeds, Object.values(outputs))
    const names = Object.keys(outputs)
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
