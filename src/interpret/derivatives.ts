/**
 * The derivatives of the kernels that networks and losses are made of. tfjs-core has its own only in ES modules that
 * Node doesn't load; these also skip what a network doesn't need, such as products with ones.
 */
import * as tf from '@tensorflow/tfjs-core'

type Config = Parameters<typeof tf.registerGradient>[0]
type Attributes = Parameters<Config['gradFunc']>[2]

/** The sum of a gradient over what was broadcast, in the shape of the input. */
const unbroadcast = (dy: tf.Tensor, shape: readonly number[]): tf.Tensor => {
  const lacking = dy.rank - shape.length
  const axes = dy.shape.flatMap((size, axis) => (axis < lacking || (shape[axis - lacking] === 1 && size > 1) ? [axis] : []))
  return tf.reshape(axes.length === 0 ? dy : tf.sum(dy, axes), [...shape])
}

/** What a reduction summed over, put back as axes of size 1. */
const withAxes = (dy: tf.Tensor, shape: readonly number[], axis: unknown): tf.Tensor => {
  const axes = tf.util.parseAxisParam(axis as number[], [...shape])
  return tf.reshape(
    dy,
    shape.map((size, i) => (axes.includes(i) ? 1 : size)),
  )
}

const axisOf = (attributes: Attributes): number => attributes.axis as number

/** A kernel of one input `x`, from its saved input or output. */
const unary = (kernelName: string, save: 'x' | 'y', of: (dy: tf.Tensor, saved: tf.Tensor) => tf.Tensor): Config => ({
  kernelName,
  ...(save === 'x' ? { inputsToSave: ['x'] } : { outputsToSave: [true] }),
  gradFunc: (dy, [saved]) => ({ x: () => of(dy as tf.Tensor, saved!) }),
})

/** A kernel of two inputs that are broadcast against each other. */
const binary = (
  kernelName: string,
  toA: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  toB: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): Config => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor]
    return {
      a: () => unbroadcast(toA(dy as tf.Tensor, a, b), a.shape),
      b: () => unbroadcast(toB(dy as tf.Tensor, a, b), b.shape),
    }
  },
})

/** A kernel that only moves values: from the gradient, the input and the attributes. */
const moved = (
  kernelName: string,
  input: string,
  of: (dy: tf.Tensor, x: tf.Tensor, attributes: Attributes) => tf.Tensor,
): Config => ({
  kernelName,
  inputsToSave: [input],
  gradFunc: (dy, [x], attributes) => ({ [input]: () => of(dy as tf.Tensor, x!, attributes) }),
})

const product: Config = {
  kernelName: tf.BatchMatMul,
  inputsToSave: ['a', 'b'],
  gradFunc: (given, saved, { transposeA, transposeB }) => {
    const dy = given as tf.Tensor
    const [a, b] = saved as [tf.Tensor, tf.Tensor]
    return {
      a: () => (transposeA ? tf.matMul(b, dy, transposeB as boolean, true) : tf.matMul(dy, b, false, !transposeB)),
      b: () => (transposeB ? tf.matMul(dy, a, true, transposeA as boolean) : tf.matMul(a, dy, !transposeA, false)),
    }
  },
}

const pieces: Config = {
  kernelName: tf.Concat,
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const [axis] = tf.util.parseAxisParam(axisOf(attributes), saved[0]!.shape)
    const parts = tf.split(
      dy as tf.Tensor,
      saved.map(({ shape }) => shape[axis!]!),
      axis,
    )
    return Object.fromEntries(parts.map((part, i) => [i, () => part]))
  },
}

const DERIVATIVES: readonly Config[] = [
  binary(
    tf.Add,
    (dy) => dy,
    (dy) => dy,
  ),
  binary(tf.Sub, (dy) => dy, tf.neg),
  binary(
    tf.Multiply,
    (dy, _a, b) => tf.mul(dy, b),
    (dy, a) => tf.mul(dy, a),
  ),
  binary(
    tf.RealDiv,
    (dy, _a, b) => tf.div(dy, b),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b))),
  ),
  binary(
    tf.Maximum,
    (dy, a, b) => tf.mul(dy, tf.cast(tf.greaterEqual(a, b), 'float32')),
    (dy, a, b) => tf.mul(dy, tf.cast(tf.less(a, b), 'float32')),
  ),
  unary(tf.Neg, 'y', tf.neg),
  unary(tf.Square, 'x', (dy, x) => tf.mul(dy, tf.mul(x, 2))),
  unary(tf.Sqrt, 'y', (dy, y) => tf.div(dy, tf.mul(y, 2))),
  unary(tf.Rsqrt, 'y', (dy, y) => tf.mul(dy, tf.mul(tf.mul(y, tf.square(y)), -0.5))),
  unary(tf.Relu, 'y', (dy, y) => tf.mul(dy, tf.step(y))),
  {
    kernelName: tf.AddN,
    saveAllInputs: true,
    gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, i) => [i, () => (dy as tf.Tensor).clone()])),
  },
  moved(tf.Sum, 'x', (dy, x, { axis }) => tf.broadcastTo(withAxes(dy, x.shape, axis), x.shape)),
  moved(tf.Mean, 'x', (dy, x, { axis }) => tf.broadcastTo(withAxes(tf.mul(dy, dy.size / x.size), x.shape, axis), x.shape)),
  {
    kernelName: tf.Softmax,
    outputsToSave: [true],
    gradFunc: (given, [y], { dim }) => ({
      logits: () => {
        const scaled = tf.mul(given as tf.Tensor, y!)
        return tf.sub(scaled, tf.mul(tf.sum(scaled, dim as number, true), y!))
      },
    }),
  },
  product,
  moved(tf.Reshape, 'x', (dy, x) => tf.reshape(dy, x.shape)),
  moved(tf.ExpandDims, 'input', (dy, x) => tf.reshape(dy, x.shape)),
  moved(tf.Transpose, 'x', (dy, _x, { perm }) =>
    tf.transpose(
      dy,
      (perm as number[]).map((_, axis) => (perm as number[]).indexOf(axis)),
    ),
  ),
  moved(tf.Slice, 'x', (dy, x, { begin }) =>
    tf.pad(
      dy,
      dy.shape.map((size, axis): [number, number] => {
        const before = (begin as number[])[axis]!
        return [before, x.shape[axis]! - before - size]
      }),
    ),
  ),
  pieces,
  {
    kernelName: tf.SplitV,
    gradFunc: (dy, _saved, attributes) => ({ x: () => tf.concat(dy as tf.Tensor[], axisOf(attributes)) }),
  },
  {
    kernelName: tf.Unpack,
    gradFunc: (dy, _saved, attributes) => ({ value: () => tf.stack(dy as tf.Tensor[], axisOf(attributes)) }),
  },
]

let known = false

/** Makes the derivatives known to tfjs, once. */
export const registerDerivatives = (): void => {
  if (known) return
  known = true
  for (const derivative of DERIVATIVES) tf.registerGradient(derivative)
}
