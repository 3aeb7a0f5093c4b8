/** Errors that end a computation through no fault of the pipeline or of ours: memory that isn't enough, a device that broke off. */
import { TensorFlowError } from '../base/engineError'
import { type Failure, missing } from '../base/failure'

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

/** What a message says of the run that was broken off. */
export interface Circumstances {
  /** When it happened: empty, or ending in a space. */
  readonly when: string
  /** What is kept of the run: empty, or ending in a space. */
  readonly kept: string
  /** How to go on. */
  readonly again: string
}

const NOTHING_BEGUN: Circumstances = { when: '', kept: '', again: 'begin again' }

/** Memory that isn't enough, or a device that broke off, as a failure; undefined for other errors. */
export const brokenBy = (error: unknown, { when, kept, again }: Circumstances = NOTHING_BEGUN): Failure | undefined => {
  if (!(error instanceof Error)) return undefined
  const cause = firstCause(error.message)
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
