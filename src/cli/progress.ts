/** How a run is going: one line that is drawn over on a terminal, a line now and then elsewhere. */
import type { RunEvent } from '../run/events'
import { besideBar, newBar, REDRAW, roomOf } from './bar'
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

/** What a line tells, in its order; `knn` is the newest result. Where there is little room, the lowest ranks stay. */
const factsOf = (step: Step, knn: number | undefined): readonly (readonly [rank: number, fact: string])[] => [
  [0, `loss ${fixed(step.loss)}`],
  ...Object.entries(step.terms).map(([name, value]) => [EXTRA, `${name} ${fixed(value)}`] as const),
  ...(knn === undefined ? [] : [[EXTRA, `k-NN ${percent(knn)}`] as const]),
  [2, perSecond(step.imagesPerSecond)],
  [1, `${duration(step.secondsLeft)} left`],
]
/** From this rank on a fact is told only where there is room for a whole bar too. */
const EXTRA = 3

const lineOf = (start: string, facts: readonly (readonly [rank: number, fact: string])[]): string =>
  [start, ...facts.map(([, fact]) => fact)].join('  ')

/** A line with as many facts as there is room for. */
const fitting = (start: string, facts: ReturnType<typeof factsOf>, room: number): string => {
  const kept = new Set<string>()
  let length = start.length
  for (const [rank, fact] of facts.toSorted(([a], [b]) => a - b)) {
    const longer = length + 2 + fact.length
    if (longer > (rank < EXTRA ? room : besideBar(room))) continue
    kept.add(fact)
    length = longer
  }
  return lineOf(
    start,
    facts.filter(([, fact]) => kept.has(fact)),
  )
}

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
      draw(step.step / total, fitting(`${step.step}/${total}`, factsOf(step, knn), roomOf(screen)))
    } else {
      if (!ended && step.step - last.step < SHARE * total && time - last.time < PAUSE) return
      line(lineOf(`step ${step.step}/${total}`, factsOf(step, knn)))
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
