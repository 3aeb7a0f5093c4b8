/** The line of a terminal that is drawn over: a bar, then text. */
import type { Screen } from './terminal'

/** At least so many milliseconds lie between two drawings. */
export const REDRAW = 100
const BAR = 20

export interface Bar {
  /** Whether it stands on the screen. */
  readonly isDrawn: () => boolean
  /** A bar filled by a share in [0, 1], and what `text` makes of it; cut where the line ends. */
  readonly draw: (share: number, text: (bar: string) => string) => void
  /** Takes the line away, so that other text can follow. */
  readonly clear: () => void
  /** A line that stays, in its place. */
  readonly line: (text: string) => void
}

const barOf = (share: number): string => {
  const full = Math.floor(share * BAR)
  return '█'.repeat(full) + '░'.repeat(BAR - full)
}

export const newBar = (screen: Screen): Bar => {
  let drawn = false
  const clear = (): void => {
    if (drawn) screen.write('\r\x1b[2K')
    drawn = false
  }
  return {
    isDrawn: () => drawn,
    draw: (share, text) => {
      const line = text(barOf(share)).slice(0, Math.max(0, screen.width() - 1))
      screen.write(`\r\x1b[2K${screen.colors.cyan(line.slice(0, BAR))}${line.slice(BAR)}`)
      drawn = true
    },
    clear,
    line: (text) => {
      clear()
      screen.write(`${text}\n`)
    },
  }
}
