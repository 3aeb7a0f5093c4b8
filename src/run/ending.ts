/** Why a training ends before its last step, and what is kept of it. */

import { TensorFlowError } from '../base/engineError'
import { diverged, type Failure, missing } from '../base/failure'
import type { RunFolder } from '../store/folder'
import type { Alarm } from './alarms'

/** How far a run has come: steps done, and those that the newest checkpoint holds. */
export interface Reached {
  done: number
  saved: number | undefined
}

const lastGood = ({ checkpoints }: RunFolder, { saved }: Reached): string =>
  saved === undefined
    ? 'No checkpoint was written before.'
    : `The last good checkpoint is that of step ${saved} in ${checkpoints}.`

/** A training that left the finite numbers; `more` says what else can be done. */
export const lostNumbers = (message: string, folder: RunFolder, reached: Reached, more = ''): Failure =>
  diverged(
    message,
    `${lastGood(folder, reached)}${more} A lower learning rate, a longer warm-up or a higher teacher temperature often helps.`,
  )

/** A training that is told to end when an alarm is raised. */
export const collapsed = ({ step, message, cure }: Alarm, { path }: RunFolder): Failure =>
  diverged(`after step ${step} ${message}`, `${cure} The run in ${path} is saved; it ended as 'onCollapse: stop' asks for.`)

/** What stopped a training that was well, a full disk say: also told is what is kept, and how to go on. */
export const interrupted = (failure: Failure, folder: RunFolder, reached: Reached): Failure =>
  failure._tag === 'Missing' && !failure.cure.includes('ibot run --resume')
    ? missing(failure.message, `${failure.cure} ${lastGood(folder, reached)} Go on with: ibot run --resume ${folder.path}`)
    : failure

/** `tsl::error::Code`, as far as a run can end with them through no fault of the pipeline or of ours. */
const CODE = { CANCELLED: 1, UNKNOWN: 2, RESOURCE_EXHAUSTED: 8, ABORTED: 10, INTERNAL: 13, UNAVAILABLE: 14 } as const

/** What a device that is lost, or that fails, is told by. */
const DEVICE = /\bcu(da|dnn|blas|fft|solver|sparse)|nccl|\bgpu|device|launch|stream/i

/** What TensorFlow says, without the frame around it where several operations failed at once. */
const firstCause = (message: string): string => {
  const lines = message.split('\n').map((line) => line.trim())
  const cause = /^\d+ root error\(s\) found/.test(lines[0] ?? '') ? lines[1] : lines[0]
  return (cause ?? '').replace(/^\(\d+\) \w+: /, '')
}

const isOutOfMemory = (error: Error): boolean =>
  error instanceof TensorFlowError
    ? error.code === CODE.RESOURCE_EXHAUSTED
    : (error instanceof RangeError && /allocation|array length|memory/i.test(error.message)) ||
      // A WebAssembly.RuntimeError, a name that the types of Node 20 lack.
      (error.name === 'RuntimeError' && /memory|OOM|out of bounds|abort/i.test(error.message))

const isBroken = (error: Error): error is TensorFlowError => {
  if (!(error instanceof TensorFlowError)) return false
  const { CANCELLED, ABORTED, UNAVAILABLE, INTERNAL, UNKNOWN } = CODE
  const { code, message } = error
  return (
    code === CANCELLED ||
    code === ABORTED ||
    code === UNAVAILABLE ||
    ((code === INTERNAL || code === UNKNOWN) && DEVICE.test(message))
  )
}

/** Memory that isn't enough, or a device that broke off, as a failure; undefined for other errors. Without `at` nothing was begun. */
export const brokenOff = (
  error: unknown,
  at?: { readonly folder: RunFolder; readonly reached: Reached },
): Failure | undefined => {
  if (!(error instanceof Error)) return undefined
  const cause = firstCause(error.message)
  const when = at === undefined ? '' : at.reached.done === 0 ? 'at the first step ' : `after step ${at.reached.done} `
  const kept = at === undefined ? '' : `${lastGood(at.folder, at.reached)} `
  const again = at === undefined ? 'begin again' : `go on with 'ibot run --resume ${at.folder.path}'`
  if (isOutOfMemory(error))
    return missing(
      `${when}the memory isn't enough (${cause})`,
      `${kept}Make the batch or the network smaller, or free some memory and ${again}.`,
    )
  return isBroken(error)
    ? missing(
        `${when}TensorFlow broke off (${cause})`,
        `${kept}Look whether the device still works, and ${again}; '--backend wasm' computes without it.`,
      )
    : undefined
}
