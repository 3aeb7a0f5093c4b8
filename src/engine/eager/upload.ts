/** What an eager step takes, as tensors made of host values; whoever asked for them disposes of them. */
import * as tf from '@tensorflow/tfjs-core'
import type { At } from '../../ops/slots'
import { mapBatch, namedBatch, type TensorBatch, tensorBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { mapped, type Tensors } from '../../program/stateNames'
import type { HostBatch, InterpreterState } from '../interpreter'
import { lookup } from '../lookup'

export const uploadState = (values: InterpreterState, program: Program): Tensors =>
  Object.fromEntries(
    Object.entries(program.state).map(([name, { shape }]) => {
      const value = values[name]
      if (value === undefined) throw new RangeError(`the state has no ${name}`)
      // A copy: the CPU backend would keep the caller's array itself.
      return [name, tf.tensor(Float32Array.from(value), [...shape], 'float32')]
    }),
  )

export const uploadBatch = (host: HostBatch, { batch, rows }: Program): TensorBatch => {
  const values = namedBatch(host)
  const chosen = rows(host.mask)
  return tensorBatch(
    mapBatch(batch, (shape, name) => tf.tensor(values[name]!, [...shape], 'float32')),
    chosen && tf.tensor1d(chosen, 'int32'),
  )
}

/** The numbers of a step, each made a scalar when it is first asked for. */
export const uploadNumbers = (numbers: Readonly<Record<string, number>>): At =>
  lookup(
    'number',
    mapped(numbers, (value) => () => tf.scalar(value, 'float32')),
  )
