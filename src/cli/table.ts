/** Rows of words in columns, for a terminal. */
import { stringWidth } from 'tty-strings'
import { printable } from '../base/printable'
import type { Screen } from './terminal'

/** Where the words of a column stand. */
export type Side = 'left' | 'right'

/** A heading and rows, each of as many words as there are columns; a column is as wide as its widest word. */
export const tableText = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  sides: readonly Side[],
  { colors: { dim } }: Pick<Screen, 'colors'>,
): string => {
  const all = [headings, ...rows].map((row) => row.map(printable))
  const widths = headings.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column]!))))
  const lines = all.map((row) =>
    row
      .map((word, column) => {
        const room = ' '.repeat(widths[column]! - stringWidth(word))
        return sides[column] === 'right' ? `${room}${word}` : `${word}${room}`
      })
      .join('  ')
      .trimEnd(),
  )
  return [dim(lines[0]!), ...lines.slice(1)].join('\n')
}
