/**
 * The compiling interpreter: a program's step becomes one TensorFlow graph whose variables stay where they are. A step
 * takes images, masks, draws and numbers in, and gives its metrics out; Node's event loop is free while it runs.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { elements } from '../../base/shape'
import { tidy } from '../../nn/tidy'
import { encodedTogether, namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import type { Output, Pointer, TensorFlow } from '../../tensorflow/capi'
import { DTYPE } from '../../tensorflow/dtype'
import { fusionsOf } from '../../tensorflow/fusions'
import type { Timing } from '../../tensorflow/profile'
import { type Feeds, openSession, type Session } from '../../tensorflow/session'
import { floatsOf, shapeOf, tensorOf } from '../../tensorflow/tensor'
import type { HostBatch, Interpreter, InterpreterState } from '../interpreter'
import { neighbours } from './neighbours'
import { read, recorded, type Variables } from './recorded'

export interface CompileOptions {
  /** Threads that compute; 0 for one a core. */
  readonly threads?: number
}

/** Gives variables their first values, all in one run. */
const assignAll = async (
  tensorflow: TensorFlow,
  session: Session,
  program: Program,
  variables: Variables,
  state: InterpreterState,
): Promise<void> => {
  const feeds = Object.entries(program.state).map(([name, { shape }]) => {
    const value = state[name]
    if (value === undefined) throw new RangeError(`the state has no ${name}`)
    return [variables[name]!.initial, tensorOf(tensorflow, DTYPE.float32, shape, value)] as const
  })
  await session.run(
    feeds,
    [],
    Object.values(variables).map(({ initialize }) => initialize),
  )
}

/** An interpreter that can also tell where a step's time goes. */
export interface Compiled extends Interpreter {
  /** Runs one step; gives how long each operation took. */
  readonly trace: (batch: HostBatch, numbers: Readonly<Record<string, number>>) => Promise<readonly Timing[]>
}

/** Values with zeros after them. */
const padded = (values: Float32Array, length: number): Float32Array => {
  if (values.length === length) return values
  const all = new Float32Array(length)
  all.set(values)
  return all
}

/**
 * An interpreter of a program from a first state on. A network that encodes images is recorded, and its kernels are compiled, for
 * each shape of them: fewer images than are encoded together are padded to as many.
 */
export const compiled = async (
  tensorflow: TensorFlow,
  program: Program,
  first: InterpreterState,
  { threads = 0 }: CompileOptions = {},
): Promise<Compiled> => {
  const { graph, recorder, variables, step } = recorded(tensorflow, program, await fusionsOf(tensorflow, threads))
  const options = { threads, device: program.device }
  const session = openSession(graph, options)
  await assignAll(tensorflow, session, program, variables, first)

  const floats = (shape: readonly number[], values: Float32Array): Pointer => tensorOf(tensorflow, DTYPE.float32, shape, values)
  const taken = (tensor: Pointer): Float32Array => {
    const values = floatsOf(tensorflow, tensor)
    tensorflow.api.DeleteTensor(tensor)
    return values
  }
  const shapes = namedBatch(program.batch)
  const together = encodedTogether(program.batch)
  const encoders = new Map<string, { readonly images: Output; readonly tokens: Output }>()
  const encoder = (shape: readonly [number, number, number, number]) => {
    const key = shape.join()
    const known = encoders.get(key)
    if (known !== undefined) return known
    const images = graph.placeholder(`encode/${key}`.replaceAll(',', '_'), DTYPE.float32, shape)
    const tokens = recorder.record(() =>
      tidy(() => recorder.output(program.encode(read(recorder, variables), recorder.tensor(images) as tf.Tensor4D))),
    )
    encoders.set(key, { images, tokens })
    return { images, tokens }
  }
  let features: Float32Array = new Float32Array()
  const feedsOf = (batch: HostBatch, numbers: Readonly<Record<string, number>>): Feeds => {
    const values = namedBatch(batch)
    const rows = program.rows(batch.mask)
    const { inputs } = step
    const vector = Float32Array.from(step.numbers, (name) => numbers[name]!)
    return [
      ...Object.entries(namedBatch(inputs.batch)).map(
        ([name, placeholder]) => [placeholder, floats(shapes[name]!, values[name]!)] as const,
      ),
      [inputs.numbers, floats([vector.length], vector)],
      ...(rows === undefined || inputs.rows === undefined
        ? []
        : [[inputs.rows, tensorOf(tensorflow, DTYPE.int32, [rows.length], rows)] as const]),
    ]
  }

  return {
    concurrent: true,
    step: async (batch, numbers) => {
      const names = Object.keys(step.metrics)
      const [seen, ...results] = await session.run(
        feedsOf(batch, numbers),
        [step.features, ...Object.values(step.metrics)],
        step.stores,
      )
      features = taken(seen!)
      return Object.fromEntries(results.map((tensor, i) => [names[i]!, taken(tensor)[0]!]))
    },
    features: () => features,
    trace: (batch, numbers) => session.trace(feedsOf(batch, numbers), Object.values(step.metrics), step.stores),
    encode: async (values, [count, height, width, channels]) => {
      const shape = [Math.max(count, together), height, width, channels] as const
      const { images, tokens } = encoder(shape)
      const [tensor] = await session.run([[images, floats(shape, padded(values, elements(shape)))]], [tokens])
      const [, length, features] = shapeOf(tensorflow, tensor!) as [number, number, number]
      const found = [count, length, features] as const
      return { values: taken(tensor!).subarray(0, elements(found)), shape: found }
    },
    neighbours: neighbours(tensorflow, options),
    read: async () => {
      const names = Object.keys(variables)
      const results = await session.run(
        [],
        names.map((name) => variables[name]!.value),
      )
      return Object.fromEntries(results.map((tensor, i) => [names[i]!, taken(tensor)]))
    },
    dispose: session.dispose,
  }
}
