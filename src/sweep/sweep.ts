/** A sweep: the combinations of several values run one after the other, each in its own folder, and gone on with where it stopped. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing, rejected } from '../base/failure'
import type { Holder } from '../base/holder'
import { tryLock } from '../base/lock'
import { readPlan } from '../dsl/read'
import type { Registry } from '../dsl/registry'
import { fileFailure, makeFolder, readFile, writeAtomically } from '../io/files'
import { changesBetween, changesText, essence } from '../store/changes'
import { opsOptions, runFolder } from '../store/folder'
import type { Axis } from './axes'
import type { CheckedGrid, Ready } from './check'
import { type ChildEvent, type Ended, runChild } from './child'
import type { Combination } from './grid'
import { extended, readRecord, type SweepFolder, type SweepRecord, writeRecord } from './record'
import { runState } from './state'

/** One that came to no end, and the exit code and reason of its process. */
export interface Unsuccessful {
  readonly state: 'failed' | 'diverged' | 'rejected'
  readonly exit: number
  readonly message: string
}

/** What came of a combination. */
export type Outcome =
  /** `kept`: it was done before. */
  | { readonly state: 'done'; readonly kept: boolean }
  | Unsuccessful
  /** It is of an earlier command, and was neither asked for now nor done then; `absent` is left out. */
  | { readonly state: 'begun' | 'absent' }

export interface Swept {
  readonly combination: Combination
  /** Whether it is one of this command's, not only of earlier ones'. */
  readonly asked: boolean
  /** Whether there is a run in its folder. */
  readonly begun: boolean
  readonly outcome: Outcome
}

export interface SweepOptions {
  /** For each `ibot run`: backend, and what is downloaded. */
  readonly options: readonly string[]
  /** The modules of the user's ops. */
  readonly ops: readonly string[]
  readonly unset: readonly string[]
  /** What a run tells; and before it, which it is. */
  readonly tell: (event: ChildEvent) => void
  readonly signal: AbortSignal
}

/** A sweep that was asked to stop: its run is saved. */
export const STOPPED = 'stopped'

const inUse = ({ path, lock }: SweepFolder, { pid, host }: Holder): Failure =>
  missing(
    `process ${pid} on ${host} seems to be at work on the sweep in ${path}`,
    `Wait until it ends. If it is gone: rm ${lock}`,
  )

/** Does what is to be done in a sweep's folder while no other process may. */
export const lockedSweep =
  <A>(folder: SweepFolder, use: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  async () => {
    const made = await makeFolder(folder.path)()
    if (E.isLeft(made)) return made
    try {
      const lock = await tryLock(folder.lock)
      if (E.isLeft(lock)) return E.left(inUse(folder, lock.left))
      try {
        return await use()
      } finally {
        // If even this fails, the lock is known as stale once this process is gone.
        await lock.right.release().catch(() => undefined)
      }
    } catch (error) {
      return E.left(fileFailure(`cannot lock the sweep in ${folder.path}`)(error))
    }
  }

/** A run that has begun must be of this pipeline: nothing of another sweep is gone on with, or taken for one of this. */
const checkBegun = (registry: Registry, path: string, { design }: Ready): TE.TaskEither<Failure, void> => {
  const { resolved } = runFolder(path)
  return pipe(
    readFile(resolved, "the run's pipeline"),
    TE.chainEitherK((bytes) => E.mapLeft(rejected)(readPlan(registry, resolved, new TextDecoder().decode(bytes)))),
    TE.chainEitherK(({ plan }) => {
      const changes = changesBetween(essence(registry, plan), essence(registry, design.plan))
      return changes.length === 0
        ? E.right(undefined)
        : E.left(
            missing(
              `the run in ${path} was made with another pipeline: ${changesText(changes)}`,
              'Values may be added to a sweep; for other changes choose another folder, --out DIR.',
            ),
          )
    }),
  )
}

/** Makes sure that what is in the folder belongs to this sweep. */
export const checkRuns = (registry: Registry, folder: SweepFolder, ready: readonly Ready[]): TE.TaskEither<Failure, void> =>
  pipe(
    ready,
    TE.traverseSeqArray((one) => {
      const path = join(folder.path, one.combination.name)
      return TE.chain(
        (state): TE.TaskEither<Failure, void> => (state === 'absent' ? TE.right(undefined) : checkBegun(registry, path, one)),
      )(runState(path))
    }),
    TE.map(() => undefined),
  )

/** The words of `ibot run` for a combination that begins, or goes on. */
const argumentsOf = (
  folder: SweepFolder,
  { combination, set }: Ready,
  begun: boolean,
  { options, ops, unset }: SweepOptions,
): readonly string[] => {
  const path = join(folder.path, combination.name)
  const own = [...opsOptions(ops), ...options]
  return begun
    ? ['run', '--resume', path, ...own]
    : [
        ...['run', folder.pipeline, '--out', path],
        ...unset.flatMap((one) => ['--unset', one]),
        ...set.flatMap((one) => ['--set', one]),
        ...own,
      ]
}

const DIVERGED = 4
const SIGNALS = [130, 143]

const failed = ({ exit, message }: Ended): Unsuccessful => ({ state: exit === DIVERGED ? 'diverged' : 'failed', exit, message })

/** Runs a combination, or goes on with its run. */
const runOne = async (
  folder: SweepFolder,
  one: Ready,
  begun: boolean,
  options: SweepOptions,
): Promise<Outcome | typeof STOPPED> => {
  if (options.signal.aborted) return STOPPED
  const ended = await runChild(argumentsOf(folder, one, begun, options), options.tell, options.signal)
  if (SIGNALS.includes(ended.exit)) return STOPPED
  if (ended.exit === 0) return { state: 'done', kept: false }
  const outcome = failed(ended)
  options.tell({ event: 'note', message: `${one.combination.name} ${outcome.state}: ${ended.message}` })
  return outcome
}

/** Runs what isn't done; what fails for itself is told with the others, a failure is one of the sweep's folder. */
export const sweep = async (
  folder: SweepFolder,
  text: string,
  axes: readonly Axis[],
  { ready, refused }: CheckedGrid,
  options: SweepOptions,
): Promise<E.Either<Failure, readonly Swept[] | typeof STOPPED>> => {
  // Read again: until the folder was locked, another process may have added to it.
  const before = await readRecord(folder)()
  if (E.isLeft(before)) return before
  let record = extended(
    before.right,
    axes,
    ready.map(({ combination }) => combination),
  )
  const outcomes = new Map<string, Outcome>(
    refused.map(({ combination, problems }) => [
      combination.name,
      { state: 'rejected', exit: 2, message: problems.map(({ message }) => message).join('; ') },
    ]),
  )
  const noted = await pipe(
    writeRecord(folder, record),
    TE.chain(() => writeAtomically(folder.pipeline, text)),
  )()
  if (E.isLeft(noted)) return noted
  for (const [i, one] of ready.entries()) {
    const { name } = one.combination
    const state = await runState(join(folder.path, name))()
    if (E.isLeft(state)) return state
    const ending = record.diverged[name]
    if (state.right === 'done') outcomes.set(name, { state: 'done', kept: true })
    else if (state.right === 'begun' && ending !== undefined) outcomes.set(name, failed(ending))
    else {
      options.tell({ event: 'note', message: `${i + 1} of ${ready.length}: ${name}` })
      const outcome = await runOne(folder, one, state.right === 'begun', options)
      if (outcome === STOPPED) return E.right(STOPPED)
      outcomes.set(name, outcome)
      const { [name]: _now, ...others } = record.diverged
      record = { ...record, diverged: outcome.state === 'diverged' ? { ...others, [name]: outcome } : others }
      const kept = await writeRecord(folder, record)()
      if (E.isLeft(kept)) return kept
    }
  }
  return all(
    folder,
    record,
    refused.map(({ combination }) => combination),
    outcomes,
  )
}

/** What came of all combinations: those of this command, those of earlier ones that have begun, and those that are left out. */
const all = async (
  folder: SweepFolder,
  { combinations, diverged }: SweepRecord,
  refused: readonly Combination[],
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<E.Either<Failure, readonly Swept[]>> => {
  const found: Swept[] = []
  const leftOut = refused.filter(({ name }) => combinations.every((one) => one.name !== name))
  for (const combination of [...combinations, ...leftOut]) {
    const { name } = combination
    const looked = await runState(join(folder.path, name))()
    if (E.isLeft(looked)) return looked
    const state = looked.right
    const before = diverged[name]
    const untouched: Outcome =
      state === 'done' ? { state, kept: true } : state === 'begun' && before !== undefined ? failed(before) : { state }
    const outcome = outcomes.get(name) ?? untouched
    if (outcome.state !== 'absent') found.push({ combination, asked: outcomes.has(name), begun: state !== 'absent', outcome })
  }
  return E.right(found)
}
