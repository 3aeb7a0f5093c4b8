/** How a run is going: one line that is drawn over on a terminal, a line now and then elsewhere. */
import type { RunEvent } from '../run/events'
import { newBar, REDRAW } from './bar'
import { fetchProgress } from './fetchProgress'
import type { Screen } from './terminal'
import { duration, fixed, percent, perSecond, plural, whole } from './words'

type Step = Extract<RunEvent, { event: 'step' }>

/** Elsewhere a line is written after this share of the run or this time, whatever comes first. */
const SHARE = 0.05
const PAUSE = 10_000

export interface Progress {
  readonly tell: (event: RunEvent) => void
  /** Takes the bar away, so that other text can follow. */
  readonly clear: () => void
}

/** What a line tells, the most important first; `knn` is the newest result. */
const factsOf = (step: Step, knn: number | undefined): readonly string[] => [
  `loss ${fixed(step.loss)}`,
  ...Object.entries(step.terms).map(([name, value]) => `${name} ${fixed(value)}`),
  ...(knn === undefined ? [] : [`k-NN ${percent(knn)}`]),
  perSecond(step.imagesPerSecond),
  `${duration(step.secondsLeft)} left`,
]

/** As many facts as fit into a line. */
const fitting = (start: string, facts: readonly string[], width: number): string =>
  facts.reduce((line, fact) => (line.length + 2 + fact.length < width ? `${line}  ${fact}` : line), start)

export const progress = (screen: Screen, now: () => number = () => performance.now()): Progress => {
  const { bold, cyan, dim, yellow } = screen.colors
  const { clear, line, draw, isDrawn } = newBar(screen)
  const fetching = fetchProgress(screen, now)
  let total = 0
  let knn: number | undefined
  let last = { step: 0, time: now() }

  const onStep = (step: Step): void => {
    const time = now()
    const ended = step.step === total
    if (screen.interactive) {
      if (!ended && isDrawn() && time - last.time < REDRAW) return
      draw(step.step / total, (bar) => fitting(`${bar} ${step.step}/${total}`, factsOf(step, knn), screen.width()))
    } else {
      if (!ended && step.step - last.step < SHARE * total && time - last.time < PAUSE) return
      line([`step ${step.step}/${total}`, ...factsOf(step, knn)].join('  '))
    }
    last = { step: step.step, time }
  }

  return {
    clear,
    tell: (event) => {
      if (event.event === 'progress') return fetching.tell(event)
      fetching.clear()
      switch (event.event) {
        case 'note':
          return line(dim(event.message))
        case 'start':
          total = event.steps
          last = { step: event.from, time: now() }
          line(
            `${bold(event.run)}: ${event.from === 0 ? '' : `from step ${whole(event.from)} on, `}${plural(event.steps, 'step')} of ${plural(event.batch, 'picture')}, ${plural(event.parameters, 'parameter')}, ${event.backend} backend`,
          )
          return line(dim(`Ctrl-C saves and stops; ${event.resume} goes on`))
        case 'step':
          return onStep(event)
        case 'probe':
          knn = event.accuracy
          return line(
            `k-NN after step ${whole(event.step)}: ${percent(event.accuracy)}${event.pixels === undefined ? '' : `, raw pixels ${percent(event.pixels)}`} (${duration(event.seconds)})`,
          )
        case 'alarm':
          return line(`${bold(yellow('alarm'))}  after step ${whole(event.step)} ${event.message}\n  ${cyan(event.remedy)}`)
        case 'checkpoint':
          return screen.interactive ? undefined : line(dim(`saved ${event.path}`))
        case 'end':
          return clear()
      }
    },
  }
}
