/** Batches in the order of their steps, made ahead of the step that needs them, in memory that goes round. */
import * as E from 'fp-ts/Either'
import type { Failure } from '../base/failure'
import type { HostBatch } from '../engine/interpreter'
import { batchBytes } from '../program/batch'
import { undivided } from '../program/division'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { batchIn } from './batchArrays'
import { type Fill, filling, type Part } from './batches'
import { batchPlanOf } from './batchPlan'
import type { Report } from './damaged'
import { threadOps } from './threadOps'
import { startWorkers, workerCount } from './workers'

/** At most so many shares are made ahead, and no more than fit into so many bytes (but one in any case). */
const AHEAD = 4
const ROOM = 2 ** 30

export interface Loader {
  /**
   * One of this process's shares of a step's batch, all of it where it isn't divided; they are asked for in their order. What was
   * given before is overwritten from then on, but for those of the same step where they are kept: the step must be done with it.
   */
  readonly share: (step: number, index: number) => Promise<E.Either<Failure, HostBatch>>
  readonly close: () => Promise<void>
}

/** The pictures of a share in parts of nearly the same size. */
export const partsOf = (of: Pick<Part, 'step' | 'share'>, pictures: number, pieces: number): readonly Part[] => {
  const at = (piece: number): number => Math.floor((piece * pictures) / pieces)
  return Array.from({ length: pieces }, (_, i) => ({ ...of, from: at(i), to: at(i + 1) }))
}

export interface LoaderOptions {
  readonly notify: (message: string) => void
  readonly report: Report
  /** Which of the processes that share out the batches this is; the first one by default. */
  readonly rank?: number
  /** Whether the shares of a step are gone over more than once; false by default. */
  readonly keepsShares?: boolean
}

/** Begins to make batches from step `first` on: by the workers that the pipeline asks for, or in this thread. */
export const openLoader = async (
  opened: Opened,
  first: number,
  { notify, report, rank = 0, keepsShares = false }: LoaderOptions,
): Promise<Loader> => {
  const { design, source, span, program } = opened
  const { batch: shape, division } = program
  const { microBatches, pictures } = division
  const asked = Math.min(workerCount(design.training.meaning.workers), pictures)
  const modules = asked === 0 ? E.right([]) : await threadOps(design)
  if (E.isLeft(modules)) notify(modules.left)
  const workers = E.isLeft(modules) ? 0 : asked
  const bytes = batchBytes(shape)
  // In this thread nothing would be won by more than one.
  const ahead = workers === 0 ? 1 : Math.max(1, Math.min(AHEAD, Math.floor(ROOM / bytes)))
  const { fill, close }: { fill: Fill; close: () => Promise<void> } =
    E.isLeft(modules) || workers === 0
      ? { fill: filling(design, source, { shape, division, span }), close: async () => undefined }
      : await startWorkers(batchPlanOf(opened, modules.right), workers, notify)

  const kept = keepsShares ? microBatches : 1
  const memories = Array.from({ length: ahead + kept }, () => new SharedArrayBuffer(bytes))
  // This process's shares are numbered through all steps.
  const begun = new Map<number, Promise<E.Either<Failure, HostBatch>>>()
  const make = async (number: number): Promise<E.Either<Failure, HostBatch>> => {
    const memory = memories[number % memories.length]!
    const step = Math.floor(number / microBatches)
    const share = rank * microBatches + (number % microBatches)
    const parts = await Promise.all(partsOf({ step, share }, pictures, Math.max(1, workers)).map((part) => fill(part, memory)))
    const failed = parts.find(E.isLeft)
    if (failed !== undefined) return failed
    const damaged = await report(
      source,
      parts.flatMap((part) => (E.isRight(part) ? part.right : [])),
    )
    return E.isLeft(damaged) ? damaged : E.right(batchIn(memory, shape))
  }
  const begin = (number: number): void => {
    if (number < span.steps * microBatches && !begun.has(number)) begun.set(number, make(number))
  }
  begin(first * microBatches)
  let newest = first * microBatches - 1
  return {
    share: (step, index) => {
      const number = step * microBatches + index
      newest = Math.max(newest, number)
      for (let next = newest; next <= newest + ahead; next++) begin(next)
      begun.delete(newest - kept)
      return begun.get(number)!
    },
    close,
  }
}

/** The whole batch of a step, however it is divided. */
export const wholeBatch = async ({ design, source, span }: Opened, step: number): Promise<E.Either<Failure, HostBatch>> => {
  const division = undivided(span.batch)
  const { batch: shape } = programOf(design, span, source.channels, { division })
  const memory = new SharedArrayBuffer(batchBytes(shape))
  const filled = await filling(design, source, { shape, division, span })({ step, share: 0, from: 0, to: span.batch }, memory)
  return E.isLeft(filled) ? filled : E.right(batchIn(memory, shape))
}
