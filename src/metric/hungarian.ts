/**
 * The assignment problem: pair every row of a square cost matrix with a column of its own so that the sum of the costs is
 * least.
 *
 * Hungarian method in its O(n³) form of shortest augmenting paths over reduced costs: Kuhn (1955); Jonker & Volgenant,
 * "A shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 38 (1987).
 */

/** What the search from one row has found out about the columns. */
interface Search {
  /** Least reduced cost of a path from the searching row to each column; Infinity where none is known. */
  readonly distance: Float64Array
  /** The column before each column on that path, or -1 at its start. */
  readonly previous: Int32Array
  /** Columns whose distance is final. */
  readonly settled: Uint8Array
}

const nearestUnsettled = ({ distance, settled }: Search): number => {
  let nearest = -1
  for (let column = 0; column < distance.length; column++) {
    if (settled[column] === 0 && (nearest < 0 || distance[column]! < distance[nearest]!)) nearest = column
  }
  return nearest
}

/**
 * The column of each row in a cheapest assignment.
 *
 * @param costs [size, size], row after row, finite
 * @returns [size], a permutation of 0 … size-1; which one of several cheapest is not specified
 */
export const assign = (costs: ArrayLike<number>, size: number): Int32Array => {
  // Potentials: costs[row, column] - rows[row] - columns[column] ≥ 0 everywhere and 0 on assigned pairs.
  const rows = new Float64Array(size)
  const columns = new Float64Array(size)
  const columnOf = new Int32Array(size).fill(-1)
  const rowOf = new Int32Array(size).fill(-1)

  for (let start = 0; start < size; start++) {
    const search: Search = {
      distance: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
      previous: new Int32Array(size).fill(-1),
      settled: new Uint8Array(size),
    }
    const { distance, previous, settled } = search
    let row = start
    let reached = -1
    let length = 0
    for (;;) {
      for (let column = 0; column < size; column++) {
        if (settled[column] === 1) continue
        const through = length + costs[row * size + column]! - rows[row]! - columns[column]!
        if (through < distance[column]!) {
          distance[column] = through
          previous[column] = reached
        }
      }
      reached = nearestUnsettled(search)
      length = distance[reached]!
      settled[reached] = 1
      if (rowOf[reached]! < 0) break
      row = rowOf[reached]!
    }

    // Moves the potentials so that the path found costs nothing and no reduced cost turns negative.
    rows[start]! += length
    for (let column = 0; column < size; column++) {
      if (settled[column] === 0) continue
      const slack = length - distance[column]!
      columns[column]! -= slack
      const owner = rowOf[column]!
      if (owner >= 0) rows[owner]! += slack
    }

    // Swaps assigned and unassigned pairs along the path: one pair more than before.
    for (let column = reached; column >= 0; ) {
      const before = previous[column]!
      const owner = before < 0 ? start : rowOf[before]!
      rowOf[column] = owner
      columnOf[owner] = column
      column = before
    }
  }
  return columnOf
}
