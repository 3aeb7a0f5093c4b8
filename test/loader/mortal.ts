/** A worker that dies of its task as long as deaths are left. */
import { workerData } from 'node:worker_threads'
import { work as live } from '../../src/loader/worker'

export const work: typeof live = (task) => {
  if (Atomics.sub(workerData.left, 0, 1) > 0) process.exit(7)
  return live(task)
}
