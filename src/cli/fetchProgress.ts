/** How fetching wheels is going: one line that is drawn over on a terminal, a line now and then elsewhere. */
import { printable } from '../base/printable'
import type { FetchEvent } from '../wheels/events'
import { newBar, REDRAW } from './bar'
import type { Screen } from './terminal'
import { bytes, bytesPerSecond } from './words'

type Step = Extract<FetchEvent, { event: 'progress' }>

/** Elsewhere so many lines are written for a file. */
const LINES = 10
const WORDS = { download: 'downloading', check: 'checking', unpack: 'unpacking' } as const

export interface FetchProgress {
  readonly tell: (event: FetchEvent) => void
  /** Takes the line away, so that other text can follow. */
  readonly clear: () => void
}

/** tensorflow-cpu 2.21.0 */
const packageOf = (file: string): string => file.split('-').slice(0, 2).join(' ').replaceAll('_', '-')

export const fetchProgress = (screen: Screen, now: () => number = () => performance.now()): FetchProgress => {
  const { dim } = screen.colors
  const bar = newBar(screen)
  let phase = { name: '', since: now(), from: 0 }
  let last = { lines: 0, time: 0 }

  const textOf = ({ doing, file, bytes: done, total }: Step): string => {
    const seconds = (now() - phase.since) / 1000
    const speed = doing === 'download' && seconds > 1 ? `  ${bytesPerSecond((done - phase.from) / seconds)}` : ''
    return `${WORDS[doing]} ${packageOf(file)}  ${bytes(done)} of ${bytes(total)}${speed}`
  }
  const draw = (step: Step): void => bar.draw(step.bytes / step.total, textOf(step))
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
    clear: bar.clear,
    tell: (event) => {
      if (event.event === 'progress') return onProgress(event)
      bar.line(dim(printable(event.message)))
    },
  }
}
