/** Checkpoints: the whole state of a run in one safetensors file, from which it goes on exactly. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { InterpreterState } from '../interpret/interpreter'
import { fileFailure, readFile, writeAtomically } from '../io/files'
import { parse, serialize } from '../io/safetensors'
import type { WeightSpecs } from '../nn/layer'

/** What a run must remember besides its tensors. */
export interface Progress {
  /** Steps done. */
  readonly step: number
  /** Results of the first probe and of the pixels, for the summary. */
  readonly before: number | null
  readonly pixels: number | null
}

export interface Saved {
  readonly state: InterpreterState
  readonly progress: Progress
}

const FORMAT = 'ibot-checkpoint-1'
const NAME = /^step-(\d+)\.safetensors$/
const fileName = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`

/** Writes a checkpoint into a folder; gives its path. */
export const saveCheckpoint = (
  folder: string,
  specs: WeightSpecs,
  { state, progress }: Saved,
): TE.TaskEither<Failure, string> => {
  const path = join(folder, fileName(progress.step))
  const entries = Object.entries(specs).map(([name, { shape }]) => [name, { dtype: 'F32', shape, data: state[name]! }] as const)
  return pipe(
    writeAtomically(path, serialize(entries, { format: FORMAT, progress: JSON.stringify(progress) })),
    TE.map(() => path),
  )
}

/** The checkpoints in a folder, oldest first. */
export const listCheckpoints = (
  folder: string,
): TE.TaskEither<Failure, readonly { readonly step: number; readonly path: string }[]> =>
  TE.tryCatch(
    async () =>
      (await readdir(folder))
        .flatMap((name) => {
          const step = NAME.exec(name)?.[1]
          return step === undefined ? [] : [{ step: Number(step), path: join(folder, name) }]
        })
        .sort((a, b) => a.step - b.step),
    fileFailure(`cannot read the folder ${folder}`),
  )

/** Removes all but the newest checkpoints. */
export const pruneCheckpoints = (folder: string, keep: number): TE.TaskEither<Failure, void> =>
  pipe(
    listCheckpoints(folder),
    TE.chain((found) =>
      TE.tryCatch(
        async () => {
          for (const { path } of found.slice(0, -keep)) await rm(path)
        },
        fileFailure(`cannot remove old checkpoints from ${folder}`),
      ),
    ),
  )

const unfit = (path: string, why: string): Failure =>
  missing(
    `${path} can't be gone on from: ${why}`,
    'Go on from the checkpoint before it (move this one away), or start a new run.',
  )

/** Reads a checkpoint that must hold exactly these tensors. */
export const loadCheckpoint = (path: string, specs: WeightSpecs): TE.TaskEither<Failure, Saved> =>
  pipe(
    readFile(path, 'the checkpoint'),
    TE.chainEitherK((bytes) =>
      pipe(
        parse(bytes),
        E.mapLeft((why) => unfit(path, why)),
      ),
    ),
    TE.chainEitherK(({ tensors, metadata }) => {
      if (metadata.format !== FORMAT || metadata.progress === undefined) return E.left(unfit(path, 'it is no checkpoint of ibot'))
      const state: Record<string, Float32Array> = {}
      for (const [name, { shape }] of Object.entries(specs)) {
        const entry = tensors.get(name)
        if (entry === undefined) return E.left(unfit(path, `it lacks ${name}`))
        if (entry.dtype !== 'F32' || entry.shape.join() !== shape.join())
          return E.left(unfit(path, `${name} is [${entry.shape.join(', ')}], not [${shape.join(', ')}]`))
        state[name] = entry.data
      }
      const extra = [...tensors.keys()].find((name) => specs[name] === undefined)
      if (extra !== undefined) return E.left(unfit(path, `it holds ${extra}, which this pipeline doesn't have`))
      return E.right({ state, progress: JSON.parse(metadata.progress) as Progress })
    }),
  )
