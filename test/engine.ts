/** Backends for tests: eager ones as they are, TensorFlow where its library can be had. */
import * as E from 'fp-ts/Either'
import { BACKENDS, type Backend } from '../src/engine/backends'
import type { Engine, RecordingEngine } from '../src/engine/engine'
import { openEngine, recorderHere } from '../src/engine/openEngine'

/** Set by the tests' global setup where TensorFlow can't be had: why. */
export const WITHOUT = 'IBOT_TEST_WITHOUT_TENSORFLOW'

/** Why tests that need TensorFlow are skipped; undefined where they run. */
export const withoutTensorFlow = process.env[WITHOUT]

/** All engines, for tests that are run on each of them: which of them aren't here. */
export const TABLE: readonly { readonly backend: Backend; readonly skipped: boolean }[] = BACKENDS.map((backend) => ({
  backend,
  skipped: backend === 'tensorflow' && withoutTensorFlow !== undefined,
}))

/** A backend that is ready to compute; what is missing is thrown. */
export const testEngine = async (backend: Backend): Promise<Engine> => {
  const engine = await openEngine({ backend, download: false, tell: () => undefined, signal: undefined })()
  if (E.isLeft(engine)) throw new Error(JSON.stringify(engine.left))
  return engine.right
}

/** The engine that records; what is missing is thrown. */
export const testRecorder = async (): Promise<RecordingEngine> => {
  const engine = await recorderHere()
  if (E.isLeft(engine)) throw new Error(JSON.stringify(engine.left))
  return engine.right
}
