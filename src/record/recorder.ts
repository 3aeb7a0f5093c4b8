/**
 * tfjs code as a graph: while something is recorded, every tfjs op adds operations to the graph instead of
 * computing. The translation of each op is tfjs-node's own, so nothing is implemented twice.
 *
 * tfjs-node's kernels reach the native side in one place, an interface of a few functions (`TFJSBinding`); here it is
 * implemented over a graph. A tensor's values don't exist before the graph runs: whoever asks for them is told so.
 */
import * as tf from '@tensorflow/tfjs-core'
import { NotRecordable, NoValue } from '../base/engineError'
import { DTYPE, type Dtype } from '../graph/dtype'
import { type Graph, integers, isOperationType } from '../graph/graph'
import { type Attribute, infoOf, output, type Value, type Values } from '../graph/operation'
import type { Fusing, Named } from '../nn/fused'
import '../nn/reductionGradients'
import { tidy } from '../nn/tidy'
import { newBodies } from './bodies'
import { goOnWith, here, newId, newOwn, type Own, owed, type Precision, RECORDER, type Unknown, within } from './current'
import { type Recording, replaceKernels } from './kernels'
import { loadNodeBackend } from './tfjsNode'

/** What the backend of tfjs-node knows of a tensor. */
interface Metadata {
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: number
}
interface BindingAttribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** tfjs-node's backend, as far as it is used. */
interface NodeBackend {
  readonly createOutputTensor: (metadata: Metadata) => tf.Tensor
  readonly getInputTensorIds: (tensors: readonly tf.TensorInfo[]) => readonly number[]
}

// The numbers of attribute types, by which tfjs-node's kernels name them to the binding.
const ATTRIBUTE = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
  TF_ATTR_RESOURCE: 9,
} as const

const TYPES = {
  TF_FLOAT: DTYPE.float32,
  TF_INT32: DTYPE.int32,
  TF_INT64: DTYPE.int64,
  TF_BOOL: DTYPE.bool,
  TF_COMPLEX64: DTYPE.complex64,
  TF_STRING: DTYPE.string,
  TF_RESOURCE: DTYPE.resource,
  TF_UINT8: DTYPE.uint8,
} as const

/** A large constant of one value only is written as that value. */
const LARGE = 256

const attribute = ({ name, type, value }: BindingAttribute): Attribute => {
  switch (type) {
    case ATTRIBUTE.TF_ATTR_TYPE:
      return { type: value as Dtype }
    case ATTRIBUTE.TF_ATTR_BOOL:
      return { bool: Boolean(value) }
    case ATTRIBUTE.TF_ATTR_INT:
      return Array.isArray(value) ? { ints: value as readonly number[] } : { int: Number(value) }
    case ATTRIBUTE.TF_ATTR_FLOAT:
      return { float: Number(value) }
    case ATTRIBUTE.TF_ATTR_STRING:
      return { string: String(value) }
    default:
      throw new NotRecordable(`attributes such as '${name}' can't be recorded`)
  }
}

const typed = (dtype: Dtype, values: ArrayLike<number>): Values => {
  switch (dtype) {
    case DTYPE.float32:
      return values instanceof Float32Array ? values : Float32Array.from(values)
    case DTYPE.int32:
      return values instanceof Int32Array ? values : Int32Array.from(values)
    case DTYPE.bool:
    case DTYPE.uint8:
      return Uint8Array.from(values)
    default:
      throw new NotRecordable('only numbers and truth values can be constants of a graph')
  }
}

/** Told if a number of the program looks like the stand-in for the unknown dimension; another stand-in helps. */
export class StandInTaken extends Error {
  override readonly name = 'StandInTaken'
}

export interface Recorder extends Recording {
  /** Makes this what tfjs ops go to from now on, also outside of `record`. */
  readonly use: () => void
  /** Runs tfjs code under the recorder: its ops are added to the graph. Tensors that it returns are to be disposed of. */
  readonly record: <A>(f: () => A) => A
  /** Another one that adds to the same graph, in which another dimension is unknown; none by default, so that no number means another. */
  readonly another: (unknown?: Unknown) => Recorder
}

const known = ({ outputs }: Own, id: number): Value => {
  const found = outputs.get(id)
  if (found === undefined) throw new Error('a tensor of another graph is used')
  return found
}

const metadata = (one: Value): Metadata => {
  const { outputs, unknown } = here()
  const { shape, dtype } = infoOf(one)
  const id = newId()
  outputs.set(id, one)
  if (shape.some((dim) => mentions(unknown, dim))) throw new StandInTaken()
  return { id, shape: shape.map((dim) => (dim >= 0 ? dim : standIn(unknown))), dtype }
}

const standIn = (unknown: Unknown | undefined): number => {
  if (unknown === undefined) throw new NotRecordable('the shape of a value is not known while compiling')
  return unknown.standIn
}

/** Whether a number is the stand-in or a multiple of it. */
const mentions = (unknown: Unknown | undefined, value: number): boolean =>
  unknown !== undefined && value !== 0 && value % unknown.standIn === 0

/** An int32 vector of dimensions, some of which may be multiples of the unknown one. */
const dimensions = (graph: Graph, unknown: Unknown | undefined, values: readonly number[]): Value => {
  if (unknown === undefined || !values.some((value) => mentions(unknown, value))) return integers(graph, values)
  const parts = values.map((value) => {
    if (!mentions(unknown, value)) return integers(graph, value)
    const times = value / unknown.standIn
    return times === 1 ? unknown.size : output(graph.add('Mul', [unknown.size, integers(graph, times)]))
  })
  return output(graph.add('Pack', parts, { axis: { int: 0 } }))
}

/** What is made under a key, once. */
const once = (key: string | undefined, make: () => Value): Value => {
  const { constants } = here()
  const known = key === undefined ? undefined : constants.get(key)
  if (known !== undefined) return known
  const made = make()
  if (key !== undefined) constants.set(key, made)
  return made
}

/** No tensor has more dimensions. */
const HIGHEST_RANK = 8

const binding = {
  ...TYPES,
  ...ATTRIBUTE,
  TF_Version: 'graph',
  isUsingGpuDevice: () => false,
  createTensor: (shape: readonly number[], dtype: Dtype, given: ArrayLike<number>): number => {
    const { graph, unknown } = here()
    const values = typed(dtype, given)
    const key = values.length <= HIGHEST_RANK ? `${dtype} ${shape.join()} ${values.join()}` : undefined
    if (dtype === DTYPE.int32 && shape.length === 1 && values.length <= HIGHEST_RANK)
      return metadata(once(key, () => dimensions(graph, unknown, Array.from(values)))).id
    if (dtype === DTYPE.float32 && values.length === 1 && mentions(unknown, values[0]!)) throw new StandInTaken()
    const uniform = values.length >= LARGE && values.every((value) => value === values[0])
    if (!uniform) {
      if (shape.some((dim) => mentions(unknown, dim))) throw new StandInTaken()
      return metadata(once(key, () => graph.constant(dtype, shape, values))).id
    }
    const dims = dimensions(graph, unknown, shape)
    const value = graph.constant(dtype, [], values.slice(0, 1))
    return metadata(output(graph.add('Fill', [dims, value], { T: { type: dtype }, index_type: { type: DTYPE.int32 } }))).id
  },
  // Operations stay in the graph; those that nobody needs don't run.
  deleteTensor: () => undefined,
  tensorDataSync: () => {
    throw new NoValue('the value of a tensor is asked for while the graph is being compiled')
  },
  executeOp: (
    type: string,
    attributes: readonly BindingAttribute[],
    ids: readonly number[],
    count: number,
  ): readonly Metadata[] => {
    if (!isOperationType(type) || type === 'Call') throw new NotRecordable('this operation is none that a graph can hold', type)
    const { graph } = here()
    const inputs = ids.map((id) => known(here(), id))
    const operation = graph.add(type, inputs, Object.fromEntries(attributes.map((one) => [one.name, attribute(one)])))
    if (operation.outputs.length !== count)
      throw new NotRecordable(`it gives ${operation.outputs.length} values, not ${count}`, type)
    return Array.from({ length: count }, (_, index) => metadata(output(operation, index)))
  },
}

/** Registers tfjs-node's backend and kernels, once; they are loaded only when something is compiled. */
const register = (): void => {
  if (tf.findBackendFactory(RECORDER) !== null) return
  const NodeBackend = loadNodeBackend<typeof binding>()
  tf.registerBackend(
    RECORDER,
    () => {
      const backend = new NodeBackend(binding, '@tensorflow/tfjs-node-gpu') as tf.KernelBackend & NodeBackend
      return Object.assign(backend, { fuse, read: promised(backend), owed })
    },
    0,
  )
  replaceKernels(() => recording(here()))
}

/** What `data()` reads. Who doesn't wait for it would never hear that there is no value: the error is kept for `owed`. */
const promised =
  (backend: tf.KernelBackend & NodeBackend): tf.KernelBackend['read'] =>
  (dataId) => {
    const { read } = here()
    if (read !== undefined) return read(known(here(), backend.getInputTensorIds([{ dataId, shape: [], dtype: 'float32' }])[0]!))
    try {
      return Promise.resolve(backend.readSync(dataId))
    } catch (error) {
      if (!(error instanceof NoValue)) throw error
      here().owed.push(error)
      return new Promise(() => undefined)
    }
  }

const backend = (): NodeBackend => tf.engine().findBackend(RECORDER) as tf.KernelBackend & NodeBackend

const recording = (own: Own): Recording => ({
  graph: own.graph,
  precision: own.precision,
  bfloat16: own.bfloat16,
  tensor: (of) => within(own, () => backend().createOutputTensor(metadata(of))),
  output: (tensor) => within(own, () => known(own, backend().getInputTensorIds([tensor])[0]!)),
})

/** The backend's part of `fused` (src/nn/fused.ts): a call with the inputs, whose body an engine may compile as one kernel. */
const fuse: Fusing['fuse'] = <I extends Named, O extends Named>(
  name: string,
  f: (inputs: I) => O,
  inputs: I,
  factors: readonly string[],
): O | undefined => {
  const own = here()
  const { graph, bodies, unknown, precision } = own
  const tensors = Object.values(inputs)
  // Kernels are made for fixed shapes, and starting one costs more than a few passes over a small tensor.
  const varies = tensors.some(({ shape }) => shape.some((dim) => mentions(unknown, dim)))
  if (bodies === undefined || varies || Math.max(...tensors.map(({ size }) => size)) < SMALL) return undefined
  const { output: of, tensor, bfloat16 } = recording(own)
  const narrow = precision === 'bfloat16'
  const given = Object.entries(inputs).map(([key, input]) => {
    const exact = narrow ? bfloat16.exact(of(input)) : undefined
    return { key, shape: input.shape, dtype: exact === undefined ? DTYPE.float32 : DTYPE.bfloat16, from: exact ?? of(input) }
  })
  const isNarrow = (key: string): boolean => narrow && factors.includes(key)
  const { body, results } = bodies.of(name, given, (body, placeholders) => {
    const inner = newOwn(body, { owed: own.owed })
    return within(inner, () => {
      const { output: of, tensor, bfloat16 } = recording(inner)
      const wide = (one: Value): Value => (infoOf(one).dtype === DTYPE.bfloat16 ? bfloat16.widened(one) : one)
      return tidy(() => {
        const given: Named = Object.fromEntries(Object.entries(placeholders).map(([key, of]) => [key, tensor(wide(of))]))
        const made = f(given as I)
        const output = (key: string, value: tf.Tensor): Value => (isNarrow(key) ? bfloat16.rounded(of(value)) : of(value))
        return Object.fromEntries(Object.entries(made).map(([key, value]) => [key, output(key, value)]))
      })
    })
  })
  const call = graph.call(
    body,
    given.map(({ from }) => from),
  )
  const result = (key: string, i: number): Value => (isNarrow(key) ? bfloat16.widened(output(call, i)) : output(call, i))
  const fused: Named = Object.fromEntries(results.map((key, i) => [key, tensor(result(key, i))]))
  return fused as O
}

/** Tensors of fewer numbers are not worth a kernel of their own. */
const SMALL = 2 ** 17

export interface RecorderOptions {
  readonly unknown?: Unknown
  /** Computes a value that is asked for by `data()`; by default nobody can. */
  readonly read?: (of: Value) => Promise<Values>
  /** Whether elementwise code is called as a body of its own; true by default. */
  readonly fuse?: boolean
  readonly precision?: Precision
}

export const newRecorder = (
  graph: Graph,
  { unknown, read, fuse: fuses = true, precision = 'float32' }: RecorderOptions = {},
): Recorder => {
  register()
  const bodies = fuses ? newBodies() : undefined
  const recorderOf = (unknown?: Unknown): Recorder => {
    const own = newOwn(graph, { unknown, read, bodies, precision })
    return {
      ...recording(own),
      use: () => {
        goOnWith(own)
        tf.engine().setBackend(RECORDER)
      },
      record: (f) => within(own, f),
      another: recorderOf,
    }
  }
  return recorderOf(unknown)
}
