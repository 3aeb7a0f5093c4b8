/**
 * Of how many tokens a step computes the outputs. A program for XLA is for one number of them, and that of the hidden patches
 * varies: it is rounded up to one of a few, so that few programs are compiled. Rows are filled up with the first token again,
 * which is a [CLS] and counts nothing in any loss on patches.
 */

/** Rounded up to so many parts of all tokens. */
const PARTS = 8
/** Of fewer tokens all outputs are computed: what would be saved is less than what compiling takes. */
const WORTH = 4096

/** How many rows are computed where so many of all tokens are used. */
export const roundedRows = (used: number, tokens: number, worth = WORTH): number | 'all' => {
  if (tokens < worth) return 'all'
  const part = Math.ceil(tokens / PARTS)
  const rows = Math.ceil(used / part) * part
  return rows >= tokens ? 'all' : rows
}

/** As many rows, with the first one in the places that are left. */
export const filledUp = (rows: Int32Array, count: number): Int32Array => {
  if (rows.length === count) return rows
  const filled = new Int32Array(count).fill(rows[0] ?? 0)
  filled.set(rows)
  return filled
}
