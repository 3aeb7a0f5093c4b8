/**
 * Entries of weights that no output depends on. Their gradient is mathematically 0, computed it is rounding noise, out of
 * which AdamW makes whole steps; so they differ from program to program and are compared apart, lest they hide others.
 */
import type { InterpreterState } from '../../src/engine/interpreter'

/** The entries [from, to) of a tensor: of a weight, or of a moment of one. */
type Entries = readonly [number, number]

/** The bias of the keys adds the same to all scores of a query, and the softmax takes it away again: the middle third of q | k | v. */
export const keyBias = (name: string, length: number): Entries | undefined =>
  /\battn\.qkv\.bias\b/.test(name) ? [length / 3, (2 * length) / 3] : undefined

/** A batch normalisation takes away what was added to all tokens alike: all biases of its input. */
const normalizedBias = (name: string, length: number): Entries | undefined =>
  /\b(backbone\.norm|head\.mlp\.(0|3))\.bias\b/.test(name) ? [0, length] : undefined

/** Which entries of which tensors have no gradient, in a program whose head has a batch normalisation or not. */
const withoutGradient =
  (batchNorm: boolean) =>
  (name: string, { length }: Float32Array): Entries =>
    keyBias(name, length) ?? (batchNorm ? normalizedBias(name, length) : undefined) ?? [0, 0]

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** A tensor without the entries [from, to). */
const others = (values: Float32Array, [from, to]: Entries): Float32Array => {
  const left = new Float32Array(values.length - (to - from))
  left.set(values.subarray(0, from))
  left.set(values.subarray(to), from)
  return left
}

/** A state without the entries that have no gradient, and without the running means, which follow them. */
export const determined = (state: InterpreterState, batchNorm: boolean): InterpreterState =>
  Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => !(batchNorm && name.endsWith('running_mean')))
      .map(([name, values]) => [name, others(values, withoutGradient(batchNorm)(name, values))]),
  )

/**
 * How large the gradient of an entry may be that has none, beside others of its tensor: the rounding of float32 is 6e-8, and
 * the division by the spread of a batch makes more of it.
 */
export const noiseOf = (batchNorm: boolean): number => (batchNorm ? 1e-4 : 1e-6)

/**
 * The largest gradient that an entry without one has, by the mean gradients that the optimizer keeps; as a share of the
 * largest of the same tensor, or where it has no others of the same layer's weight.
 */
export const gradientNoise = (state: InterpreterState, batchNorm: boolean): number =>
  Math.max(
    0,
    ...Object.entries(state)
      .filter(([name]) => /^optimizer\..*\.(exp_avg|momentum_buffer|mu)$/.test(name))
      .map(([name, values]) => {
        const [from, to] = withoutGradient(batchNorm)(name, values)
        if (from === to) return 0
        const beside = from === 0 ? state[name.replace('.bias.', '.weight.')]! : others(values, [from, to])
        return largest(values.subarray(from, to)) / largest(beside)
      }),
  )

/** The largest gap between two states, tensor by tensor in units of the tensor's largest value where that is above 1. */
export const largestGap = (a: InterpreterState, b: InterpreterState): number =>
  Math.max(
    ...Object.entries(a).map(([name, values]) => {
      const others = b[name]!
      const gap = values.reduce((most, value, i) => Math.max(most, Math.abs(value - others[i]!)), 0)
      return gap / others.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
    }),
  )

/** The state with something added to a third of every bias of queries, keys and values, in both networks. */
export const movedBias = (state: InterpreterState, third: 'query' | 'key' | 'value', by: number): InterpreterState =>
  Object.fromEntries(
    Object.entries(state).map(([name, values]) => {
      if (!/^(student|teacher)\./.test(name) || keyBias(name, values.length) === undefined) return [name, values]
      const size = values.length / 3
      const at = { query: 0, key: 1, value: 2 }[third]
      return [name, values.map((value, i) => (Math.floor(i / size) === at ? value + by * Math.cos(i) : value))]
    }),
  )
