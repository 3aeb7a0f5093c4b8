/**
 * The compiling interpreter: a program's step becomes one TensorFlow graph whose variables stay where they are. A step
 * takes images, masks, draws and numbers in, and gives its metrics out; Node's event loop is free while it runs.
 */
import { DTYPE } from '../../graph/dtype'
import { mapBatch, namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { mapped } from '../../program/stateNames'
import type { Pointer, TensorFlow } from '../../tensorflow/capi'
import { fusionsOf } from '../../tensorflow/fusions'
import type { Timing } from '../../tensorflow/profile'
import { type Feeds, openSession, type Session } from '../../tensorflow/session'
import { floatsOf, tensorOf } from '../../tensorflow/tensor'
import { newTranslation } from '../../tensorflow/translate'
import type { Variable } from '../../tensorflow/variable'
import type { HostBatch, Interpreter, InterpreterState } from '../interpreter'
import { recorded } from '../record/step'
import { computerIn, placeOf } from './computer'

export interface CompileOptions {
  /** Threads that compute; 0 for one a core. */
  readonly threads?: number
}

/** Gives variables their first values, all in one run. */
const assignAll = async (
  tensorflow: TensorFlow,
  session: Session,
  program: Program,
  variables: Readonly<Record<string, Variable>>,
  state: InterpreterState,
): Promise<void> => {
  const feeds = Object.entries(program.state).map(([name, { shape }]) => {
    const value = state[name]
    if (value === undefined) throw new RangeError(`the state has no ${name}`)
    return [variables[name]!.initial, tensorOf(tensorflow, DTYPE.float32, shape, value)] as const
  })
  await session.run(
    feeds,
    [],
    Object.values(variables).map(({ initialize }) => initialize),
  )
}

/** An interpreter that can also tell where a step's time goes. */
export interface Compiled extends Interpreter {
  /** Runs one step; gives how long each operation took. */
  readonly trace: (batch: HostBatch, numbers: Readonly<Record<string, number>>) => Promise<readonly Timing[]>
}

/** An interpreter of a program from a first state on. */
export const compiled = async (
  tensorflow: TensorFlow,
  program: Program,
  first: InterpreterState,
  { threads = 0 }: CompileOptions = {},
): Promise<Compiled> => {
  const { recorder, step } = recorded(program)
  const translation = newTranslation(tensorflow, await fusionsOf(tensorflow, threads))
  const of = translation.output
  const variables = mapped(step.state, translation.variable)
  const metrics = mapped(step.metrics, of)
  const [seen, inputs, stores] = [
    of(step.features),
    namedBatch(mapBatch(step.inputs.batch, of)),
    step.assigns.map(translation.store),
  ]
  const [numbersIn, rowsIn] = [of(step.inputs.numbers), step.inputs.rows && of(step.inputs.rows)]
  const options = { threads }
  const session = openSession(translation.native, options)
  await assignAll(tensorflow, session, program, variables, first)

  const floats = (shape: readonly number[], values: Float32Array): Pointer => tensorOf(tensorflow, DTYPE.float32, shape, values)
  const taken = (tensor: Pointer): Float32Array => {
    const values = floatsOf(tensorflow, tensor)
    tensorflow.api.DeleteTensor(tensor)
    return values
  }
  const shapes = namedBatch(program.batch)
  let features: Float32Array = new Float32Array()
  const feedsOf = (batch: HostBatch, numbers: Readonly<Record<string, number>>): Feeds => {
    const values = namedBatch(batch)
    const rows = program.rows(batch.mask)
    const vector = Float32Array.from(step.numbers, (name) => numbers[name]!)
    return [
      ...Object.entries(inputs).map(([name, placeholder]) => [placeholder, floats(shapes[name]!, values[name]!)] as const),
      [numbersIn, floats([vector.length], vector)],
      ...(rows === undefined || rowsIn === undefined
        ? []
        : [[rowsIn, tensorOf(tensorflow, DTYPE.int32, [rows.length], rows)] as const]),
    ]
  }

  return {
    ...computerIn(tensorflow, placeOf(recorder.withoutUnknown(), translation, session, step.state), options),
    concurrent: true,
    step: async (batch, numbers) => {
      const names = Object.keys(metrics)
      const [ofViews, ...results] = await session.run(feedsOf(batch, numbers), [seen, ...Object.values(metrics)], stores)
      features = taken(ofViews!)
      return Object.fromEntries(results.map((tensor, i) => [names[i]!, taken(tensor)[0]!]))
    },
    features: () => features,
    trace: (batch, numbers) => session.trace(feedsOf(batch, numbers), Object.values(metrics), stores),
    read: async () => {
      const names = Object.keys(variables)
      const results = await session.run(
        [],
        names.map((name) => variables[name]!.value),
      )
      return Object.fromEntries(results.map((tensor, i) => [names[i]!, taken(tensor)]))
    },
    dispose: session.dispose,
  }
}
