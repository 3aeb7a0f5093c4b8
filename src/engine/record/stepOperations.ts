/** A program's step as lists of operations, recorded and not run: to be read and counted. */
import { needed, type Operation, type Value } from '../../graph/operation'
import type { Program } from '../../program/program'
import { recorded } from './step'

/** A pass over one share of a step's batch. */
export interface PassOperations {
  /** Those that it runs, in the order of recording. */
  readonly operations: readonly Operation[]
  /** Over how many shares it goes in a step, one after the other. */
  readonly times: number
}

/** The passes of a step, in their order; one where the batch isn't divided. */
export const stepPasses = (program: Program): readonly PassOperations[] => {
  const { graph, rounds } = recorded(program)
  const { microBatches } = program.division
  const ran = (assigns: readonly Operation[], values: readonly Value[]): readonly Operation[] => {
    const wanted = new Set([...assigns, ...values.map(({ of }) => of)])
    return needed(graph.operations, (one) => wanted.has(one))
  }
  return rounds.flatMap(({ each, last }, i) => {
    const ends = i === rounds.length - 1
    return [
      ...(each === undefined ? [] : [{ operations: ran(each.assigns, ends ? [each.features] : []), times: microBatches - 1 }]),
      { operations: ran(last.assigns, ends ? [last.features, ...Object.values(last.metrics)] : []), times: 1 },
    ]
  })
}

/** The operations of a step whose batch isn't divided; those of all passes, one after the other, where it is. */
export const stepOperations = (program: Program): readonly Operation[] =>
  stepPasses(program).flatMap(({ operations }) => operations)
