/** A pass of a program's step as a program for XLA, before it is compiled. */
import { infoOf, output, type Value } from '../../graph/operation'
import { namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import type { Parameter, Result, Sharding, Program as XlaProgram } from '../../xla/stablehlo/lowered'
import { type Meetings, NO_MEETINGS } from '../record/meetings'
import type { PassOf } from '../record/passes'
import { type Count, recordedPass } from '../record/step'
import type { Standing } from '../shares'

/** Of as many devices as compute together, how an array of a batch is spread over them. */
export const shardingOf = ([first]: readonly number[], devices: number): Sharding =>
  first !== undefined && devices > 1 && first % devices === 0 ? 'split' : 'replicated'

/** Which pass of a step, and what is wanted of it. */
export interface WantedPass extends PassOf, Standing {}

/** The only pass of a step whose batch isn't divided. */
export const ONLY: WantedPass = { round: 1, last: true, closing: true, ends: true }

export interface StepProgram {
  /** What the vector of numbers holds, in its order. */
  readonly numbers: readonly string[]
  /** What the step reports, in the order of the vector of metrics. */
  readonly metrics: readonly string[]
  /**
   * Takes the state, what shares meet in, the arrays of a batch, the numbers, where only some rows are used those, and what earlier rounds gave; gives what
   * takes the place of the first two, what later rounds take, where it is wanted one vector of all metrics, and the features.
   */
  readonly xla: XlaProgram
  /** Of each value that is assigned, whose place among the variables it takes. */
  readonly assigned: readonly number[]
  /** Numbers of what it takes from passes of earlier rounds, of what it gives to later ones, and of what no later one takes. */
  readonly takes: readonly number[]
  readonly gives: readonly number[]
  readonly done: readonly number[]
}

export interface StepProgramOptions {
  /** Where shares meet; nowhere by default. */
  readonly meetings?: Meetings
  readonly pass?: WantedPass
  /** How many replicas run it at once; one by default. */
  readonly replicas?: number
}

/** The pass for so many devices, which computes the outputs of so many tokens. */
export const stepProgram = (
  program: Program,
  count: Count,
  devices: number,
  { meetings = NO_MEETINGS, pass = ONLY, replicas = 1 }: StepProgramOptions = {},
): StepProgram => {
  const { graph, state, held, pass: recorded } = recordedPass(program, meetings, pass, count)
  const { inputs, numbers, metrics, assigns, features, gives, done } = recorded
  const shapes = namedBatch(program.batch)
  const variables = [...Object.values(state), ...Object.values(held).map(({ value }) => value)]
  const assigned = assigns.map(({ inputs: [place] }) => variables.findIndex(({ of }) => of === place!.of))
  const parameter = ({ of }: Value, sharding: Sharding = 'replicated'): Parameter => ({ of, sharding })
  const spread = (value: Value): Sharding => shardingOf(infoOf(value).shape, devices)
  const reported = () => output(graph.add('Pack', Object.values(metrics), { axis: { int: 0 } }, 'metrics'))
  const results: readonly Result[] = [
    ...assigns.map((of, i): Result => ({ of, replaces: assigned[i]!, sharding: 'replicated' })),
    ...[...gives.values()].map((of): Result => ({ of, sharding: spread(of) })),
    ...(pass.ends ? [{ of: reported(), sharding: 'replicated' } as const] : []),
    ...(pass.closing ? [{ of: features, sharding: 'replicated' } as const] : []),
  ]
  const parameters = [
    ...variables.map((of) => parameter(of)),
    ...Object.entries(namedBatch(inputs.batch)).map(([name, of]) => parameter(of, shardingOf(shapes[name]!, devices))),
    parameter(inputs.numbers),
    ...(inputs.rows === undefined ? [] : [parameter(inputs.rows)]),
    ...[...inputs.kept.values()].map((of) => parameter(of, spread(of))),
  ]
  return {
    numbers,
    metrics: Object.keys(metrics),
    xla: {
      operations: graph.operations,
      parameters,
      results,
      partitions: devices,
      replicas,
    },
    assigned,
    takes: [...inputs.kept.keys()],
    gives: [...gives.keys()],
    done,
  }
}
