/** How a run is going: one line that is drawn over on a terminal, a line now and then elsewhere. */

import { metricText } from '../base/numberText'
import { printable } from '../base/printable'
import type { Metric } from '../program/metric'
import type { RunEvent } from '../run/events'
import { besideBar, newBar, REDRAW, roomOf } from './bar'
import { fetchProgress } from './fetchProgress'
import { numbersText } from './probeText'
import type { Screen } from './terminal'
import { duration, fixed, perSecond, plural, whole } from './words'

type Step = Extract<RunEvent, { event: 'step' }>

/** Elsewhere a line is written after this share of the run or this time, whatever comes first. */
const SHARE = 0.05
const PAUSE = 10_000

export interface Progress {
  readonly tell: (event: RunEvent) => void
  /** Takes the bar away, so that other text can follow. */
  readonly clear: () => void
}

/** A part of a line; where not all fit, those of the lowest ranks stay. */
interface Fact {
  readonly text: string
  readonly rank: number
}

/** What a line tells, in its order; `probes` are the newest results. */
const factsOf = (step: Step, probes: readonly string[]): readonly Fact[] => [
  { text: `loss ${fixed(step.loss)}`, rank: 0 },
  ...Object.entries(step.terms).map(([name, value]) => ({ text: `${name} ${fixed(value)}`, rank: EXTRA + 1 })),
  ...probes.map((text) => ({ text, rank: EXTRA })),
  { text: perSecond(step.imagesPerSecond), rank: 2 },
  { text: `${duration(step.secondsLeft)} left`, rank: 1 },
]
/** From this rank on a fact is told only where there is room for a whole bar too. */
const EXTRA = 3

const lineOf = (start: string, facts: readonly Fact[]): string => [start, ...facts.map(({ text }) => text)].join('  ')

/** A line with as many facts as there is room for. */
const fitting = (start: string, facts: readonly Fact[], room: number): string => {
  const kept = new Set<Fact>()
  let length = start.length
  for (const fact of facts.toSorted((a, b) => a.rank - b.rank)) {
    const longer = length + 2 + fact.text.length
    if (longer > (fact.rank < EXTRA ? room : besideBar(room))) continue
    kept.add(fact)
    length = longer
  }
  return lineOf(
    start,
    facts.filter((fact) => kept.has(fact)),
  )
}

export const progress = (screen: Screen, now: () => number = () => performance.now()): Progress => {
  const { bold, cyan, dim, yellow } = screen.colors
  const { clear, line, draw, isDrawn } = newBar(screen)
  const fetching = fetchProgress(screen, now)
  let total = 0
  let metrics: readonly Metric[] = []
  /** The newest result of each metric of a probe. */
  const newest = new Map<string, string>()
  let last = { step: 0, time: now() }

  const onStep = (step: Step): void => {
    const time = now()
    const ended = step.step === total
    if (screen.interactive) {
      if (!ended && isDrawn() && time - last.time < REDRAW) return
      draw(step.step / total, fitting(`${step.step}/${total}`, factsOf(step, [...newest.values()]), roomOf(screen)))
    } else {
      if (!ended && step.step - last.step < SHARE * total && time - last.time < PAUSE) return
      line(lineOf(`step ${step.step}/${total}`, factsOf(step, [...newest.values()])))
    }
    last = { step: step.step, time }
  }

  const onVerify = ({ source, done, total }: Extract<RunEvent, { event: 'verify' }>): void => {
    const time = now()
    const text = `looking at the pictures of ${printable(source)}  ${whole(done)} of ${whole(total)}`
    if (screen.interactive) {
      if (done < total && isDrawn() && time - last.time < REDRAW) return
      draw(done / total, text)
    } else {
      if (time - last.time < PAUSE) return
      line(text)
    }
    last = { ...last, time }
  }

  const onProbe = ({ probe, step, numbers, seconds }: Extract<RunEvent, { event: 'probe' }>): void => {
    const own = metrics.filter(({ stage, kind }) => kind === 'probe' && stage === probe)
    for (const metric of own) {
      const value = numbers[metric.name]
      if (value !== undefined && !metric.baseline && metric.better !== null)
        newest.set(metric.name, `${metric.name} ${metricText(metric, value)}`)
    }
    line(`${probe} after step ${whole(step)}: ${numbersText(own, numbers)} (${duration(seconds)})`)
  }

  return {
    clear,
    tell: (event) => {
      if (event.event === 'progress') return fetching.tell(event)
      fetching.clear()
      switch (event.event) {
        case 'note':
          return line(dim(printable(event.message)))
        case 'start':
          total = event.steps
          metrics = event.metrics
          last = { step: event.from, time: now() }
          line(
            `${bold(printable(event.run))}: ${event.from === 0 ? '' : `from step ${whole(event.from)} on, `}${plural(event.steps, 'step')} of ${plural(event.batch, 'picture')}, ${plural(event.parameters, 'parameter')}, ${event.backend} backend`,
          )
          return line(dim(`Ctrl-C saves and stops; ${printable(event.resume)} goes on`))
        case 'verify':
          return onVerify(event)
        case 'step':
          return onStep(event)
        case 'probe':
          return onProbe(event)
        case 'alarm':
          return line(
            `${bold(yellow('alarm'))}  after step ${whole(event.step)} ${printable(event.message)}\n  ${cyan(printable(event.remedy))}`,
          )
        case 'checkpoint':
          return screen.interactive ? undefined : line(dim(printable(`saved ${event.path}`)))
        case 'end':
          return clear()
      }
    },
  }
}
