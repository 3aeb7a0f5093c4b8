/** Backends for tests: eager ones as they are, TensorFlow where its library can be had. */

import type * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/Either'
import { BACKENDS, type Backend } from '../src/engine/backends'
import { type Computer, evaluate } from '../src/engine/computer'
import type { Engine, EngineOptions, LibraryEngine } from '../src/engine/engine'
import { libraryHere, openEngine } from '../src/engine/openEngine'
import { evaluation, within } from '../src/nn/layer'
import type { HostTensor } from '../src/nn/tensorFunction'
import type { Program } from '../src/program/program'
import { withoutPlugin } from './xla/plugin'

/** Set by the tests' global setup where TensorFlow can't be had: why. */
export const WITHOUT = 'IBOT_TEST_WITHOUT_TENSORFLOW'

/** Why tests that need TensorFlow are skipped; undefined where they run. */
export const withoutTensorFlow = process.env[WITHOUT]

/** All engines, for tests that are run on each of them: which of them aren't here, and which are slow to begin. */
export const TABLE: readonly { readonly backend: Backend; readonly skipped: boolean; readonly isSlow: boolean }[] = BACKENDS.map(
  (backend) => ({
    backend,
    skipped: (backend === 'tensorflow' && withoutTensorFlow !== undefined) || (backend === 'xla' && withoutPlugin),
    // XLA takes seconds to compile a step for a processor: of several that are alike it is tested on one or two.
    isSlow: backend === 'xla',
  }),
)

/** A backend that is ready to compute; what is missing is thrown. */
export const testEngine = async (backend: Backend, options: Pick<EngineOptions, 'devices'> = {}): Promise<Engine> => {
  const engine = await openEngine({ ...options, backend, download: false, tell: () => undefined, signal: undefined })()
  if (E.isLeft(engine)) throw new Error(JSON.stringify(engine.left))
  return engine.right
}

/** The engine with TensorFlow's library; what is missing is thrown. */
export const testLibrary = async (): Promise<LibraryEngine> => {
  const engine = await libraryHere()
  if (E.isLeft(engine)) throw new Error(JSON.stringify(engine.left))
  return engine.right
}

/** The tokens [B, 1 + N, width] that the network of a training makes of images [B, H, W, C] at the moment. */
export const tokensOf = async (
  interpreter: Pick<Computer, 'prepare'>,
  { frozen: { which, network } }: Program,
  values: Float32Array,
  shape: readonly number[],
): Promise<HostTensor> => {
  const { tokens } = await evaluate(
    interpreter,
    (input) => ({
      tokens: network.backbone.tokens(within(`${which}.backbone`, input), input('images') as tf.Tensor4D, undefined, evaluation),
    }),
    { images: { values, shape } },
  )
  return tokens!
}
