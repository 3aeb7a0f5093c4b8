/** Checkpoints as the training goes on: each written while the next steps compute, one at a time. */
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import type { InterpreterState } from '../engine/interpreter'
import type { WeightSpecs } from '../nn/layer'
import { type Saved, saveCheckpoint } from '../store/checkpoint'
import { checkpointPath, pruneCheckpoints } from '../store/checkpoints'
import type { RunFolder } from '../store/folder'
import { nonFiniteFailure, type Reached } from './ending'
import type { RunEvent } from './events'

export interface Saver {
  /** Begins to write, as soon as what was written before is done. A failure of either comes from `soFar` or `settled`. */
  readonly begin: (read: () => Promise<Saved>) => TE.TaskEither<Failure, void>
  /** What has failed so far, without waiting. */
  readonly soFar: TE.TaskEither<Failure, void>
  /** Waits until nothing is written any more. */
  readonly settled: TE.TaskEither<Failure, void>
  /** SHA-256 of all tensors of the newest checkpoint. */
  readonly sha256: () => string | undefined
}

export interface SaverOptions {
  readonly folder: RunFolder
  readonly specs: WeightSpecs
  /** What checkpoints say of the networks. */
  readonly about: Readonly<Record<string, string>>
  /** How many of the newest are kept, and which ones besides. */
  readonly keep: number
  readonly forGood: (step: number) => boolean
  /** Told of what is saved. */
  readonly reached: Reached
  readonly tell: (event: RunEvent) => void
  /** Shown what was written, whose numbers are all finite. */
  readonly show: (saved: Saved) => Promise<void>
}

/** How many numbers are looked at before others get their turn: a millisecond or two. */
const SLICE = 2 ** 20

/** The first tensor of a state that holds something else than finite numbers. */
const notFinite = async (state: InterpreterState): Promise<string | undefined> => {
  for (const [name, values] of Object.entries(state))
    for (let from = 0; from < values.length; from += SLICE) {
      if (!values.subarray(from, from + SLICE).every(Number.isFinite)) return name
      await setImmediate()
    }
  return undefined
}

export const newSaver = ({ folder, specs, about, keep, forGood, reached, tell, show }: SaverOptions): Saver => {
  let writing: Promise<E.Either<Failure, void>> = Promise.resolve(E.right(undefined))
  let known: E.Either<Failure, void> = E.right(undefined)
  let sha256: string | undefined

  const write = async ({ state, progress }: Saved): Promise<E.Either<Failure, void>> => {
    const { step } = progress
    const nonFinite = await notFinite(state)
    if (nonFinite !== undefined) return E.left(nonFiniteFailure(`after step ${step} ${nonFinite} isn't finite`, folder, reached))
    const path = checkpointPath(folder.checkpoints, step)
    const written = await saveCheckpoint(path, specs, { state, progress }, about)()
    if (E.isLeft(written)) return written
    sha256 = written.right.sha256
    reached.saved = step
    tell({ event: 'checkpoint', step, path })
    await show({ state, progress })
    return pruneCheckpoints(folder.checkpoints, keep, forGood)()
  }
  const settled = () => writing
  return {
    begin: (read) => async () => {
      const before = await settled()
      if (E.isLeft(before)) return before
      const saved = await read()
      // Nobody waits for it at once: it must not throw.
      writing = write(saved)
        .catch((error: unknown) => E.left(defect(error)))
        .then((result) => {
          known = result
          return result
        })
      return E.right(undefined)
    },
    soFar: async () => known,
    settled,
    sha256: () => sha256,
  }
}
