/** tfjs computes on one backend at a time, of the whole process: what runs on another one than the rest says so here. */
import * as tf from '@tensorflow/tfjs-core'

/** Runs tfjs ops on a backend that is loaded, and goes back to the one before. */
export const onBackend = <A>(name: string, f: () => A): A => {
  const before = tf.engine().backendName as string | undefined
  // tfjs looks through all of its kernels whenever the backend changes.
  if (before === name) return f()
  tf.engine().setBackend(name)
  try {
    return f()
  } finally {
    if (before) tf.engine().setBackend(before)
  }
}
