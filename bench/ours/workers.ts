/** `workers.ts SETUP`: has workers make batches of views from files whenever it is asked to. Nothing is made ahead of that. */
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import { batchPlanOf } from '../../src/loader/batchPlan'
import { partsOf } from '../../src/loader/loader'
import { startWorkers } from '../../src/loader/workers'
import { batchBytes } from '../../src/program/batch'
import { type AugmentSetup, augmentPipeline } from '../augmentSetup'
import { answer } from './answer'
import { openedText } from './pipeline'

/** Made at the same time, so that no worker waits for another one's part. */
const BATCHES = 4

answer(async () => {
  const { workers, ...setup } = JSON.parse(process.argv[2]!) as AugmentSetup & { readonly workers: number }
  const opened = await openedText(augmentPipeline(setup))
  const { fill } = await startWorkers(batchPlanOf(opened), workers, () => undefined)
  const memories = Array.from({ length: BATCHES }, () => new SharedArrayBuffer(batchBytes(opened.program.batch)))
  let done = 0
  const step = async () => {
    const began = performance.now()
    const parts = memories.flatMap((memory, i) =>
      partsOf({ step: done + i, share: 0 }, setup.count, workers).map((part) => fill(part, memory)),
    )
    for (const result of await Promise.all(parts)) if (E.isLeft(result)) throw new Error(failureText(result.left))
    done += BATCHES
    return { seconds: (performance.now() - began) / 1000 }
  }
  return { ready: { ready: 0 }, commands: { step } }
})
