/** A program's step as a list of operations, recorded and not run: to be read and counted. */
import { needed, type Operation } from '../../graph/operation'
import type { Program } from '../../program/program'
import { recorded } from './step'

/** The operations that a step runs, in the order of recording. */
export const stepOperations = (program: Program): readonly Operation[] => {
  const { graph, step } = recorded(program)
  const wanted = new Set([...step.assigns, step.features.of, ...Object.values(step.metrics).map(({ of }) => of)])
  return needed(graph.operations, (one) => wanted.has(one))
}
