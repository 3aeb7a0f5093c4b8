/** Batches in the order of their steps, made ahead of the step that needs them, in memory that goes round. */
import * as E from 'fp-ts/Either'
import type { Failure } from '../base/failure'
import type { HostBatch } from '../engine/interpreter'
import { batchBytes } from '../program/batch'
import type { Opened } from '../program/openPlan'
import { batchIn } from './batchArrays'
import { type Fill, filling, type Part } from './batches'
import { batchPlanOf } from './batchPlan'
import type { Report } from './damage'
import { threadOps } from './threadOps'
import { startWorkers, workerCount } from './workers'

/** At most so many batches are made ahead, and no more than fit into so many bytes (but one in any case). */
const AHEAD = 4
const ROOM = 2 ** 30

export interface Loader {
  /**
   * The batch of a step; steps are asked for one after the other. What was given before is overwritten from then on:
   * the step must be done with it.
   */
  readonly batch: (step: number) => Promise<E.Either<Failure, HostBatch>>
  readonly close: () => Promise<void>
}

/** The slots of a batch in parts of nearly the same size. */
export const partsOf = (step: number, batch: number, pieces: number): readonly Part[] => {
  const at = (piece: number): number => Math.floor((piece * batch) / pieces)
  return Array.from({ length: pieces }, (_, i) => ({ step, from: at(i), to: at(i + 1) }))
}

/** Begins to make batches from step `first` on: by the workers that the pipeline asks for, or in this thread. */
export const openLoader = async (
  opened: Opened,
  first: number,
  { notify, report }: { readonly notify: (message: string) => void; readonly report: Report },
): Promise<Loader> => {
  const { design, source, span, program } = opened
  const shape = program.batch
  const asked = Math.min(workerCount(design.training.meaning.workers), span.batch)
  const modules = asked === 0 ? E.right([]) : await threadOps(design)
  if (E.isLeft(modules)) notify(modules.left)
  const workers = E.isLeft(modules) ? 0 : asked
  const bytes = batchBytes(shape)
  // In this thread nothing would be won by more than one.
  const ahead = workers === 0 ? 1 : Math.max(1, Math.min(AHEAD, Math.floor(ROOM / bytes)))
  const { fill, close }: { fill: Fill; close: () => Promise<void> } =
    E.isLeft(modules) || workers === 0
      ? { fill: filling(design, source, shape, span), close: async () => undefined }
      : await startWorkers(batchPlanOf(opened, modules.right), workers, notify)

  const memories = Array.from({ length: ahead + 1 }, () => new SharedArrayBuffer(bytes))
  const begun = new Map<number, Promise<E.Either<Failure, HostBatch>>>()
  const make = async (step: number): Promise<E.Either<Failure, HostBatch>> => {
    const memory = memories[step % memories.length]!
    const parts = await Promise.all(partsOf(step, span.batch, Math.max(1, workers)).map((part) => fill(part, memory)))
    const failed = parts.find(E.isLeft)
    if (failed !== undefined) return failed
    const damaged = await report(
      source,
      parts.flatMap((part) => (E.isRight(part) ? part.right : [])),
    )
    return E.isLeft(damaged) ? damaged : E.right(batchIn(memory, shape))
  }
  const begin = (step: number): void => {
    if (step < span.steps && !begun.has(step)) begun.set(step, make(step))
  }
  begin(first)
  return {
    batch: (step) => {
      for (let next = step; next <= step + ahead; next++) begin(next)
      const batch = begun.get(step)!
      begun.delete(step)
      return batch
    },
    close,
  }
}
