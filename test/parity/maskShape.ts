/** The shape of a mask: its bounding box and its connected parts. */
import type { Grid } from '../../src/ops/mask/kind'

interface Extent {
  readonly height: number
  readonly width: number
}

const extentOf = (cells: readonly number[], { width }: Grid): Extent => {
  const rows = cells.map((cell) => Math.floor(cell / width))
  const columns = cells.map((cell) => cell % width)
  return { height: Math.max(...rows) - Math.min(...rows) + 1, width: Math.max(...columns) - Math.min(...columns) + 1 }
}

/** The cells that hang together with one, over edges. */
const partOf = (first: number, hidden: Uint8Array, { height, width }: Grid, seen: Set<number>): readonly number[] => {
  const part = [first]
  seen.add(first)
  for (let next = 0; next < part.length; next++) {
    const cell = part[next]!
    const [y, x] = [Math.floor(cell / width), cell % width]
    const around = [y > 0 && cell - width, y < height - 1 && cell + width, x > 0 && cell - 1, x < width - 1 && cell + 1]
    for (const other of around) {
      if (other === false || hidden[other] !== 1 || seen.has(other)) continue
      seen.add(other)
      part.push(other)
    }
  }
  return part
}

/** The extents of the whole mask and of each connected part; undefined where nothing is hidden. */
export const shapeOf = (
  hidden: Uint8Array,
  grid: Grid,
): { readonly box: Extent; readonly parts: readonly Extent[] } | undefined => {
  const cells = Array.from(hidden.keys()).filter((cell) => hidden[cell] === 1)
  if (cells.length === 0) return undefined
  const seen = new Set<number>()
  const parts = cells.flatMap((cell) => (seen.has(cell) ? [] : [extentOf(partOf(cell, hidden, grid, seen), grid)]))
  return { box: extentOf(cells, grid), parts }
}
