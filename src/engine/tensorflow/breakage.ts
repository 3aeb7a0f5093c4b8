/** TensorFlow's errors that end a computation through no fault of the pipeline or of ours. */
import { TensorFlowError } from '../../base/engineError'
import type { Breakage } from '../engine'

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

const whatOf = ({ code, message }: TensorFlowError): Breakage['what'] | undefined => {
  switch (code) {
    case CODE.RESOURCE_EXHAUSTED:
      return 'memory'
    case CODE.CANCELLED:
    case CODE.ABORTED:
    case CODE.UNAVAILABLE:
      return 'device'
    case CODE.INTERNAL:
    case CODE.UNKNOWN:
      return DEVICE.test(message) ? 'device' : undefined
    default:
      return undefined
  }
}

export const breakageOf = (error: Error): Breakage | undefined => {
  const what = error instanceof TensorFlowError ? whatOf(error) : undefined
  return what && { what, cause: firstCause(error.message) }
}
