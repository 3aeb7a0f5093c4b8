/** A worker: a thread that makes parts of batches. It loads the ops of the data, and nothing that computes. */
import { workerData } from 'node:worker_threads'
import * as E from 'fp-ts/Either'
import type { Fill, Part } from './batches'
import { type BatchPlan, openBatchPlan } from './batchPlan'

export interface Task {
  readonly part: Part
  readonly memory: SharedArrayBuffer
}

const opened = openBatchPlan(workerData as BatchPlan)()

/** Does a task, once the data are open. */
export const work = async ({ part, memory }: Task): ReturnType<Fill> => {
  const fill = await opened
  return E.isLeft(fill) ? fill : fill.right(part, memory)
}
