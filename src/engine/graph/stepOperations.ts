/** A program's step as a list of operations, recorded and not run: to be read and counted. */

import type { Program } from '../../program/program'
import type { TensorFlow } from '../../tensorflow/capi'
import { fusionsOf } from '../../tensorflow/fusions'
import { needed, type Operation, operationsOf } from '../../tensorflow/operations'
import { recorded } from './recorded'

/** A step keeps what it assigns, reports its metrics and gives features; a variable's first value is given before. */
const isWanted =
  (features: string) =>
  ({ type, name }: Operation): boolean =>
    name.startsWith('metrics/') || name === features || (type === 'AssignVariableOp' && name.endsWith('/assign'))

/** The operations that a step runs, in the order of recording, as they are before TensorFlow optimises them. */
export const stepOperations = async (tensorflow: TensorFlow, program: Program, threads = 0): Promise<readonly Operation[]> => {
  const { graph, step } = recorded(tensorflow, program, await fusionsOf(tensorflow, threads))
  try {
    const features = graph.nodes.find(({ operation }) => operation === step.features.oper)!.name
    return needed(operationsOf(graph), isWanted(features))
  } finally {
    graph.dispose()
  }
}
