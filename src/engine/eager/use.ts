/** Makes a backend of tfjs the one that computes. */
import * as tf from '@tensorflow/tfjs-core'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import type { EagerBackend } from './abilities'
import { REMEDIES, registerBackend } from './register'
import { improveWasm } from './wasm'

const start = async (backend: EagerBackend): Promise<boolean> => {
  await registerBackend(backend)
  // Without it tfjs prints an advertisement and looks at every value of every op.
  tf.enableProdMode()
  const ready = await tf.setBackend(backend)
  await tf.ready()
  if (backend === 'wasm' && ready) improveWasm()
  return ready
}

/** Loads a backend, and makes it the one that computes. */
export const useBackend =
  (backend: EagerBackend): TE.TaskEither<Failure, EagerBackend> =>
  async () => {
    const remedy = REMEDIES[backend]
    try {
      if (await start(backend)) return { _tag: 'Right', right: backend }
      return TE.left(missing(`the ${backend} backend of tfjs could not start`, remedy))()
    } catch (error) {
      return TE.left(
        missing(
          `the ${backend} backend of tfjs could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
          remedy,
        ),
      )()
    }
  }
