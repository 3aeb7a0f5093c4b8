/** What an eager step takes, as tensors made of host values; whoever asked for them disposes of them. */
import * as tf from '@tensorflow/tfjs-core'
import type { At } from '../../ops/slots'
import type { Tensors } from '../../program/names'
import type { Batch } from '../../program/passes'
import type { Program } from '../../program/program'
import type { HostBatch, InterpreterState } from '../interpreter'

export const uploadState = (values: InterpreterState, program: Program): Tensors =>
  Object.fromEntries(
    Object.entries(program.state).map(([name, { shape }]) => {
      const value = values[name]
      if (value === undefined) throw new RangeError(`the state has no ${name}`)
      // A copy: the CPU backend would keep the caller's array itself.
      return [name, tf.tensor(Float32Array.from(value), [...shape], 'float32')]
    }),
  )

const rowTensor = (rows: Int32Array | undefined) => (rows === undefined ? undefined : tf.tensor1d(rows, 'int32'))

export const uploadBatch = ({ global, local, mask, draws }: HostBatch, { batch, rows }: Program): Batch => ({
  global: tf.tensor4d(global, [...batch.global]),
  local: local.map((values, i) => tf.tensor4d(values, [...batch.local[i]!])),
  mask: mask === undefined || batch.mask === undefined ? undefined : tf.tensor2d(mask, [...batch.mask], 'float32'),
  rows: rowTensor(rows(mask)),
  draws: Object.fromEntries(Object.entries(batch.draws).map(([name, shape]) => [name, tf.tensor(draws[name]!, [...shape])])),
})

/** The numbers of a step, each made a scalar when it is first asked for. */
export const uploadNumbers = (numbers: Readonly<Record<string, number>>): At => {
  const scalars = new Map<string, tf.Scalar>()
  return (name) => {
    const known = scalars.get(name)
    if (known !== undefined) return known
    const value = numbers[name]
    if (value === undefined) throw new RangeError(`no number ${name}`)
    const made = tf.scalar(value, 'float32')
    scalars.set(name, made)
    return made
  }
}
