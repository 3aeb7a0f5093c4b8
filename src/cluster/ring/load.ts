import { type Machine, machineOf } from '../../base/webAssembly'
import { RING } from './binary'

/** The functions of assembly/ring.ts, which says what they do. All of them take addresses and sizes in bytes. */
export interface RingKernels {
  readonly add: (values: number, others: number, bytes: number) => void
  readonly addAndDivide: (values: number, others: number, bytes: number, by: number) => void
  readonly max: (values: number, others: number, bytes: number) => void
}

/** A memory of its own, and the kernels that work in it. */
export const newKernels = (): Machine<RingKernels> => machineOf(RING)
