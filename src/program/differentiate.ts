/** Gradients of a scalar, with other results of the same pass kept. */
import * as tf from '@tensorflow/tfjs-core'
import '../nn/reductionGradients'

export interface Differentiated {
  readonly value: tf.Scalar
  /** By the names of the weights; a weight on which the value doesn't depend has none. */
  readonly gradients: Readonly<Record<string, tf.Tensor>>
  readonly kept: Readonly<Record<string, tf.Tensor>>
}

/** The value of `f`, its gradient by each weight, and whatever else `f` wants to keep of the forward pass. */
export const differentiate = (
  f: (weights: Readonly<Record<string, tf.Tensor>>) => {
    readonly value: tf.Scalar
    readonly kept: Readonly<Record<string, tf.Tensor>>
  },
  weights: Readonly<Record<string, tf.Tensor>>,
): Differentiated => {
  const names = Object.keys(weights)
  let kept: Readonly<Record<string, tf.Tensor>> = {}
  // tfjs disposes of a forward pass's tensors unless they are kept; whoever owns the result disposes of these.
  const { value, grads } = tf.engine().gradients(
    () => {
      const result = f(weights)
      kept = Object.fromEntries(Object.entries(result.kept).map(([name, tensor]) => [name, tf.keep(tensor)]))
      return result.value
    },
    names.map((name) => weights[name]!),
    undefined,
    true,
  )
  const found = names.flatMap((name, i) => (grads[i] === undefined || grads[i] === null ? [] : [[name, grads[i]] as const]))
  return { value: value as tf.Scalar, gradients: Object.fromEntries(found), kept }
}
