/** Products of matrices. */

import { flag } from '../attributes'
import { infoOf } from '../operation'
import { agreed, broadcast, dtypeAt, type Infer, type Shape, shapeAt } from './kind'

const inner = (dim: number, other: number): number => agreed(dim, other, 'the inner dimensions of a product')

/** [rows, columns] of a matrix, or of its transpose. */
const matrixShape = (shape: Shape, transposed: boolean): readonly [number, number] => {
  const [rows, columns] = shape.slice(-2) as [number, number]
  return transposed ? [columns, rows] : [rows, columns]
}

export const matMul: Infer = (inputs, attributes) => {
  const [rows, summands] = matrixShape(shapeAt(inputs, 0), flag(attributes, 'transpose_a'))
  const [others, columns] = matrixShape(shapeAt(inputs, 1), flag(attributes, 'transpose_b'))
  inner(summands, others)
  if (inputs[2] !== undefined) agreed(columns, infoOf(inputs[2]).shape[0]!, 'the columns of a product and of its bias')
  return [{ dtype: dtypeAt(inputs, 0), shape: [rows, columns] }]
}

export const batchMatMul: Infer = (inputs, attributes) => {
  const [a, b] = [shapeAt(inputs, 0), shapeAt(inputs, 1)]
  const [rows, summands] = matrixShape(a, flag(attributes, 'adj_x'))
  const [others, columns] = matrixShape(b, flag(attributes, 'adj_y'))
  inner(summands, others)
  return [{ dtype: dtypeAt(inputs, 0), shape: [...broadcast(a.slice(0, -2), b.slice(0, -2)), rows, columns] }]
}
