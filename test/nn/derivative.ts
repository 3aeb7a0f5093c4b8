/** Derivatives by differences, to compare gradients with. */
import * as tf from '@tensorflow/tfjs-core'

type Tensors = Readonly<Record<string, tf.Tensor>>

/** The gradient of a scalar by each input, from the scalar's own values a little to either side. */
export const byDifferences = (
  f: (inputs: Tensors) => tf.Tensor,
  inputs: Tensors,
  step = 1e-2,
): Readonly<Record<string, readonly number[]>> => {
  const at = (name: string, i: number, by: number): number =>
    tf.tidy(() => {
      const values = Float32Array.from(inputs[name]!.dataSync())
      values[i]! += by
      return f({ ...inputs, [name]: tf.tensor(values, inputs[name]!.shape) }).dataSync()[0]!
    })
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [
      name,
      // Of fourth order: the error is of the size of 32-bit rounding over the step.
      Array.from({ length: tensor.size }, (_, i) => {
        const near = at(name, i, step) - at(name, i, -step)
        const far = at(name, i, 2 * step) - at(name, i, -2 * step)
        return (8 * near - far) / (12 * step)
      }),
    ]),
  )
}
