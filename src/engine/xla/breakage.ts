/** XLA's errors that end a computation through no fault of the pipeline or of ours. */
import { XlaError, type XlaErrorCode } from '../../xla/error'
import type { Breakage } from '../engine'

const WHAT: Readonly<Partial<Record<XlaErrorCode, Breakage['what']>>> = {
  'resource exhausted': 'memory',
  cancelled: 'device',
  aborted: 'device',
  unavailable: 'device',
  'deadline exceeded': 'device',
  'data loss': 'device',
}

/** What a device that is lost, or that fails, is told by. */
const DEVICE = /\bcu(da|dnn|blas|fft|solver|sparse)|nccl|\bgpu|hip|device|launch|stream/i

const whatOf = ({ code, message }: XlaError): Breakage['what'] | undefined =>
  WHAT[code] ?? ((code === 'internal' || code === 'unknown') && DEVICE.test(message) ? 'device' : undefined)

export const breakageOf = (error: Error): Breakage | undefined => {
  const what = error instanceof XlaError ? whatOf(error) : undefined
  return what && { what, cause: error.message }
}
