/**
 * A program's step as a graph: its inputs, its variables, and what it gives. Nothing runs.
 *
 * A step whose batch is divided is recorded as passes, each over one share: what shares meet in is kept between the passes in
 * variables of its own, so that whoever runs them needs memory for one share only.
 */
import * as tf from '@tensorflow/tfjs-core'
import { NotRecordable } from '../../base/engineError'
import { elements } from '../../base/shape'
import { DTYPE } from '../../graph/dtype'
import { type Graph, newGraph } from '../../graph/graph'
import { infoOf, type Operation, output, type Value } from '../../graph/operation'
import { type Across, WHOLE } from '../../nn/across'
import { tidy } from '../../nn/tidy'
import { type Batch, mapBatch, tensorBatch } from '../../program/batch'
import { sharesOf } from '../../program/division'
import type { Program } from '../../program/program'
import { mapped } from '../../program/stateNames'
import { newRecorder, type Recorder, StandInTaken } from '../../record/recorder'
import { type RoundOf, roundsOver } from '../shares'
import type { Values } from './function'
import { inPlaceOf, keptIn, type Meetings, meetingEach, meetingsIn, NO_MEETINGS, roundsOf } from './meetings'
import { type Held, heldBy, meetingIn, type PassOf } from './passes'

/** Values that are kept between rounds, by their numbers. */
export type Numbered = ReadonlyMap<number, Value>

/** What a pass over one share takes and gives. */
export interface RecordedPass {
  readonly inputs: {
    readonly batch: Batch<Value>
    readonly numbers: Value
    readonly rows: Value | undefined
    /** What passes of earlier rounds gave of the same share. */
    readonly kept: Numbered
  }
  /** What the vector of numbers holds, in its order. */
  readonly numbers: readonly string[]
  /** What assigns to variables: the next state, if the loss and all gradients are finite, and what shares meet in. */
  readonly assigns: readonly Operation[]
  /** Which of those no later round takes. */
  readonly done: readonly number[]
  /** What passes of later rounds take. */
  readonly gives: Numbered
  /** The [CLS] features of the global views of its share. */
  readonly features: Value
  /** What the step reports, which is right in the last pass. */
  readonly metrics: Values
}

export interface RecordedProgram {
  readonly graph: Graph
  readonly recorder: Recorder
  /** The state before the step, by name. */
  readonly state: Values
  /** What shares meet in, by name, and what it is before a step. */
  readonly held: Readonly<Record<string, Held & { readonly value: Value }>>
  readonly rounds: readonly RoundOf<RecordedPass>[]
}

/** The last pass of a step. */
export const lastPass = ({ rounds }: Pick<RecordedProgram, 'rounds'>): RecordedPass => rounds[rounds.length - 1]!.last

/** What a pass runs for. */
export const wantedBy = ({
  assigns,
  features,
  metrics,
  gives,
}: Pick<RecordedPass, 'assigns' | 'features' | 'metrics' | 'gives'>) => {
  const wanted = new Set([...assigns, ...[features, ...Object.values(metrics), ...gives.values()].map(({ of }) => of)])
  return (one: Operation): boolean => wanted.has(one)
}

interface Place {
  readonly recorder: Recorder
  readonly program: Program
  readonly state: Values
  /** Stands before the names of the inputs. */
  readonly prefix: string
  /** Whether the step ends with this pass: then the next state takes the place of the state. */
  readonly ends: boolean
}

/** Records a pass, given what to do where shares meet. */
const recordPass = (
  { recorder, program, state, prefix, ends }: Place,
  rows: Value | undefined,
  meeting: (does: Pick<Parameters<typeof meetingIn>[0], 'assign' | 'give' | 'take'>) => Across,
): RecordedPass => {
  const { graph } = recorder
  const placeholders = mapBatch(program.batch, (shape, name) => graph.placeholder(`${prefix}${name}`, DTYPE.float32, shape))
  const names = Object.keys(program.numbers(0))
  const numbers = graph.placeholder(`${prefix}numbers`, DTYPE.float32, [names.length])
  const stored: Operation[] = []
  const gives = new Map<number, Value>()
  const takes = new Map<number, Value>()
  const done: number[] = []
  const reported = recorder.record(() =>
    tidy(() => {
      const scalars = new Map(tf.unstack(recorder.tensor(numbers)).map((value, i) => [names[i]!, value as tf.Scalar]))
      const batch = tensorBatch(
        mapBatch(placeholders, (placeholder) => recorder.tensor(placeholder)),
        rows && (recorder.tensor(rows) as tf.Tensor1D),
      )
      const before = mapped(state, recorder.tensor)
      const across = meeting({
        assign: (place, value) => stored.push(graph.add('Assign', [place, value])),
        give: (index, value) => gives.set(index, value),
        take: (index, like, again) => {
          if (!again) done.push(index)
          const { dtype, shape } = infoOf(like)
          const taken = graph.placeholder(`${prefix}kept/${index}`, dtype, shape)
          takes.set(index, taken)
          return taken
        },
      })
      const next = program.step(
        before,
        batch,
        (name) => {
          const value = scalars.get(name)
          if (value === undefined) throw new RangeError(`no number ${name}`)
          return value
        },
        across,
      )
      const finite = recorder.output(next.finite)
      const assigns = Object.entries(next.state).flatMap(([name, value]) =>
        !ends || value === before[name]
          ? []
          : [graph.add('Assign', [state[name]!, recorder.output(value), finite], {}, `${prefix}${name}/assign`)],
      )
      // Gradients keep some tensors beyond the end of a tidy.
      const made = [...Object.values(next.state), ...Object.values(next.metrics), next.features, next.finite]
      const metrics = mapped(next.metrics, (value, name) =>
        output(graph.add('Identity', [recorder.output(value)], {}, `${prefix}metrics/${name}`)),
      )
      const features = recorder.output(next.features)
      for (const tensor of made) tensor.dispose()
      return { metrics, features, assigns }
    }),
  )
  return {
    inputs: { batch: placeholders, numbers, rows, kept: takes },
    numbers: names,
    ...reported,
    assigns: [...reported.assigns, ...stored],
    done,
    gives,
  }
}

/** Stand-ins for the number of tokens whose outputs are used. */
const STAND_INS = [1009, 1013, 1019, 1021, 1031]

/** How many tokens' outputs are used: a number, one that varies from batch to batch, or undefined for all of them. */
export const rowCount = (program: Program): number | 'varies' | undefined => {
  const { mask } = program.batch
  const [least, most] = [0, 1].map((hidden) => program.rows(mask && new Float32Array(elements(mask)).fill(hidden))?.length)
  return least === most ? least : 'varies'
}

/** Of how many tokens a pass computes the outputs. */
export type Count = number | 'varies' | 'all'

/** Of as many as are used. */
const usual = (program: Program): Count => rowCount(program) ?? 'all'

/** A place where a pass's rows are known, or stand for an unknown number. */
type WithRows = (prefix: string) => { readonly recorder: Recorder; readonly rows: Value | undefined }

/** Records into a graph of its own, with another stand-in where a number of the program looks like the one before. */
const withStandIn = <A>(program: Program, count: Count, record: (recorder: Recorder, withRows: WithRows) => A): A => {
  for (const standIn of STAND_INS) {
    const graph = newGraph()
    const first = newRecorder(graph, { precision: program.precision })
    const withRows: WithRows = (prefix) => {
      if (count === 'all') return { recorder: first, rows: undefined }
      const rows = graph.placeholder(`${prefix}rows`, DTYPE.int32, [count === 'varies' ? -1 : count])
      if (count !== 'varies') return { recorder: first, rows }
      const size = output(graph.add('Size', [rows], { out_type: { type: DTYPE.int32 } }))
      return { recorder: first.another({ standIn, size }), rows }
    }
    try {
      return record(first, withRows)
    } catch (error) {
      if (!(error instanceof StandInTaken)) throw error
    }
  }
  throw new NotRecordable('the program needs the number of hidden patches as a value, which is not known while compiling')
}

const variablesOf = ({ graph }: Recorder, program: Program): Values =>
  mapped(program.state, ({ shape }, name) => graph.variable(name, shape))

/** Where the shares of a program's step meet: what its code does with them, in its order. */
export const meetingsOf = (program: Program): Meetings => {
  const shares = sharesOf(program.division)
  if (shares === 1) return NO_MEETINGS
  return withStandIn(program, usual(program), (recorder, withRows) => {
    const state = variablesOf(recorder, program)
    const { recorder: within, rows } = withRows('')
    const add = (...of: Parameters<typeof recorder.graph.add>): Value => output(recorder.graph.add(...of))
    const candidates: Operation[] = []
    const pass = recordPass({ recorder: within, program, state, prefix: '', ends: true }, rows, () =>
      meetingEach(
        shares,
        (_, reduction, x) => {
          const attributes = { reduction: { string: reduction }, processes: { int: shares } }
          return within.tensor(add('AllReduce', [within.output(x)], attributes))
        },
        (_, x) =>
          inPlaceOf(x, (x) => {
            const value = add('Identity', [within.output(x)])
            candidates.push(value.of)
            return within.tensor(value)
          }),
      ),
    )
    const { operations } = recorder.graph
    const meetings = meetingsIn(operations)
    return { meetings, kept: keptIn(operations, candidates, meetings, wantedBy(pass)) }
  })
}

/** Records one pass among those of a step. */
const recordPassOf = (
  place: Omit<Place, 'ends'>,
  rows: Value | undefined,
  { meetings, kept }: Meetings,
  held: RecordedProgram['held'],
  pass: PassOf,
): RecordedPass => {
  const { division } = place.program
  const ends = division.microBatches === 1 || (pass.last && pass.round === roundsOf(meetings))
  return recordPass({ ...place, ends }, rows, (does) =>
    sharesOf(division) === 1 ? WHOLE : meetingIn({ recorder: place.recorder, division, meetings, kept, held, ...does }, pass),
  )
}

/** Records one pass of a program's step in a graph of its own, without running it. */
export const recordedPass = (
  program: Program,
  meetings: Meetings,
  pass: PassOf,
  count: Count = usual(program),
): Omit<RecordedProgram, 'rounds'> & { readonly pass: RecordedPass } =>
  withStandIn(program, count, (recorder, withRows) => {
    const state = variablesOf(recorder, program)
    const held = mapped(heldBy(program.division, meetings.meetings), (one, name) => ({
      ...one,
      value: recorder.graph.variable(name, one.shape),
    }))
    const { recorder: within, rows } = withRows('')
    const recordedIt = recordPassOf({ recorder: within, program, state, prefix: '' }, rows, meetings, held, pass)
    return { graph: recorder.graph, recorder, state, held, pass: recordedIt }
  })

/**
 * Records all passes of a program's step in one graph, without running it.
 *
 * @param count of how many tokens a pass computes the outputs: by default of as many as are used, for which a dimension of the
 * graph is unknown where that varies
 */
export const recorded = (program: Program, count: Count = usual(program)): RecordedProgram => {
  const { microBatches } = program.division
  const meetings = microBatches === 1 ? NO_MEETINGS : meetingsOf(program)
  return withStandIn(program, count, (recorder, withRows) => {
    const state = variablesOf(recorder, program)
    const held = mapped(heldBy(program.division, meetings.meetings), (one, name) => ({
      ...one,
      value: recorder.graph.variable(name, one.shape),
    }))
    const passOf = (pass: PassOf, prefix: string): RecordedPass => {
      const { recorder: within, rows } = withRows(prefix)
      return recordPassOf({ recorder: within, program, state, prefix }, rows, meetings, held, pass)
    }
    const count = microBatches === 1 ? 1 : roundsOf(meetings.meetings)
    const prefixOf = (round: number, last: boolean): string =>
      last && round === count ? '' : `round${round}${last ? 'last' : ''}/`
    const rounds = roundsOver(count, microBatches, (round, last) => passOf({ round, last }, prefixOf(round, last)))
    return { graph: recorder.graph, recorder, state, held, rounds }
  })
}
