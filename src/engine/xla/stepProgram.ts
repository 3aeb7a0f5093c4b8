/** A program's step as a program for XLA, before it is compiled. */
import { output, type Value } from '../../graph/operation'
import { namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import type { Parameter, Result, Sharding, Program as XlaProgram } from '../../xla/stablehlo/lowered'
import { type RecordedStep, recorded } from '../record/step'

/** Of as many devices as compute together, how an array of a batch is spread over them. */
export const shardingOf = ([first]: readonly number[], devices: number): Sharding =>
  first !== undefined && devices > 1 && first % devices === 0 ? 'split' : 'replicated'

export interface StepProgram {
  readonly step: RecordedStep
  /**
   * Takes the state, the arrays of a batch, the numbers, and where only some rows are used those; gives what takes the place of
   * the state, one vector of all metrics, and the features.
   */
  readonly xla: XlaProgram
  /** Of each value that is assigned, whose place among the state it takes. */
  readonly assigned: readonly number[]
}

/** The step with the outputs of so many tokens, for so many devices. */
export const stepProgram = (program: Program, rows: number | 'all', devices: number): StepProgram => {
  const { graph, step } = recorded(program, rows)
  const metrics = output(graph.add('Pack', Object.values(step.metrics), { axis: { int: 0 } }, 'metrics'))
  const shapes = namedBatch(program.batch)
  const variables = Object.values(step.state)
  const assigned = step.assigns.map(({ inputs: [place] }) => variables.findIndex(({ of }) => of === place!.of))
  const parameter = ({ of }: Value, sharding: Sharding = 'replicated'): Parameter => ({ of, sharding })
  const results: readonly Result[] = [
    ...step.assigns.map((of, i): Result => ({ of, replaces: assigned[i]!, sharding: 'replicated' })),
    { of: metrics, sharding: 'replicated' },
    { of: step.features, sharding: 'replicated' },
  ]
  const parameters = [
    ...variables.map((of) => parameter(of)),
    ...Object.entries(namedBatch(step.inputs.batch)).map(([name, of]) => parameter(of, shardingOf(shapes[name]!, devices))),
    parameter(step.inputs.numbers),
    ...(step.inputs.rows === undefined ? [] : [parameter(step.inputs.rows)]),
  ]
  return { step, xla: { operations: graph.operations, parameters, results, partitions: devices }, assigned }
}
