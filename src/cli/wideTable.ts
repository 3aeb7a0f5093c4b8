/** A table that may be wider than the terminal: rows and columns change places, or its columns come in several parts. */
import { stringWidth } from 'tty-strings'
import { printable } from '../base/printable'
import { type Side, tableText } from './table'
import type { Screen } from './terminal'

export interface WideTable {
  /** What the rows are. */
  readonly title: string
  /** Where the words of its cells stand. */
  readonly side: Side
  readonly headings: readonly string[]
  readonly rows: readonly WideRow[]
}
export interface WideRow {
  readonly name: string
  /** As many as there are headings. */
  readonly cells: readonly string[]
}

const GAP = 2
const widthOf = (word: string): number => stringWidth(printable(word))
const widest = (words: readonly string[]): number => words.reduce((most, word) => Math.max(most, widthOf(word)), 0)

const columnWidths = ({ headings, rows }: WideTable): readonly number[] =>
  headings.map((heading, i) => widest([heading, ...rows.map(({ cells }) => cells[i]!)]))
const nameWidth = ({ title, rows }: WideTable): number => widest([title, ...rows.map(({ name }) => name)])
const sum = (widths: readonly number[]): number => widths.reduce((all, width) => all + GAP + width, 0)
const tableWidth = (table: WideTable): number => nameWidth(table) + sum(columnWidths(table))

/** Rows as columns. */
const turned = ({ side, headings, rows }: WideTable): WideTable => ({
  title: '',
  side,
  headings: rows.map(({ name }) => name),
  rows: headings.map((name, i) => ({ name, cells: rows.map(({ cells }) => cells[i]!) })),
})

/** As many columns at a time as there is room for beside the names, one at least. */
const parts = (table: WideTable, room: number): readonly WideTable[] => {
  const left = nameWidth(table)
  const groups: number[][] = []
  let used = Number.POSITIVE_INFINITY
  for (const [i, width] of columnWidths(table).entries()) {
    if (used + GAP + width > room) {
      groups.push([])
      used = left
    }
    groups.at(-1)!.push(i)
    used += GAP + width
  }
  return groups.map((columns) => ({
    title: table.title,
    side: table.side,
    headings: columns.map((i) => table.headings[i]!),
    rows: table.rows.map(({ name, cells }) => ({ name, cells: columns.map((i) => cells[i]!) })),
  }))
}

/** As it is where there is room, else with rows and columns in each other's place, else in parts. */
export const wideTableText = (table: WideTable, screen: Pick<Screen, 'colors' | 'width'>): string => {
  const room = screen.width()
  const whole = [table, turned(table)].find((one) => tableWidth(one) <= room)
  return (whole === undefined ? parts(table, room) : [whole])
    .map(({ title, side, headings, rows }) =>
      tableText(
        [title, ...headings],
        rows.map(({ name, cells }) => [name, ...cells]),
        ['left', ...headings.map(() => side)],
        screen,
      ),
    )
    .join('\n\n')
}
