/** Measures probes: those that take the same pictures in the same form share one pass over them. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, rejected } from '../base/failure'
import { turn } from '../base/turn'
import type { Computer } from '../engine/computer'
import type { Report } from '../loader/damaged'
import type { Baseline, FeatureChoice, FeatureMatrix, Features, Numbers, ProbeTools, Sampled } from '../ops/probe/kind'
import { chosenOf, encoded, type PartedRows, type PictureRows, readRows, rowsOf, type ToRows } from './features'
import { type NetworkFeatures, widest } from './networkFeatures'
import type { OpenedProbe, OpenedSet } from './openProbes'
import { augmented } from './transform'

/** A probe that is to be measured, and whether its baseline is too. */
export interface Due {
  readonly probe: OpenedProbe
  readonly baseline: boolean
}

export interface Measured {
  readonly numbers: Numbers
  readonly baseline: Numbers | undefined
  /** How the numbers come of the test pictures, if the probe tells. */
  readonly sampled?: Sampled | undefined
}

/** Every row once. */
const eachRow = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row)

const isSampled = (result: Numbers | Sampled): result is Sampled => typeof (result as Partial<Sampled>).of === 'function'

export interface Circumstances {
  /** The network that is measured. */
  readonly features: Pick<NetworkFeatures, 'of'>
  /** What computes besides. */
  readonly computer: Computer
  /** The run's. */
  readonly seed: number
  /** Pictures that are read and computed together. */
  readonly chunk: number
  /** Hears of pictures that can't be read. */
  readonly report: Report
  /** Ends the measuring when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** Thrown through a probe, which knows nothing of signals and of pictures that can't be read; never leaves this file. */
class Broken extends Error {
  constructor(readonly failure: Failure) {
    super()
  }
}

/** A set as one of a probe's measures takes it: features of the network, or rows of the pictures themselves. */
interface Want {
  readonly probe: OpenedProbe
  readonly set: OpenedSet
  readonly rows: Baseline['rows'] | undefined
}

const wantsOf = (probe: OpenedProbe, rows: Baseline['rows'] | undefined): readonly Want[] =>
  probe.sets.filter(({ augment }) => augment === undefined).map((set) => ({ probe, set, rows }))

/** What is read in one pass: pictures of one source, prepared alike, for one network or as the same rows. */
interface Pass {
  readonly wants: readonly Want[]
  readonly indices: Uint32Array
  readonly choice: FeatureChoice
}

const isAlike = (a: Want, b: Want): boolean =>
  a.set.source === b.set.source && a.probe.prepare === b.probe.prepare && a.rows === b.rows

/** Wants in passes. What is read are the pictures of the largest set, then what others want besides. */
const passesOf = (wants: readonly Want[]): readonly Pass[] => {
  const firsts = wants.filter((want, i) => !wants.slice(0, i).some((before) => isAlike(before, want)))
  return firsts.map((first) => {
    const alike = wants.filter((want) => isAlike(want, first))
    const bySize = alike.map(({ set }) => set.indices).toSorted((a, b) => b.length - a.length)
    const indices = alike.length === 1 ? first.set.indices : Uint32Array.from(new Set(bySize.flatMap((some) => Array.from(some))))
    return { wants: alike, indices, choice: widest(alike.map(({ probe }) => probe.meaning.features)) }
  })
}

const rowsBy = ({ wants: [first], choice }: Pass, { features }: Circumstances): ToRows => {
  const { probe, rows } = first!
  return rows === undefined ? encoded(features, probe.input, choice) : async (pictures) => whole(rows(pictures))
}

/** Rows of one part. */
const whole = (rows: FeatureMatrix): PartedRows => ({ ...rows, columns: [{ part: 'pixels', width: rows.width }] })

/** Reads passes when they are first asked for, and forgets them when they were asked for by all. */
const reader = (passes: readonly Pass[], circumstances: Circumstances) => {
  const read = new Map<Pass, { readonly rows: Promise<E.Either<Failure, PictureRows>>; readonly left: number }>()
  return async (want: Want): Promise<E.Either<Failure, Features>> => {
    const pass = passes.find(({ wants }) => wants.some(({ set, rows }) => set === want.set && rows === want.rows))!
    const { prepare } = want.probe
    const { rows, left } = read.get(pass) ?? {
      rows: readRows(
        { source: want.set.source, indices: pass.indices },
        { ...circumstances, prepare, toRows: rowsBy(pass, circumstances) },
      )(),
      left: pass.wants.length,
    }
    if (left > 1) read.set(pass, { rows, left: left - 1 })
    else read.delete(pass)
    return E.map((all: PictureRows): Features => {
      const { set, probe } = want
      const own = rowsOf(all, pass.indices, set.indices)
      return labelled(want.rows === undefined ? chosenOf(own, probe.meaning.features) : own, own.indices, set)
    })(await rows)
  }
}

const labelled = ({ values, width, columns }: PartedRows, indices: Uint32Array, { classes, label }: OpenedSet): Features => ({
  values,
  width,
  parts: columns.map((part) => part.width),
  labels: classes.length === 0 ? new Uint32Array(0) : indices.map(label),
  classes,
})

const orBreak = async <A>(task: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Broken(result.left)
  return result.right
}

/** An augmented set as it is in an epoch. What is drawn for a picture belongs to the seed, the epoch and the picture. */
const augmentedRows =
  (probe: OpenedProbe, circumstances: Circumstances): ProbeTools['augmented'] =>
  async (name, epoch) => {
    const set = probe.sets.find((one) => one.name === name && one.augment !== undefined)
    if (set === undefined) throw new RangeError(`'${probe.name}' has no augmented set '${name}'`)
    const { features } = probe.meaning
    const rows = await orBreak(
      readRows(set, {
        ...circumstances,
        prepare: (picture, index) => augmented(set.augment!, picture, circumstances.seed, 'probe', name, epoch, index),
        toRows: encoded(circumstances.features, probe.input, features),
      }),
    )
    return labelled(rows, rows.indices, set)
  }

/** What probes may use; `dispose` frees what they used. */
const toolsOf = (probe: OpenedProbe, circumstances: Circumstances): ProbeTools & { readonly dispose: () => void } => {
  const { computer, seed, signal } = circumstances
  const held: { readonly dispose: () => void }[] = []
  const kept = <A extends { readonly dispose: () => void }>(one: A): A => {
    held.push(one)
    return one
  }
  /** Signals and timers get their turn before each piece of work. */
  const inTurn =
    <Given extends readonly unknown[], A>(work: (...given: Given) => Promise<A>) =>
    async (...given: Given): Promise<A> => {
      await orBreak(turn(signal))
      return work(...given)
    }
  return {
    seed,
    augmented: augmentedRows(probe, circumstances),
    prepare: (f, fixed) => ({ run: inTurn(kept(computer.prepare(f, fixed, { alone: true })).run) }),
    nearest: (width) => inTurn(kept(computer.neighbours(width)).nearest),
    dispose: () => {
      for (const { dispose } of held) dispose()
    },
  }
}

/** The finite ones of the numbers that a probe gave, all of which it must have declared. */
const declared = (probe: string, metrics: object, numbers: Numbers): E.Either<Failure, Numbers> => {
  const known = Object.keys(metrics)
  const given = Object.keys(numbers)
  const wrong = [...given.filter((name) => !known.includes(name)), ...known.filter((name) => !given.includes(name))]
  return wrong.length === 0
    ? E.right(Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value))))
    : E.left(
        rejected([
          {
            code: 'user-ops',
            path: [],
            at: 'value',
            message: `'${probe}' measured ${given.join(', ') || 'nothing'}, and its metrics are ${known.join(', ') || 'none'}`,
            suggestion: "let 'measure' give a number for each name in 'metrics'",
          },
        ]),
      )
}

/** Measures one of several probes that are due at a moment; all of them are named from the beginning. */
export const measuring = (due: readonly Due[], circumstances: Circumstances) => {
  const features = due.flatMap(({ probe }) => wantsOf(probe, undefined))
  const baselines = due.flatMap(({ probe, baseline }) => {
    const rows = probe.meaning.baseline?.rows
    return baseline && rows !== undefined ? wantsOf(probe, rows) : []
  })
  const read = reader(passesOf([...features, ...baselines]), circumstances)

  const measured = async (
    probe: OpenedProbe,
    { metrics, measure }: Pick<Baseline, 'metrics' | 'measure'>,
    rows: Baseline['rows'] | undefined,
  ): Promise<E.Either<Failure, { readonly numbers: Numbers; readonly sampled?: Sampled | undefined }>> => {
    const sets: Record<string, Features> = {}
    for (const want of wantsOf(probe, rows)) {
      const found = await read(want)
      if (E.isLeft(found)) return found
      sets[want.set.name] = found.right
    }
    const tools = toolsOf(probe, circumstances)
    try {
      const result = await measure(sets, tools)
      const sampled = isSampled(result) ? result : undefined
      const numbers = isSampled(result) ? result.of(eachRow(result.count)) : result
      return E.map((finite: Numbers) => ({ numbers: finite, sampled }))(declared(probe.name, metrics, numbers))
    } catch (error) {
      if (error instanceof Broken) return E.left(error.failure)
      throw error
    } finally {
      tools.dispose()
    }
  }

  return ({ probe, baseline }: Due): TE.TaskEither<Failure, Measured> =>
    async () => {
      const { meaning } = probe
      const own = await measured(probe, meaning, undefined)
      if (E.isLeft(own) || !baseline || meaning.baseline === undefined)
        return E.map((one: { readonly numbers: Numbers }) => ({ ...one, baseline: undefined }))(own)
      return E.map(({ numbers }: { readonly numbers: Numbers }) => ({ ...own.right, baseline: numbers }))(
        await measured(probe, meaning.baseline, meaning.baseline.rows),
      )
    }
}
