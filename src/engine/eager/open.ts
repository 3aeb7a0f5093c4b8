/** A backend of tfjs as an engine that is ready to compute. */
import * as tf from '@tensorflow/tfjs-core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { onBackend } from '../../nn/onBackend'
import { tidy } from '../../nn/tidy'
import { mapped } from '../../program/stateNames'
import type { HostTensors, ReplayingEngine, TensorFunction } from '../engine'
import { lookup } from '../lookup'
import { ABILITIES, type EagerBackend } from './abilities'
import { eager, useBackend } from './eager'
import { replay } from './replay'

const evaluate = (f: TensorFunction, inputs: HostTensors): HostTensors => {
  const outputs = tidy(() =>
    f(
      lookup(
        'input',
        mapped(
          inputs,
          ({ values, shape }) =>
            () =>
              tf.tensor(values, [...shape], 'float32'),
        ),
      ),
    ),
  )
  return mapped(outputs, (tensor) => {
    const computed = { values: Float32Array.from(tensor.dataSync()), shape: tensor.shape }
    tensor.dispose()
    return computed
  })
}

const engineOf = (backend: EagerBackend): ReplayingEngine => ({
  ...ABILITIES[backend],
  versions: {},
  devices: () => [{ name: backend, type: 'CPU', memory: 0 }],
  open: async (program, first) => eager(backend, program, first),
  evaluate: async (f, inputs) => onBackend(backend, () => evaluate(f, inputs)),
  recording: undefined,
  replay: (program, step, seconds) => onBackend(backend, () => replay(program, step, seconds)),
})

export const openEager = (backend: EagerBackend): TE.TaskEither<Failure, ReplayingEngine> =>
  pipe(
    useBackend(backend),
    TE.map(() => engineOf(backend)),
  )
