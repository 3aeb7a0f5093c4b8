/** The probes of a run: when each is measured, and what came of it so far. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Engine } from '../engine/engine'
import type { Interpreter } from '../engine/interpreter'
import { type Due, type Measured, measuring } from '../evaluate/measure'
import { networkFeatures } from '../evaluate/networkFeatures'
import type { OpenedProbe } from '../evaluate/openProbes'
import type { Report } from '../loader/damaged'
import type { Numbers } from '../ops/probe/metric'
import type { Span } from '../ops/schedule/kind'
import type { NamedNetwork } from '../program/networks'
import { below } from '../program/stateNames'
import type { Progress } from '../store/progress'
import { orAbort } from './abort'
import type { ProbeSummary, RunEvent } from './events'
import { period } from './period'

/** What is known of each probe that was measured, by its name. */
type Results = Readonly<Record<string, Omit<ProbeSummary, 'baseline'> & { readonly baseline?: Numbers }>>

export interface Probing {
  /** Measures, before the step that follows `done` others, what hasn't been measured yet. */
  readonly before: (done: number) => Promise<void>
  /** Measures, after so many steps, what is due. */
  readonly after: (done: number) => Promise<void>
  /** What a checkpoint remembers. */
  readonly progress: () => Omit<Progress, 'step'>
  /** Whether a signal ended the last measurements before all of them were made. */
  readonly isLeft: () => boolean
  readonly summary: () => Readonly<Record<string, ProbeSummary>>
}

export interface ProbingOptions {
  readonly probes: readonly OpenedProbe[]
  readonly span: Span
  readonly interpreter: Interpreter
  readonly engine: Pick<Engine, 'compiles'>
  /** The network that is measured. */
  readonly frozen: NamedNetwork
  readonly seed: number
  /** Pictures that are computed together. */
  readonly chunk: number
  /** Hears of pictures that can't be read. */
  readonly report: Report
  /** Keeps what was measured. */
  readonly log: (line: { readonly step: number; readonly [metric: string]: number }) => TE.TaskEither<Failure, void>
  readonly tell: (event: RunEvent) => void
  /** What was measured before the run went on, and what was left. */
  readonly known: Omit<Progress, 'step'>
  /** Ends measurements soon when it is aborted; no failure comes of that. */
  readonly signal: AbortSignal | undefined
}

const learnt = (results: Results, name: string, { numbers, baseline }: Measured): Results => {
  const { before = numbers, baseline: known = baseline } = results[name] ?? {}
  return { ...results, [name]: { before, after: numbers, ...(known === undefined ? {} : { baseline: known }) } }
}

export const probing = ({
  probes,
  span,
  log,
  tell,
  known,
  interpreter,
  engine,
  frozen,
  seed,
  chunk,
  report,
  signal,
}: ProbingOptions): Probing => {
  // For the whole run: what they are computed by is recorded once.
  const features = networkFeatures(interpreter, frozen, undefined, engine.compiles ? chunk : 1)
  const dueAfter = new Map(probes.map(({ name, meaning }) => [name, period(meaning.every?.(span))]))
  let results: Results = Object.fromEntries(
    Object.entries(known.probes).map(([name, one]) => [name, { ...one, after: one.after ?? one.before }]),
  )
  let left: readonly string[] = known.due ?? []

  const isDue = ({ probe }: Due, done: number) => done === span.steps || dueAfter.get(probe.name)!(done)
  const dues = (): readonly Due[] =>
    probes.map((probe) => ({
      probe,
      baseline: probe.meaning.baseline !== undefined && results[probe.name]?.baseline === undefined,
    }))
  const measureAll = async (due: readonly Due[], step: number): Promise<void> => {
    const measure = measuring(due, { features, computer: interpreter, seed, chunk, report, signal })
    left = due.map(({ probe }) => probe.name)
    for (const one of due) {
      const { name } = one.probe
      const began = performance.now()
      const result = await measure(one)()
      // The run is saved before it ends.
      if (E.isLeft(result) && result.left._tag === 'Stopped') return
      const measured = await orAbort(async () => result)
      results = learnt(results, name, measured)
      left = left.filter((other) => other !== name)
      const numbers = below(name, { ...measured.numbers, ...measured.baseline })
      tell({ event: 'probe', probe: name, step, numbers, seconds: (performance.now() - began) / 1000 })
      await orAbort(log({ step, ...numbers }))
    }
  }
  return {
    before: (done) =>
      measureAll(
        dues().filter(({ probe }) => results[probe.name] === undefined || left.includes(probe.name)),
        done,
      ),
    after: (done) =>
      measureAll(
        dues().filter((due) => isDue(due, done)),
        done,
      ),
    isLeft: () => left.length > 0,
    progress: () =>
      left.length > 0
        ? { probes: results, due: left }
        : { probes: Object.fromEntries(Object.entries(results).map(([name, { after: _, ...beginning }]) => [name, beginning])) },
    summary: () =>
      Object.fromEntries(Object.entries(results).map(([name, { baseline = {}, ...one }]) => [name, { ...one, baseline }])),
  }
}
