/**
 * The compiling interpreter: a program's step becomes one TensorFlow graph whose variables stay where they are. A step
 * takes images, masks, draws and numbers in, and gives its metrics out; Node's event loop is free while it runs.
 */
import { concatenated } from '../../base/floats'
import { elements } from '../../base/shape'
import { DTYPE } from '../../graph/dtype'
import { mapBatch, namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { mapped } from '../../program/stateNames'
import type { Output, Pointer, TensorFlow } from '../../tensorflow/capi'
import { fusionsOf } from '../../tensorflow/fusions'
import type { Timing } from '../../tensorflow/profile'
import { type Feeds, openSession, type Session } from '../../tensorflow/session'
import { floatsOf, tensorOf } from '../../tensorflow/tensor'
import { newTranslation } from '../../tensorflow/translate'
import type { Variable } from '../../tensorflow/variable'
import type { Collective } from '../collective'
import { type HostBatch, type Interpreter, type InterpreterState, noOthers } from '../interpreter'
import { exchangesFor } from '../record/exchanges'
import { lastPass, type Numbered, type RecordedPass, recorded, wantedBy } from '../record/step'
import { newKeptShares, overShares } from '../shares'
import { computerIn, placeOf } from './computer'
import { type Exchange, exchanging } from './exchange'

export interface CompileOptions {
  /** What processes exchange by, where the program is divided among several. */
  readonly collective?: Collective | undefined
  /** Threads that compute; 0 for one a core. */
  readonly threads?: number
}

/** A variable of this shape, and its first value. */
interface First {
  readonly variable: Variable
  readonly shape: readonly number[]
  readonly value: Float32Array
}

/** Gives variables their first values, all in one run. */
const assignAll = async (tensorflow: TensorFlow, session: Session, all: readonly First[]): Promise<void> => {
  const feeds = all.map(
    ({ variable, shape, value }) => [variable.initial, tensorOf(tensorflow, DTYPE.float32, shape, value)] as const,
  )
  await session.run(
    feeds,
    [],
    all.map(({ variable }) => variable.initialize),
  )
}

/** A pass over one share, as TensorFlow's: what it is fed, fetches and stores. */
interface Pass {
  readonly inputs: Readonly<Record<string, Output>>
  readonly numbers: Output
  readonly rows: Output | undefined
  readonly features: Output
  readonly metrics: readonly Output[]
  readonly stores: readonly Pointer[]
  /** What it takes of earlier rounds, and what it gives to later ones, by numbers. */
  readonly takes: readonly (readonly [index: number, place: Output])[]
  readonly gives: readonly (readonly [index: number, value: Output])[]
  readonly done: readonly number[]
  readonly exchanges: readonly (readonly Exchange[])[]
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
  { threads = 0, collective }: CompileOptions = {},
): Promise<Compiled> => {
  const made = recorded(program)
  const translation = newTranslation(tensorflow, await fusionsOf(tensorflow, threads))
  const of = translation.output
  const variables = mapped(made.state, translation.variable)
  const held = mapped(made.held, ({ value }) => translation.variable(value))
  const numbered = (values: Numbered) => [...values].map(([index, value]) => [index, of(value)] as const)
  const passOf = (recordedOne: RecordedPass, ends: boolean): Pass => {
    const {
      inputs: { batch, numbers, rows, kept },
      features,
      metrics,
      assigns,
      gives,
      done,
    } = recordedOne
    return {
      features: of(features),
      metrics: ends ? Object.values(metrics).map(of) : [],
      inputs: namedBatch(mapBatch(batch, of)),
      numbers: of(numbers),
      rows: rows && of(rows),
      stores: assigns.map(translation.store),
      takes: numbered(kept),
      gives: numbered(gives),
      done,
      exchanges: exchangesFor(made.graph.operations, wantedBy(recordedOne)).map((stage) =>
        stage.map(({ reduction, operations }): Exchange => ({ reduction, values: operations.map(translation.exchange) })),
      ),
    }
  }
  const end = lastPass(made)
  const rounds = made.rounds.map(({ each, last }) => ({ each: each && passOf(each, false), last: passOf(last, last === end) }))
  const options = { threads, early: collective !== undefined }
  const session = openSession(translation.native, options)
  await assignAll(tensorflow, session, [
    ...Object.entries(program.state).map(([name, { shape }]): First => {
      const value = first[name]
      if (value === undefined) throw new RangeError(`the state has no ${name}`)
      return { variable: variables[name]!, shape, value }
    }),
    ...Object.entries(made.held).map(
      ([name, { shape, first: number }]): First => ({
        variable: held[name]!,
        shape,
        value: new Float32Array(elements(shape)).fill(number),
      }),
    ),
  ])

  const floats = (shape: readonly number[], values: Float32Array): Pointer => tensorOf(tensorflow, DTYPE.float32, shape, values)
  const taken = (tensor: Pointer): Float32Array => {
    const values = floatsOf(tensorflow, tensor)
    tensorflow.api.DeleteTensor(tensor)
    return values
  }
  const shapes = namedBatch(program.batch)
  const names = Object.keys(end.metrics)
  let features: Float32Array = new Float32Array()
  const feedsOf = (pass: Pass, batch: HostBatch, numbers: Readonly<Record<string, number>>): Feeds => {
    const values = namedBatch(batch)
    const rows = program.rows(batch.mask)
    const vector = Float32Array.from(end.numbers, (name) => numbers[name]!)
    return [
      ...Object.entries(pass.inputs).map(([name, placeholder]) => [placeholder, floats(shapes[name]!, values[name]!)] as const),
      [pass.numbers, floats([vector.length], vector)],
      ...(rows === undefined || pass.rows === undefined
        ? []
        : [[pass.rows, tensorOf(tensorflow, DTYPE.int32, [rows.length], rows)] as const]),
    ]
  }

  return {
    ...computerIn(tensorflow, placeOf(made.recorder, translation, session, made.state), options),
    concurrent: true,
    rounds: rounds.length,
    step: async (batch, numbers, others = noOthers) => {
      const seen: Float32Array[] = []
      let report: readonly number[] = []
      const kept = newKeptShares(tensorflow.api.DeleteTensor)
      try {
        await overShares(program.division.microBatches, rounds, batch, others, async (pass, values, { share, closing, ends }) => {
          // Where processes exchange, something must be waited for.
          const seesViews = closing || pass.exchanges.length > 0
          const fetches = [
            ...pass.gives.map(([, value]) => value),
            ...(seesViews ? [pass.features] : []),
            ...(ends ? pass.metrics : []),
          ]
          const run = {
            feeds: feedsOf(pass, values, numbers),
            kept: pass.takes.map(([index, place]) => [place, kept.get(share, index)] as const),
            fetches,
            targets: pass.stores,
          }
          const made =
            pass.exchanges.length === 0
              ? await session.run(run.feeds, run.fetches, run.targets, run.kept)
              : await exchanging(tensorflow, session, collective!, run, pass.exchanges)
          for (const [i, [index]] of pass.gives.entries()) kept.put(share, index, made[i]!)
          kept.free(share, pass.done)
          const results = made.slice(pass.gives.length).map(taken)
          if (closing) seen.push(results[0]!)
          if (ends) report = results.slice(1).map((value) => value[0]!)
        })
      } finally {
        kept.end()
      }
      features = concatenated(seen)
      return Object.fromEntries(names.map((name, i) => [name, report[i]!]))
    },
    features: () => features,
    trace: (batch, numbers) => {
      const { last } = rounds[rounds.length - 1]!
      return session.trace(feedsOf(last, batch, numbers), last.metrics, last.stores)
    },
    read: async () => {
      const all = Object.keys(variables)
      const results = await session.run(
        [],
        all.map((name) => variables[name]!.value),
      )
      return Object.fromEntries(results.map((tensor, i) => [all[i]!, taken(tensor)]))
    },
    dispose: session.dispose,
  }
}
