/** How fetching TensorFlow's library is going: one line that is drawn over on a terminal, a line now and then elsewhere. */
import type { FetchEvent } from '../tensorflow/library/events'
import type { Screen } from './terminal'
import { bytes, bytesPerSecond } from './words'

type Step = Extract<FetchEvent, { event: 'progress' }>

/** At least so many milliseconds lie between two drawings. */
const REDRAW = 100
/** Elsewhere so many lines are written for a file. */
const LINES = 10
const BAR = 20
const WORDS = { download: 'downloading', check: 'checking', unpack: 'unpacking' } as const

export interface FetchProgress {
  readonly tell: (event: FetchEvent) => void
  /** Takes the line away, so that other text can follow. */
  readonly clear: () => void
}

const barOf = (share: number): string => {
  const full = Math.floor(share * BAR)
  return '█'.repeat(full) + '░'.repeat(BAR - full)
}

/** tensorflow-cpu 2.21.0 */
const packageOf = (file: string): string => file.split('-').slice(0, 2).join(' ').replaceAll('_', '-')

export const fetchProgress = (screen: Screen, now: () => number = () => performance.now()): FetchProgress => {
  const { cyan, dim } = screen.colors
  let drawn = false
  let phase = { name: '', since: now(), from: 0 }
  let last = { lines: 0, time: 0 }

  const clear = (): void => {
    if (drawn) screen.write('\r\x1b[2K')
    drawn = false
  }
  const textOf = ({ doing, file, bytes: done, total }: Step): string => {
    const seconds = (now() - phase.since) / 1000
    const speed = doing === 'download' && seconds > 1 ? `  ${bytesPerSecond((done - phase.from) / seconds)}` : ''
    return `${WORDS[doing]} ${packageOf(file)}  ${bytes(done)} of ${bytes(total)}${speed}`
  }
  const draw = (step: Step): void => {
    const text = `${barOf(step.bytes / step.total)} ${textOf(step)}`.slice(0, Math.max(0, screen.width() - 1))
    screen.write(`\r\x1b[2K${cyan(text.slice(0, BAR))}${text.slice(BAR)}`)
    drawn = true
  }
  const onProgress = (step: Step): void => {
    const [name, time, lines] = [`${step.doing} ${step.file}`, now(), Math.floor((LINES * step.bytes) / step.total)]
    const begins = name !== phase.name
    if (begins) {
      phase = { name, since: time, from: step.bytes }
      last = { lines: 0, time: 0 }
    }
    if (screen.interactive) {
      if (!begins && step.bytes < step.total && time - last.time < REDRAW) return
      draw(step)
    } else {
      // What takes a second needs no lines.
      if (step.doing === 'check' || lines <= last.lines) return
      screen.write(`${textOf(step)}\n`)
    }
    last = { lines, time }
  }

  return {
    clear,
    tell: (event) => {
      if (event.event === 'progress') return onProgress(event)
      clear()
      screen.write(`${dim(event.message)}\n`)
    },
  }
}
