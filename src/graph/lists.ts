/** Operations some of whose inputs are one list in TensorFlow's eyes. */
import type { Operation } from './operation'
import type { OperationType } from './types'

/** How many single inputs stand before the list, and behind it. */
const LISTS: Readonly<Partial<Record<OperationType, readonly [before: number, behind: number]>>> = {
  AddN: [0, 0],
  ConcatV2: [0, 1],
  Pack: [0, 0],
  _FusedMatMul: [2, 0],
}

/** What stands for the inputs of an operation, with those of the list together. */
export const grouped = <A>({ type }: Pick<Operation, 'type'>, inputs: readonly A[]): readonly (A | readonly A[])[] => {
  const list = LISTS[type]
  if (list === undefined) return inputs
  const [before, behind] = list
  const end = inputs.length - behind
  return [...inputs.slice(0, before), inputs.slice(before, end), ...inputs.slice(end)]
}
