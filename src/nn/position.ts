/** Learnt position tables, resized for views of another size. */
import * as tf from '@tensorflow/tfjs-core'

const A = -0.75
/** The cubic convolution kernel (Keys 1981) at distance `d` from a sample. */
const cubic = (d: number): number => {
  const x = Math.abs(d)
  if (x <= 1) return ((A + 2) * x - (A + 3)) * x * x + 1
  return x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0
}

/**
 * What each of `after` cells takes from each of `before` cells: [after, before], rows sum to 1. Bicubic, half-pixel
 * centres, border clamped, no antialiasing, and the scale of DINO and iBOT, (after + 0.1) / before.
 */
export const bicubicWeights = (before: number, after: number): readonly Float32Array[] => {
  const scale = before / (after + 0.1)
  return Array.from({ length: after }, (_, i) => {
    const source = (i + 0.5) * scale - 0.5
    const first = Math.floor(source) - 1
    const row = new Float32Array(before)
    for (let tap = first; tap < first + 4; tap++) row[Math.min(before - 1, Math.max(0, tap))]! += cubic(source - tap)
    return row
  })
}

/** [height·width, side²]: rows follow the height, columns the width. */
const resizeMatrix = (side: number, height: number, width: number): Float32Array => {
  const rows = bicubicWeights(side, height)
  const columns = bicubicWeights(side, width)
  const matrix = new Float32Array(height * width * side * side)
  let at = 0
  for (const row of rows) for (const column of columns) for (const y of row) for (const x of column) matrix[at++] = y * x
  return matrix
}

/**
 * A table [1, 1 + side², width] for a grid of height × width cells: [1, 1 + height·width, width]. The [CLS] position
 * is kept. As in the official code only a square grid of the table's own size is left alone.
 */
export const positionsFor = (table: tf.Tensor, height: number, width: number): tf.Tensor => {
  const cells = table.shape[1]! - 1
  const side = Math.round(Math.sqrt(cells))
  if (height * width === cells && height === width) return table
  const features = table.shape[2]!
  const cls = tf.slice(table, [0, 0, 0], [1, 1, features])
  const patches = tf.reshape(tf.slice(table, [0, 1, 0], [1, cells, features]), [cells, features])
  const resize = tf.tensor2d(resizeMatrix(side, height, width), [height * width, cells])
  return tf.concat([cls, tf.reshape(tf.matMul(resize, patches), [1, height * width, features])], 1)
}

/** The values of a table [1, 1 + before², features] for a grid of after × after cells, resized once and for all. */
export const resizedPositions = (table: Float32Array, before: number, after: number, features: number): Float32Array => {
  const resize = resizeMatrix(before, after, after)
  const resized = new Float32Array((1 + after * after) * features)
  resized.set(table.subarray(0, features))
  const cells = before * before
  for (let row = 0; row < after * after; row++)
    for (let cell = 0; cell < cells; cell++) {
      const share = resize[row * cells + cell]!
      if (share === 0) continue
      for (let i = 0; i < features; i++) resized[(1 + row) * features + i]! += share * table[(1 + cell) * features + i]!
    }
  return resized
}

/** A table [1, 1 + n, width] with rows of zeros for registers behind that of [CLS], as timm has it: [1, 1 + registers + n, width]. */
export const withRegisterRows = (table: Float32Array, width: number, registers: number): Float32Array => {
  const all = new Float32Array(table.length + registers * width)
  all.set(table.subarray(0, width))
  all.set(table.subarray(width), (1 + registers) * width)
  return all
}

/** Such a table again without those rows, and what stands in them. */
export const withoutRegisterRows = (
  table: Float32Array,
  width: number,
  registers: number,
): { readonly table: Float32Array; readonly rows: Float32Array } => {
  const rest = new Float32Array(table.length - registers * width)
  rest.set(table.subarray(0, width))
  rest.set(table.subarray((1 + registers) * width), width)
  return { table: rest, rows: table.slice(width, (1 + registers) * width) }
}
