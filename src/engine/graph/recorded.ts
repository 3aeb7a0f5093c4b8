/** A program's step as a graph: its inputs, its variables, and what it gives. Nothing runs. */
import * as tf from '@tensorflow/tfjs-core'
import { NotRecordable } from '../../base/engineError'
import { elements } from '../../base/shape'
import { tidy } from '../../nn/tidy'
import { type Batch, mapBatch, tensorBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import type { Tensors } from '../../program/stateNames'
import type { Output, Pointer, TensorFlow } from '../../tensorflow/capi'
import { DTYPE } from '../../tensorflow/dtype'
import type { Fusions } from '../../tensorflow/fusions'
import { type Graph, newGraph, output } from '../../tensorflow/graph'
import { newRecorder, type Recorder, StandInTaken } from '../../tensorflow/recorder'
import { type Variable, variable } from '../../tensorflow/variable'

/** The graph of a program: its variables, and what a step takes and gives. */
export interface RecordedStep {
  readonly inputs: {
    readonly batch: Batch<Output>
    readonly numbers: Output
    readonly rows: Output | undefined
  }
  readonly numbers: readonly string[]
  readonly metrics: Readonly<Record<string, Output>>
  /** The [CLS] features of the global views. */
  readonly features: Output
  /** Operations that store the next state, if the loss and all gradients are finite. */
  readonly stores: readonly Pointer[]
}

export type Variables = Readonly<Record<string, Variable>>

/** Variables for the whole state. */
const variablesOf = (graph: Graph, program: Program): Variables =>
  Object.fromEntries(Object.entries(program.state).map(([name, { shape }]) => [name, variable(graph, name, shape)]))

/** The state before the step. */
export const read = (recorder: Recorder, variables: Variables): Tensors =>
  Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, recorder.tensor(value)]))

/** An operation that runs only if a truth value is true, and with it those that come after it. */
const onlyIf = (graph: Graph, condition: Output): Pointer => {
  const T = { type: DTYPE.bool }
  const either = graph.node('Switch', [condition, condition], { attributes: { T } })
  return graph.node('Identity', [output(either, 1)], { attributes: { T } })
}

const recordStep = (recorder: Recorder, program: Program, variables: Variables, rows: Output | undefined): RecordedStep => {
  const { graph } = recorder
  const placeholders = mapBatch(program.batch, (shape, name) => graph.placeholder(name, DTYPE.float32, shape))
  const names = Object.keys(program.numbers(0))
  const numbers = graph.placeholder('numbers', DTYPE.float32, [names.length])
  const reported = recorder.record(() =>
    tidy(() => {
      const scalars = new Map(tf.unstack(recorder.tensor(numbers)).map((value, i) => [names[i]!, value as tf.Scalar]))
      const batch = tensorBatch(
        mapBatch(placeholders, (placeholder) => recorder.tensor(placeholder)),
        rows && (recorder.tensor(rows) as tf.Tensor1D),
      )
      const before = read(recorder, variables)
      const next = program.step(before, batch, (name) => {
        const value = scalars.get(name)
        if (value === undefined) throw new RangeError(`no number ${name}`)
        return value
      })
      const passed = onlyIf(graph, recorder.output(next.finite))
      const stores = Object.entries(next.state).flatMap(([name, value]) =>
        value === before[name] ? [] : [variables[name]!.assign(recorder.output(value), [passed])],
      )
      // Gradients keep some tensors beyond the end of a tidy.
      const kept = [...Object.values(next.state), ...Object.values(next.metrics), next.features, next.finite]
      const metrics = Object.fromEntries(
        Object.entries(next.metrics).map(([name, value]) => [
          name,
          output(
            graph.node('Identity', [recorder.output(value)], {
              name: `metrics/${name}`,
              attributes: { T: { type: DTYPE.float32 } },
            }),
          ),
        ]),
      )
      const features = recorder.output(next.features)
      for (const tensor of kept) tensor.dispose()
      return { metrics, features, stores }
    }),
  )
  return { inputs: { batch: placeholders, numbers, rows }, numbers: names, ...reported }
}

/** Stand-ins for the number of tokens whose outputs are used. */
const STAND_INS = [1009, 1013, 1019, 1021, 1031]

const VARIES = -1

/** How many tokens' outputs are used: a number, one that varies from batch to batch, or undefined for all of them. */
const rowCount = (program: Program): number | undefined => {
  const { mask } = program.batch
  const [least, most] = [0, 1].map((hidden) => program.rows(mask && new Float32Array(elements(mask)).fill(hidden))?.length)
  return least === most ? least : VARIES
}

/** Records a program's step, without running it. */
export const recorded = (tensorflow: TensorFlow, program: Program, fusions: Fusions) => {
  for (const standIn of STAND_INS) {
    const graph = newGraph(tensorflow)
    try {
      const count = rowCount(program)
      const rows = count === undefined ? undefined : graph.placeholder('rows', DTYPE.int32, [count])
      const size =
        rows && graph.node('Size', [rows], { attributes: { T: { type: DTYPE.int32 }, out_type: { type: DTYPE.int32 } } })
      const recorder = newRecorder(graph, {
        fusions,
        precision: program.precision,
        ...(size && count === VARIES ? { unknown: { standIn, size: output(size) } } : {}),
      })
      const variables = variablesOf(graph, program)
      return { graph, recorder, variables, step: recordStep(recorder, program, variables, rows) }
    } catch (error) {
      graph.dispose()
      if (!(error instanceof StandInTaken)) throw error
    }
  }
  throw new NotRecordable('the program needs the number of hidden patches as a value, which is not known while compiling')
}
