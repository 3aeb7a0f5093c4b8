/** The folder of a run's checkpoints: which there are, which of them are kept, and which one a run goes on from. */
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../io/files'
import type { WeightSpecs } from '../nn/layer'
import { readCheckpoint, type Saved } from './checkpoint'
import { CHECKPOINT } from './folder'

export interface Listed {
  /** Steps done. */
  readonly step: number
  readonly path: string
}

export const checkpointPath = (folder: string, step: number): string =>
  join(folder, `step-${String(step).padStart(8, '0')}.safetensors`)

/** The checkpoints in a folder, oldest first. */
export const listCheckpoints = (folder: string): TE.TaskEither<Failure, readonly Listed[]> =>
  TE.tryCatch(
    async () =>
      (await readdir(folder))
        .flatMap((name) => {
          const step = CHECKPOINT.exec(name)?.[1]
          return step === undefined ? [] : [{ step: Number(step), path: join(folder, name) }]
        })
        .sort((a, b) => a.step - b.step),
    fileFailure(`cannot read the folder ${folder}`),
  )

/** Removes what is to be kept no longer: all but the `keep` newest and those of steps that are kept for good. */
export const pruneCheckpoints = (
  folder: string,
  keep: number,
  forGood: (step: number) => boolean,
): TE.TaskEither<Failure, void> =>
  pipe(
    listCheckpoints(folder),
    TE.chain((found) =>
      TE.tryCatch(
        async () => {
          for (const { step, path } of found.slice(0, -keep)) if (!forGood(step)) await rm(path)
        },
        fileFailure(`cannot remove old checkpoints from ${folder}`),
      ),
    ),
  )

const setAside = (path: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(() => rename(path, `${path}.damaged`), fileFailure(`cannot rename ${path}`))

/**
 * The newest checkpoint that is whole; undefined where none was written yet. Damaged ones after it are told of and
 * renamed, so that nothing takes them for checkpoints any more.
 */
export const newestCheckpoint = (
  folder: string,
  specs: WeightSpecs,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Saved | undefined> => {
  const from = (found: readonly Listed[], damaged: readonly string[]): TE.TaskEither<Failure, Saved | undefined> => {
    const newest = found.at(-1)
    if (newest === undefined)
      return damaged.length === 0
        ? TE.right(undefined)
        : TE.left(
            missing(
              `no checkpoint in ${folder} can be resumed from: ${damaged.join('; ')}`,
              'Put back a copy of one of them, or start a new run.',
            ),
          )
    return pipe(
      readCheckpoint(newest.path, specs),
      TE.chain((read) => {
        if (E.isLeft(read)) return from(found.slice(0, -1), [...damaged, `${newest.path}: ${read.left}`])
        return TE.right(read.right)
      }),
    )
  }
  return pipe(
    listCheckpoints(folder),
    TE.chain((found) =>
      pipe(
        from(found, []),
        TE.chainFirst((saved) => {
          const later = found.filter(({ step }) => saved !== undefined && step > saved.progress.step)
          for (const { path } of later)
            notify(`${path} is damaged (now ${path}.damaged); going on from step ${saved!.progress.step}, the one before`)
          return TE.traverseSeqArray(({ path }: Listed) => setAside(path))(later)
        }),
      ),
    ),
  )
}
