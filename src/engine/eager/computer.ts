/** Functions of tensors op by op, on a backend of tfjs that is loaded. */
import * as tf from '@tensorflow/tfjs-core'
import { selecting } from '../../metric/neighbours'
import { onBackend } from '../../nn/onBackend'
import type { HostTensor } from '../../nn/tensorFunction'
import { tidy } from '../../nn/tidy'
import { mapped, type Tensors } from '../../program/stateNames'
import type { Computer } from '../computer'
import { lookup } from '../lookup'
import type { EagerBackend } from './abilities'
import { valuesOf } from './read'

const uploaded = ({ values, shape }: HostTensor): tf.Tensor => tf.tensor(values, [...shape], 'float32')

/** `state` gives what functions may ask for besides what they are given, as it is when one runs. */
export const computerOn = (backend: EagerBackend, state: () => Tensors = () => ({})): Computer => {
  const here = <A>(f: () => A): A => onBackend(backend, f)
  return {
    prepare: (f, held = {}) => {
      // Copies: the CPU backend would keep the caller's arrays themselves.
      const kept = here(() => mapped(held, ({ values, shape }) => uploaded({ values: Float32Array.from(values), shape })))
      return {
        run: async (inputs, wanted) => {
          const known = { ...state(), ...kept }
          const outputs = here(() =>
            tidy(() =>
              f(
                lookup('input', {
                  ...mapped(known, (tensor) => () => tensor),
                  ...mapped(inputs, (value) => () => uploaded(value)),
                }),
              ),
            ),
          )
          const read = await Promise.all(
            (wanted ?? Object.keys(outputs)).map(async (name) => {
              const tensor = outputs[name]!
              return [name, { values: await valuesOf(tensor), shape: tensor.shape }] as const
            }),
          )
          // What a function gives back as it got it isn't ours to free.
          for (const tensor of Object.values(outputs)) if (!Object.values(known).includes(tensor)) tensor.dispose()
          return Object.fromEntries(read)
        },
        dispose: () => {
          for (const tensor of Object.values(kept)) tensor.dispose()
        },
      }
    },
    neighbours: (width) => {
      const matrix = (rows: Float32Array): tf.Tensor2D => tf.tensor2d(rows, [rows.length / width, width])
      return {
        nearest: async (bank, queries, k) => {
          const columns = here(() => tidy(() => tf.transpose(matrix(bank))))
          const products = async (some: Float32Array): Promise<Float32Array> => {
            // The values are read outside of tidy, which would look for tensors among each of them.
            const product = here(() => tidy(() => tf.matMul(matrix(some), columns)))
            const values = (await product.data()) as Float32Array
            product.dispose()
            return values
          }
          try {
            return await selecting(width, () => products)(bank, queries, k)
          } finally {
            columns.dispose()
          }
        },
        dispose: () => undefined,
      }
    },
  }
}
