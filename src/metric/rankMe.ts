/** RankMe (arXiv 2210.02885): how many directions features use, without labels. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { entropy } from './entropy'

/**
 * The effective rank of features [rows, width]: exp of the entropy of their singular values, which sum to 1. It is at
 * least 1, for features that are all the same but for their length, and at most the smaller of rows and width. Zeros have
 * none: NaN.
 */
export const rankMe = (features: Float32Array, width: number): number => {
  const rows = features.length / width
  const matrix = Matrix.from1DArray(rows, width, features)
  // The singular values are the roots of the eigenvalues of the smaller of both products.
  const gram = rows < width ? matrix.mmul(matrix.transpose()) : matrix.transpose().mmul(matrix)
  const values = new EigenvalueDecomposition(gram, { assumeSymmetric: true }).realEigenvalues.map((value) =>
    Math.sqrt(Math.max(0, value)),
  )
  return Math.exp(entropy(values))
}
