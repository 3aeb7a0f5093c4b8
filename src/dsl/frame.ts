/** A place in a text: its line and column, and the code frame that shows it in a terminal. */
import { codePointWidth } from 'tty-strings'

/** The widest line that a frame shows, in terminal columns; longer ones are cut around the place. */
const WIDEST = 100
const TAB = '    '

/** 1-based line and column of an offset. Columns count UTF-16 units, as editors and compilers do. */
export const positionOf = (text: string, offset: number): { readonly line: number; readonly col: number } => {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return { line, col: offset - start + 1 }
}

/** The line that begins at an offset. */
const lineAt = (text: string, start: number): string => {
  const end = text.indexOf('\n', start)
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '')
}

/** A character as the terminal shows it, and how many columns it takes there. Characters that control it must not reach it. */
const cellOf = (char: string): { readonly shown: string; readonly width: number } => {
  if (char === '\t') return { shown: TAB, width: TAB.length }
  if (/[\p{Cc}\p{Bidi_Control}]/u.test(char)) return { shown: '\ufffd', width: 1 }
  return { shown: char, width: codePointWidth(char.codePointAt(0)!) }
}

const cellsOf = (text: string) => [...text].map(cellOf)
const widthOf = (text: string): number => cellsOf(text).reduce((sum, cell) => sum + cell.width, 0)
const shownText = (text: string): string =>
  cellsOf(text)
    .map((cell) => cell.shown)
    .join('')

/** The part of a line that is shown: `lead` columns of it stand before the marked part. */
interface Window {
  readonly shown: string
  readonly lead: number
  readonly mark: number
  readonly cut: boolean
}

/** More characters than that on one side are never shown: they aren't looked at, however long the line is. */
const FARTHEST = 3 * WIDEST

const windowOf = (line: string, start: number, end: number): Window => {
  const before = line.slice(Math.max(0, start - FARTHEST), start)
  const marked = line.slice(start, Math.min(end, start + FARTHEST))
  const after = line.slice(end, end + FARTHEST)
  const [lead, mark] = [widthOf(before), widthOf(marked)]
  if (line.length < FARTHEST && lead + mark + widthOf(after) <= WIDEST) return { shown: shownText(line), lead, mark, cut: false }
  const head = takeLast(before, lead > WIDEST / 2 ? WIDEST / 4 : WIDEST / 2)
  const body = takeFirst(marked, WIDEST / 2)
  const tail = body === marked ? takeFirst(after, WIDEST - widthOf(head) - widthOf(body)) : ''
  const [left, right] = [head.length === start ? '' : '…', start + body.length + tail.length === line.length ? '' : '…']
  return {
    shown: `${left}${shownText(head + body + tail)}${right}`,
    lead: left.length + widthOf(head),
    mark: widthOf(body),
    cut: true,
  }
}

const takeFirst = (text: string, columns: number): string => {
  let [taken, width] = ['', 0]
  for (const char of text) {
    width += cellOf(char).width
    if (width > columns) break
    taken += char
  }
  return taken
}

const takeLast = (text: string, columns: number): string => {
  let [taken, width] = ['', 0]
  for (const char of [...text].reverse()) {
    width += cellOf(char).width
    if (width > columns) break
    taken = char + taken
  }
  return taken
}

/** The line of a place with the line above it, and carets under the part from `from` to `to` (at most to the line's end). */
export const codeFrame = (text: string, from: number, to: number): string => {
  const { line, col } = positionOf(text, from)
  const start = from - col + 1
  const current = lineAt(text, start)
  const end = Math.min(col - 1 + (to - from), current.trimEnd().length)
  const { shown, lead, mark, cut } = windowOf(current, col - 1, Math.max(end, col - 1))
  const gutter = String(line)
  const above = start < 2 ? '' : lineAt(text, text.lastIndexOf('\n', start - 2) + 1)
  // The line above helps only where it lines up with this one.
  const context =
    cut || above.trim() === '' || above.length > FARTHEST || widthOf(above) > WIDEST
      ? []
      : [[String(line - 1).padStart(gutter.length), above]]
  return [
    ...context.map(([number, content]) => `  ${number} | ${shownText(content!)}`),
    `  ${gutter} | ${shown}`,
    `  ${' '.repeat(gutter.length)} | ${' '.repeat(lead)}${'^'.repeat(Math.max(1, mark))}`,
  ]
    .map((l) => l.trimEnd())
    .join('\n')
}
