/** How a run goes, as its steps are told: its curves, where its numbers began and ended, and how fast it is. */
import { type Curves, curveCollector, type MetricsLine, type Point } from './curveCollector'

/** The values of one metric at both ends of a run. */
export interface Ends {
  readonly first: Point
  readonly last: Point
  /** Mean over those of the run's last steps that tell it; undefined where none does. */
  readonly recent: number | undefined
}

export interface Course extends Curves {
  /** By the names of the curves. */
  readonly ends: ReadonlyMap<string, Ends>
  readonly pace: Pace
}

/** Seconds of training in all processes that the run went on in, probes not counted; undefined where no step tells of any. */
export interface Pace {
  readonly seconds: number | undefined
  /** Seconds of a step, without the first one of each process, which compiles. */
  readonly perStep: number | undefined
}

/** How many steps final losses are means of. */
export const RECENT = 50

const endCollector = (recent: number) => {
  const ends = new Map<string, { first: Point; last: Point }>()
  const newest: MetricsLine[] = []
  const addEnd = (name: string, point: Point): void => {
    const known = ends.get(name)
    if (known === undefined) ends.set(name, { first: point, last: point })
    else known.last = point
  }
  const mean = (name: string): number | undefined => {
    const told = newest.flatMap(({ values }) => (typeof values[name] === 'number' ? [values[name]] : []))
    return told.length === 0 ? undefined : told.reduce((sum, value) => sum + value, 0) / told.length
  }
  return {
    add: (line: MetricsLine): void => {
      const { step, values } = line
      for (const [name, value] of Object.entries(values)) if (typeof value === 'number') addEnd(name, { step, value })
      newest.push(line)
      while (newest[0]!.step <= step - recent) newest.shift()
    },
    ends: (): ReadonlyMap<string, Ends> =>
      new Map([...ends].map(([name, { first, last }]) => [name, { first, last, recent: mean(name) }])),
  }
}

/**
 * Adds up a clock that begins anew in every process: where it says less than in the line before, a process has begun. One
 * whose first step took longer than all of the process before it isn't noticed, which costs no more than that step.
 */
const paceCollector = () => {
  let before: { readonly step: number; readonly seconds: number } | undefined
  const steps = { total: 0, seconds: 0, timed: 0, timedSeconds: 0 }
  return {
    add: ({ step, values: { seconds } }: MetricsLine): void => {
      if (typeof seconds !== 'number') return
      const goesOn = before !== undefined && seconds >= before.seconds
      const taken = goesOn ? seconds - before!.seconds : seconds
      steps.total++
      steps.seconds += taken
      if (goesOn) {
        steps.timed += step - before!.step
        steps.timedSeconds += taken
      }
      before = { step, seconds }
    },
    pace: (): Pace => ({
      seconds: steps.total === 0 ? undefined : steps.seconds,
      perStep: steps.timed > 0 && steps.timedSeconds > 0 ? steps.timedSeconds / steps.timed : undefined,
    }),
  }
}

/** Collects the course of a run of so many steps, with at most so many points a curve. */
export const courseCollector = (steps: number, points?: number) => {
  const curves = curveCollector(steps, points)
  const ends = endCollector(RECENT)
  const pace = paceCollector()
  return {
    add: (line: MetricsLine): void => {
      curves.add(line)
      ends.add(line)
      pace.add(line)
    },
    course: (): Course => ({ ...curves.curves(), ends: ends.ends(), pace: pace.pace() }),
  }
}
