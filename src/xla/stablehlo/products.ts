/** Products of matrices. */
import { NotRecordable } from '../../base/engineError'
import { flag } from '../../graph/attributes'
import { DTYPE, type Dtype } from '../../graph/dtype'
import type { Operation } from '../../graph/operation'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import { binary, broadcast, broadcastTo, from, list, reshape, type Shape, sameShape } from './instructions'
import type { Lowering, Precision, Scope } from './lowering'

/** How exactly a product of two values of a type is computed: in float32 only float32 needs to be told. */
export const precisionOf = (dtype: Dtype, precision: Precision): string =>
  dtype === DTYPE.float32 ? precision.toUpperCase() : 'DEFAULT'

interface Product {
  /** Whether the last two axes of a factor are exchanged. */
  readonly turned: readonly [boolean, boolean]
  readonly dtype: Dtype
  readonly precision: Precision
}

/** Sums over one axis of each factor; the first `batch` axes of both belong together. Gives [...batch, ...rest of a, ...rest of b]. */
const contracted = (
  block: Block,
  a: Term,
  b: Term,
  batch: number,
  axes: readonly [number, number],
  { dtype, precision }: Product,
): Term => {
  const together = Array.from({ length: batch }, (_, i) => i)
  const exactly = precisionOf(a.dtype, precision)
  const rest = ({ shape }: Term, axis: number): Shape => shape.filter((_, i) => i >= batch && i !== axis)
  return block.add(
    `stablehlo.dot_general ${a.name}, ${b.name}, ${batch === 0 ? '' : `batching_dims = ${list(together)} x ${list(together)}, `}` +
      `contracting_dims = [${axes[0]}] x [${axes[1]}], precision = [${exactly}, ${exactly}]`,
    { dtype, shape: [...a.shape.slice(0, batch), ...rest(a, axes[0]), ...rest(b, axes[1])] },
    from(a, b),
  )
}

/** [..., n, k] · [..., k, m]; the axes before the last two are repeated where one factor has fewer, or only one of each. */
const multiplied = (block: Block, a: Term, b: Term, shape: Shape, product: Product): Term => {
  const [turnedA, turnedB] = product.turned
  const inner = ({ shape: { length } }: Term, isLast: boolean): number => length - (isLast ? 1 : 2)
  const batch = shape.slice(0, -2)
  const batchOf = (factor: Term): Shape => factor.shape.slice(0, -2)
  // One matrix for all is no batch, and the rows of all are those of one matrix.
  if (!turnedA && batchOf(b).every((dim) => dim === 1) && batch.length === batchOf(a).length && sameShape(batch, batchOf(a))) {
    const matrix = reshape(block, b, b.shape.slice(-2))
    return contracted(block, a, matrix, 0, [inner(a, true), inner(matrix, turnedB)], product)
  }
  const whole = (factor: Term): Term => broadcastTo(block, factor, [...batch, ...factor.shape.slice(-2)])
  const [first, second] = [whole(a), whole(b)]
  return contracted(block, first, second, batch.length, [inner(first, !turnedA), inner(second, turnedB)], product)
}

const product =
  (adjoint: readonly [string, string]): ((scope: Scope, one: Operation) => Term) =>
  ({ block, of, precision }, one) => {
    const { dtype, shape } = one.outputs[0]!
    const turned = [flag(one.attributes, adjoint[0]), flag(one.attributes, adjoint[1])] as const
    return multiplied(block, of(one.inputs[0]!), of(one.inputs[1]!), shape, { turned, dtype, precision })
  }

const matMul = product(['transpose_a', 'transpose_b'])
const batchMatMul = product(['adj_x', 'adj_y'])

/** A product with a row added to each of its rows. */
const fusedMatMul: Lowering = (scope, one) => {
  const { fused_ops: fused } = one.attributes
  if (fused === undefined || !('strings' in fused) || fused.strings.join() !== 'BiasAdd')
    throw new NotRecordable('what is fused with a product is a bias', one.type)
  const plain = matMul(scope, one)
  const bias = broadcast(scope.block, scope.of(one.inputs[2]!), plain.shape, [plain.shape.length - 1])
  return [binary(scope.block, 'add', plain, bias)]
}

export const PRODUCTS = {
  BatchMatMulV2: (scope, one) => [batchMatMul(scope, one)],
  MatMul: (scope, one) => [matMul(scope, one)],
  _FusedMatMul: fusedMatMul,
} as const satisfies Partial<Record<OperationType, Lowering>>
