/** The line of a terminal that is drawn over: a bar, then text. */
import { printable } from '../base/printable'
import type { Screen } from './terminal'

/** At least so many milliseconds lie between two drawings. */
export const REDRAW = 100

/** Columns of a bar; one that had to be narrower than the least isn't drawn. */
const [LEAST, MOST] = [5, 20]

export interface Bar {
  /** Whether it stands on the screen. */
  readonly isDrawn: () => boolean
  /** A bar filled by a share in [0, 1] where there is room for it, and a text behind it; cut where the line ends. */
  readonly draw: (share: number, text: string) => void
  /** Takes the line away, so that other text can follow. */
  readonly clear: () => void
  /** A line that stays, in its place. */
  readonly line: (text: string) => void
}

/** Columns that a line of a screen may have: one less than it has itself, so that nothing wraps. */
export const roomOf = (screen: Pick<Screen, 'width'>): number => Math.max(0, screen.width() - 1)

/** Columns that are left of a line for text behind a whole bar. */
export const besideBar = (room: number): number => room - MOST - 1

const barOf = (share: number, columns: number): string => {
  if (columns < LEAST) return ''
  const size = Math.min(MOST, columns)
  const full = Math.floor(share * size)
  return `${'█'.repeat(full)}${'░'.repeat(size - full)} `
}

export const newBar = (screen: Screen): Bar => {
  /** Columns of what is drawn. */
  let drawn = 0
  /** A window that has become narrower has wrapped the line since: the rows that it takes now are cleared. */
  const erase = (): string => {
    const rows = Math.ceil(drawn / Math.max(1, screen.width()))
    return `\r${rows > 1 ? `\x1b[${rows - 1}A\x1b[J` : '\x1b[2K'}`
  }
  const clear = (): void => {
    if (drawn > 0) screen.draw(erase())
    drawn = 0
  }
  return {
    isDrawn: () => drawn > 0,
    draw: (share, text) => {
      const room = roomOf(screen)
      const shown = printable(text)
      const bar = barOf(share, room - shown.length - 1)
      const line = shown.slice(0, room - bar.length)
      screen.draw(`${erase()}${screen.colors.cyan(bar)}${line}`)
      drawn = bar.length + line.length
    },
    clear,
    line: (text) => {
      clear()
      screen.write(`${text}\n`)
    },
  }
}
