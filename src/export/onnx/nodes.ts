/** What is added to an ONNX graph: nodes in their order, constants once each. */
import { elements } from '../../base/shape'
import type { Values } from '../../graph/operation'
import type { Dim } from '../portable'
import { ATTRIBUTE_TYPE, type AttributeProto, type NodeProto, ONNX_TYPE, type TensorProto } from './proto'

export type OnnxAttributes = Readonly<Record<string, number | readonly number[]>>

export interface Nodes {
  /** Adds an operation; gives the names of its outputs: those that are given, or else new ones. */
  readonly add: (
    type: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
    outputs?: number | readonly string[],
  ) => readonly string[]
  readonly tensor: (name: string, shape: readonly number[], values: Values | BigInt64Array) => string
  /** An int64 vector. */
  readonly integers: (values: readonly number[]) => string
  /** An int64 vector in which the number of images may occur. */
  readonly dims: (dims: readonly Dim[]) => string
  readonly nodes: readonly NodeProto[]
  readonly tensors: readonly TensorProto[]
}

/** All attributes of the operations used here are integers or lists of them. */
const attributeOf = ([name, value]: readonly [string, number | readonly number[]]): AttributeProto =>
  typeof value === 'number' ? { name, type: ATTRIBUTE_TYPE.int, i: value } : { name, type: ATTRIBUTE_TYPE.ints, ints: value }

const typeOf = (values: Values | BigInt64Array): number => {
  if (values instanceof BigInt64Array) return ONNX_TYPE.int64
  if (values instanceof Float32Array) return ONNX_TYPE.float
  return values instanceof Int32Array ? ONNX_TYPE.int32 : ONNX_TYPE.bool
}

/** `images` is the input whose first dimension is the number of images. */
export const newNodes = (images: string): Nodes => {
  const nodes: NodeProto[] = []
  const tensors: TensorProto[] = []
  const made = new Map<string, string>()
  const once = (key: string, make: () => string): string => {
    const known = made.get(key) ?? make()
    made.set(key, known)
    return known
  }
  const add: Nodes['add'] = (type, inputs, attributes = {}, outputs = 1) => {
    const name = `${type}_${nodes.length}`
    const output =
      typeof outputs === 'number' ? Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}_${i}`)) : outputs
    nodes.push({ name, op_type: type, input: inputs, output, attribute: Object.entries(attributes).map(attributeOf) })
    return output
  }
  const tensor: Nodes['tensor'] = (name, dims, values) => {
    if (values.length !== elements(dims)) throw new RangeError(`${values.length} values for ${name}`)
    const raw_data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    tensors.push({ name, dims, data_type: typeOf(values), raw_data })
    return name
  }
  const integers: Nodes['integers'] = (values) =>
    once(`int64 ${values.join()}`, () => tensor(`int64_${tensors.length}`, [values.length], BigInt64Array.from(values, BigInt)))
  const count = (): string => once('images', () => add('Shape', [images], { start: 0, end: 1 })[0]!)
  const dim = (one: Dim): string => {
    if (typeof one === 'number') return integers([one])
    return one.perImage === 1
      ? count()
      : once(`images ${one.perImage}`, () => add('Mul', [count(), integers([one.perImage])])[0]!)
  }
  return {
    add,
    tensor,
    integers,
    dims: (dims) =>
      dims.every((one) => typeof one === 'number')
        ? integers(dims)
        : once(`dims ${JSON.stringify(dims)}`, () => add('Concat', dims.map(dim), { axis: 0 })[0]!),
    nodes,
    tensors,
  }
}
