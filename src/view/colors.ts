/** Colours that stand for numbers. */
import { blank, type Picture } from '../image/picture'
import type { Grid } from '../ops/mask/kind'

export type Color = readonly [red: number, green: number, blue: number]
/** The colour of a number in [0, 1]. */
export type ColorMap = (value: number) => Color

const LEVELS = 256

/** Viridis (van der Walt and Smith), from dark blue to yellow. d3's packages are modules, which are loaded as such. */
export const loadViridis = async (): Promise<ColorMap> => {
  const { interpolateViridis } = await import('d3-scale-chromatic')
  const table = Array.from({ length: LEVELS }, (_, i): Color => {
    const hex = Number.parseInt(interpolateViridis(i / (LEVELS - 1)).slice(1), 16)
    return [hex >> 16, (hex >> 8) & 255, hex & 255]
  })
  return (value) => table[Math.max(0, Math.min(LEVELS - 1, Math.round(value * (LEVELS - 1))))]!
}

/** One pixel a cell, row by row. */
export const colored = (grid: Grid, color: (cell: number) => Color): Picture => {
  const picture = blank(grid.width, grid.height, 3)
  for (let cell = 0; cell < grid.width * grid.height; cell++) picture.data.set(color(cell), 3 * cell)
  return picture
}

/** Numbers moved to [0, 1], the least to 0 and the largest to 1; equal ones to 0. */
export const stretched = (values: ArrayLike<number>): readonly number[] => {
  const all = Array.from(values)
  const low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return all.map((value) => (high > low ? (value - low) / (high - low) : 0))
}

/** A map of numbers, one a cell, in colours from its least to its largest. */
export const heatMap = (values: ArrayLike<number>, grid: Grid, map: ColorMap): Picture => {
  const shares = stretched(values)
  return colored(grid, (cell) => map(shares[cell]!))
}
