/** A program's step as a graph: its inputs, its variables, and what it gives. Nothing runs. */
import * as tf from '@tensorflow/tfjs-core'
import { NotRecordable } from '../../base/engineError'
import { elements } from '../../base/shape'
import { DTYPE } from '../../graph/dtype'
import { type Graph, newGraph } from '../../graph/graph'
import { type Operation, output, type Value } from '../../graph/operation'
import { tidy } from '../../nn/tidy'
import { type Batch, mapBatch, tensorBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { mapped } from '../../program/stateNames'
import { newRecorder, type Recorder, StandInTaken } from '../../record/recorder'
import type { Values } from './function'

/** What a step takes and gives. */
export interface RecordedStep {
  readonly inputs: {
    readonly batch: Batch<Value>
    readonly numbers: Value
    readonly rows: Value | undefined
  }
  /** What the vector of numbers holds, in its order. */
  readonly numbers: readonly string[]
  /** The state before the step, by name. */
  readonly state: Values
  readonly metrics: Values
  /** The [CLS] features of the global views. */
  readonly features: Value
  /** What assigns the next state, if the loss and all gradients are finite. */
  readonly assigns: readonly Operation[]
}

export interface RecordedProgram {
  readonly graph: Graph
  readonly recorder: Recorder
  readonly step: RecordedStep
}

const recordStep = (recorder: Recorder, program: Program, rows: Value | undefined): RecordedStep => {
  const { graph } = recorder
  const state = mapped(program.state, ({ shape }, name) => graph.variable(name, shape))
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
      const before = mapped(state, recorder.tensor)
      const next = program.step(before, batch, (name) => {
        const value = scalars.get(name)
        if (value === undefined) throw new RangeError(`no number ${name}`)
        return value
      })
      const finite = recorder.output(next.finite)
      const assigns = Object.entries(next.state).flatMap(([name, value]) =>
        value === before[name] ? [] : [graph.add('Assign', [state[name]!, recorder.output(value), finite], {}, `${name}/assign`)],
      )
      // Gradients keep some tensors beyond the end of a tidy.
      const kept = [...Object.values(next.state), ...Object.values(next.metrics), next.features, next.finite]
      const metrics = mapped(next.metrics, (value, name) =>
        output(graph.add('Identity', [recorder.output(value)], {}, `metrics/${name}`)),
      )
      const features = recorder.output(next.features)
      for (const tensor of kept) tensor.dispose()
      return { metrics, features, assigns }
    }),
  )
  return { inputs: { batch: placeholders, numbers, rows }, numbers: names, state, ...reported }
}

/** Stand-ins for the number of tokens whose outputs are used. */
const STAND_INS = [1009, 1013, 1019, 1021, 1031]

/** How many tokens' outputs are used: a number, one that varies from batch to batch, or undefined for all of them. */
export const rowCount = (program: Program): number | 'varies' | undefined => {
  const { mask } = program.batch
  const [least, most] = [0, 1].map((hidden) => program.rows(mask && new Float32Array(elements(mask)).fill(hidden))?.length)
  return least === most ? least : 'varies'
}

/**
 * Records a program's step, without running it.
 *
 * @param count of how many tokens the step computes the outputs: by default of as many as are used, for which a dimension of the
 * graph is unknown where that varies
 */
export const recorded = (program: Program, count: number | 'varies' | 'all' = rowCount(program) ?? 'all'): RecordedProgram => {
  const rows = count === 'all' ? undefined : count
  for (const standIn of STAND_INS) {
    const graph = newGraph()
    try {
      const picked = rows === undefined ? undefined : graph.placeholder('rows', DTYPE.int32, [rows === 'varies' ? -1 : rows])
      const size = picked && output(graph.add('Size', [picked], { out_type: { type: DTYPE.int32 } }))
      const recorder = newRecorder(graph, {
        precision: program.precision,
        ...(size && rows === 'varies' ? { unknown: { standIn, size } } : {}),
      })
      return { graph, recorder, step: recordStep(recorder, program, picked) }
    } catch (error) {
      if (!(error instanceof StandInTaken)) throw error
    }
  }
  throw new NotRecordable('the program needs the number of hidden patches as a value, which is not known while compiling')
}
