/** A program's step as lists of operations, recorded and not run: to be read and counted. */
import { needed, type Operation, type Value } from '../../graph/operation'
import type { Program } from '../../program/program'
import { type RecordedPass, recorded } from './step'

/** A pass over one share of a step's batch. */
export interface PassOperations {
  /** Those that it runs, in the order of recording. */
  readonly operations: readonly Operation[]
  /** What it gives to passes of later rounds, which is kept until they are done. */
  readonly gives: readonly Value[]
  /** Over how many shares it goes in a step, one after the other. */
  readonly times: number
}

/** The passes of a step, in their order; one where the batch isn't divided. */
export const stepPasses = (program: Program): readonly PassOperations[] => {
  const { graph, rounds } = recorded(program)
  const { microBatches } = program.division
  const ran = (pass: RecordedPass, values: readonly Value[], times: number): PassOperations => {
    const gives = [...pass.gives.values()]
    const wanted = new Set([...pass.assigns, ...[...values, ...gives].map(({ of }) => of)])
    return { operations: needed(graph.operations, (one) => wanted.has(one)), gives, times }
  }
  return rounds.flatMap(({ each, last }, i) => {
    const ends = i === rounds.length - 1
    return [
      ...(each === undefined ? [] : [ran(each, ends ? [each.features] : [], microBatches - 1)]),
      ran(last, ends ? [last.features, ...Object.values(last.metrics)] : [], 1),
    ]
  })
}

/** The operations of a step whose batch isn't divided; those of all passes, one after the other, where it is. */
export const stepOperations = (program: Program): readonly Operation[] =>
  stepPasses(program).flatMap(({ operations }) => operations)
