/** sweep.json: what a sweep's folder says of it, by which the same command goes on. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { type Failure, missing } from '../base/failure'
import { errorCode } from '../base/fileFailure'
import { fileFailure, readFile, writeAtomically } from '../io/files'
import type { Axis } from './axes'
import type { Combination } from './grid'

/** Why a run ended that is not gone on with: with the same numbers it would end so again. */
const ending = t.readonly(t.type({ exit: t.number, message: t.string }))
export type Ending = t.TypeOf<typeof ending>

const sweepRecord = t.readonly(
  t.type({
    /** The paths of the axes. */
    axes: t.readonlyArray(t.string),
    /** All that were asked for, in their order, by this command or earlier ones. */
    combinations: t.readonlyArray(t.readonly(t.type({ name: t.string, values: t.readonlyArray(t.string) }))),
    /** By the names of the combinations: trainings that left the finite numbers or collapsed. */
    diverged: t.readonly(t.record(t.string, ending)),
  }),
)
export type SweepRecord = t.TypeOf<typeof sweepRecord>

export interface SweepFolder {
  readonly path: string
  readonly record: string
  /** The pipeline as it was given, which all runs are made of. */
  readonly pipeline: string
  readonly page: string
  readonly lock: string
}

export const sweepFolder = (path: string): SweepFolder => ({
  path,
  record: join(path, 'sweep.json'),
  pipeline: join(path, 'pipeline.yaml'),
  page: join(path, 'compare.html'),
  lock: join(path, 'sweep.lock'),
})

const decoded = ({ record }: SweepFolder, text: string): E.Either<Failure, SweepRecord> =>
  pipe(
    E.tryCatch(
      () => JSON.parse(text) as unknown,
      () => undefined,
    ),
    E.chainW(sweepRecord.decode),
    E.mapLeft(() => missing(`${record} isn't what a sweep wrote`, 'Put it back as it was, or choose another folder: --out DIR.')),
  )

/** What is in a folder; undefined where nothing is, or no folder. A folder of anything else is refused. */
export const readRecord = (folder: SweepFolder): TE.TaskEither<Failure, SweepRecord | undefined> =>
  pipe(
    TE.tryCatch(
      async (): Promise<readonly string[]> =>
        readdir(folder.path).catch((error) => {
          if (errorCode(error) === 'ENOENT') return []
          throw error
        }),
      fileFailure(`cannot read the folder ${folder.path}`),
    ),
    TE.chain((names): TE.TaskEither<Failure, SweepRecord | undefined> => {
      if (names.includes('sweep.json'))
        return pipe(
          readFile(folder.record, "the sweep's record"),
          TE.chainEitherK((bytes) => decoded(folder, new TextDecoder().decode(bytes))),
        )
      // A sweep that was killed before its record was written has left no more than these.
      const own = (name: string): boolean => name === 'sweep.lock' || name.endsWith('.tmp')
      return names.every(own)
        ? TE.right(undefined)
        : TE.left(missing(`the folder ${folder.path} isn't empty, and no sweep is in it`, 'Choose another one: --out DIR.'))
    }),
  )

export const writeRecord = ({ record }: SweepFolder, content: SweepRecord): TE.TaskEither<Failure, void> =>
  writeAtomically(record, `${JSON.stringify(content, null, 2)}\n`)

/** The axes in the order of a sweep that goes on: those that it has, with these values or others. */
export const sameAxes = (
  { path }: SweepFolder,
  before: SweepRecord,
  axes: readonly Axis[],
): E.Either<Failure, readonly Axis[]> => {
  const ordered = before.axes.flatMap((name) => axes.filter((axis) => axis.path === name))
  return ordered.length === axes.length && ordered.length === before.axes.length
    ? E.right(ordered)
    : E.left(
        missing(
          `the sweep in ${path} varies ${before.axes.join(', ')}, and this one ${axes.map((axis) => axis.path).join(', ')}`,
          'Values may be added to a sweep, axes may not: choose another folder, --out DIR.',
        ),
      )
}

/** A record with the combinations of this command added to those of earlier ones. */
export const extended = (before: SweepRecord | undefined, axes: readonly Axis[], asked: readonly Combination[]): SweepRecord => {
  const known = before?.combinations ?? []
  const fresh = asked.filter(({ values }) => !known.some((one) => isDeepStrictEqual(one.values, values)))
  return { axes: axes.map(({ path }) => path), combinations: [...known, ...fresh], diverged: before?.diverged ?? {} }
}
