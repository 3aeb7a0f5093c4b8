/** Runs tfjs code op by op and looks at what every operation gives: which is the first whose numbers aren't finite, and where. */
import * as tf from '@tensorflow/tfjs-core'
import type { Program } from '../../program/program'

/** The smallest and the largest finite number of a tensor, and how many are none. */
export interface Range {
  readonly shape: readonly number[]
  /** NaN where no number is finite. */
  readonly least: number
  readonly most: number
  /** How many are NaN or infinite. */
  readonly nonFinite: number
}

/** Where in a network an operation belongs. */
export interface Where {
  /** The stage whose code it is, by name. */
  readonly stage: string | undefined
  /** The named tensor that it takes, or that was taken last before it. */
  readonly after: string | undefined
  /** Whether it is a part of the gradient of what stands there. */
  readonly gradient: boolean
}

/** The first operation that took finite numbers and gave others. */
export interface FirstNonFinite {
  /** A kernel of tfjs. */
  readonly operation: string
  readonly where: Where
  readonly output: Range
  readonly inputs: readonly Range[]
}

export interface Watched<A> {
  readonly result: A
  /** How many operations were run. */
  readonly operations: number
  readonly first: FirstNonFinite | undefined
}

/** Told if it takes longer than it may. */
export class TooLong extends Error {}

const rangeOf = ({ shape, dtype }: tf.Tensor, values: ArrayLike<number>): Range => {
  let [least, most, nonFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (dtype === 'float32' && !Number.isFinite(value)) nonFinite++
    else {
      if (value < least) least = value
      if (value > most) most = value
    }
  }
  return nonFinite === values.length
    ? { shape, least: Number.NaN, most: Number.NaN, nonFinite }
    : { shape, least, most, nonFinite }
}

const range = (tensor: tf.Tensor): Range => rangeOf(tensor, tensor.dataSync() as ArrayLike<number>)

const tensorsIn = (value: unknown): readonly tf.Tensor[] =>
  (Array.isArray(value) ? value : Object.values(value as object)).flatMap((one) => (one instanceof tf.Tensor ? [one] : []))

type Gradient = (gradients: tf.Tensor[]) => Readonly<Record<string, () => tf.Tensor>>

/** What tfjs's engine does for each operation, and for its gradient. */
interface TfjsEngine {
  runKernel: (name: string, inputs: Readonly<Record<string, unknown>>, attributes?: object) => tf.Tensor | tf.Tensor[]
  addTapeNode: (...given: unknown[]) => void
  readonly state: { readonly activeTape: readonly { gradient?: Gradient }[] }
}

/**
 * Runs `f` with every operation looked at. tfjs has no place to listen at, so its engine's two methods are covered
 * meanwhile: the one that runs an operation, and the one that notes its gradient, whose operations belong where it does.
 *
 * @param names by the ids of tensors: places are told by them
 * @param stageNow the stage whose code runs
 * @param seconds after which it is given up; throws `TooLong`
 */
export const watching = <A>(
  f: () => A,
  names: ReadonlyMap<number, string>,
  stageNow: Program['stageNow'],
  seconds: number,
): Watched<A> => {
  const engine = tf.engine() as unknown as TfjsEngine
  const own = { runKernel: engine.runKernel.bind(engine), addTapeNode: engine.addTapeNode.bind(engine) }
  const deadline = performance.now() + 1000 * seconds
  let operations = 0
  let first: FirstNonFinite | undefined
  let after: string | undefined
  /** Of the operation whose gradient is under way. */
  let of: Where | undefined

  const within = <B>(where: Where, g: () => B): B => {
    const before = of
    of = where
    try {
      return g()
    } finally {
      of = before
    }
  }
  const here = (): Where => of ?? { stage: stageNow()?.name, after, gradient: false }

  engine.runKernel = (name, inputs, attributes) => {
    if (performance.now() > deadline) throw new TooLong()
    const taken = tensorsIn(inputs)
    for (const { id } of taken) after = names.get(id) ?? after
    const given = own.runKernel(name, inputs, attributes)
    operations++
    for (const tensor of first === undefined ? tensorsIn(Array.isArray(given) ? given : [given]) : []) {
      if (tensor.dtype !== 'float32') continue
      const output = range(tensor)
      if (output.nonFinite === 0) continue
      const inputs = taken.map(range)
      if (inputs.every(({ nonFinite }) => nonFinite === 0)) first ??= { operation: name, where: here(), output, inputs }
    }
    return given
  }
  engine.addTapeNode = (...given) => {
    own.addTapeNode(...given)
    const node = engine.state.activeTape[engine.state.activeTape.length - 1]
    const { gradient } = node ?? {}
    if (node === undefined || gradient === undefined) return
    const where = { ...here(), gradient: true }
    node.gradient = (gradients) =>
      Object.fromEntries(
        Object.entries(within(where, () => gradient(gradients))).map(([key, make]) => [key, () => within(where, make)]),
      )
  }
  try {
    const result = f()
    return { result, operations, first }
  } finally {
    // What was covered are methods of the class.
    delete (engine as Partial<TfjsEngine>).runKernel
    delete (engine as Partial<TfjsEngine>).addTapeNode
  }
}
