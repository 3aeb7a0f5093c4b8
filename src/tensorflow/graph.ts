/** A TensorFlow graph under construction: operations are added, shapes and types are what TensorFlow infers. */
import { DTYPE, type Dtype } from '../graph/dtype'
import type { Attribute, Attributes, OutputInfo, Values } from '../graph/operation'
import type { Output, Pointer, TensorFlow } from './capi'
import { tensorOf } from './tensor'

export interface NodeOptions {
  /** Numbered below its type by default. */
  readonly name?: string | undefined
  readonly attributes?: Attributes
  /** Operations that run before this one. */
  readonly after?: readonly Pointer[]
}

export interface Graph {
  readonly tensorflow: TensorFlow
  readonly pointer: Pointer
  /** Adds an operation. A list of outputs stands for an input that is a list. */
  readonly node: (type: string, inputs: readonly (Output | readonly Output[])[], options?: NodeOptions) => Pointer
  readonly info: (output: Output) => OutputInfo
  readonly constant: (dtype: Dtype, shape: readonly number[], values: Values) => Output
  readonly placeholder: (name: string, dtype: Dtype, shape: readonly number[]) => Output
  readonly dispose: () => void
}

/** The only output, or the one at `index`. */
export const output = (oper: Pointer, index = 0): Output => ({ oper, index })

const set = (tensorflow: TensorFlow, description: Pointer, name: string, attribute: Attribute): void => {
  const { api, checked } = tensorflow
  if ('type' in attribute) api.SetAttrType(description, name, attribute.type)
  else if ('bool' in attribute) api.SetAttrBool(description, name, attribute.bool ? 1 : 0)
  else if ('int' in attribute) api.SetAttrInt(description, name, BigInt(attribute.int))
  else if ('ints' in attribute)
    api.SetAttrIntList(description, name, BigInt64Array.from(attribute.ints, BigInt), attribute.ints.length)
  else if ('float' in attribute) api.SetAttrFloat(description, name, attribute.float)
  else if ('string' in attribute) api.SetAttrString(description, name, attribute.string, Buffer.byteLength(attribute.string))
  else if ('strings' in attribute) {
    const lengths = BigUint64Array.from(attribute.strings, (text) => BigInt(Buffer.byteLength(text)))
    api.SetAttrStringList(description, name, attribute.strings, lengths, attribute.strings.length)
  } else if ('shape' in attribute)
    api.SetAttrShape(description, name, BigInt64Array.from(attribute.shape, BigInt), attribute.shape.length)
  else {
    const { dtype, shape, values } = attribute.tensor
    const tensor = tensorOf(tensorflow, dtype, shape, values)
    checked((status) => api.SetAttrTensor(description, name, tensor, status))
    api.DeleteTensor(tensor)
  }
}

export const newGraph = (tensorflow: TensorFlow): Graph => {
  const { api, checked } = tensorflow
  const pointer = api.NewGraph()
  const known = new Map<string, number>()
  const nameOf = (type: string): string => {
    const count = known.get(type) ?? 0
    known.set(type, count + 1)
    // A name begins with a letter.
    return `${type.replace(/^_+/, '')}_${count}`
  }

  const node: Graph['node'] = (type, inputs, { name = nameOf(type), attributes = {}, after = [] } = {}) => {
    const description = api.NewOperation(pointer, type, name)
    for (const input of inputs)
      if (isList(input)) api.AddInputList(description, input, input.length)
      else api.AddInput(description, input)
    for (const operation of after) api.AddControlInput(description, operation)
    for (const [key, attribute] of Object.entries(attributes)) set(tensorflow, description, key, attribute)
    const operation = checked((status) => api.FinishOperation(description, status))
    return operation
  }
  const graph: Graph = {
    tensorflow,
    pointer,
    node,
    info: (one) => {
      const rank = checked((status) => api.GraphGetTensorNumDims(pointer, one, status))
      const dims = new BigInt64Array(Math.max(rank, 0))
      if (rank > 0) checked((status) => api.GraphGetTensorShape(pointer, one, dims, rank, status))
      if (rank < 0) throw new RangeError('the rank of a value is not known')
      return { dtype: api.OperationOutputType(one) as Dtype, shape: Array.from(dims, Number) }
    },
    constant: (dtype, shape, values) =>
      output(node('Const', [], { attributes: { dtype: { type: dtype }, value: { tensor: { dtype, shape, values } } } })),
    placeholder: (name, dtype, shape) =>
      output(node('Placeholder', [], { name, attributes: { dtype: { type: dtype }, shape: { shape } } })),
    dispose: () => api.DeleteGraph(pointer),
  }
  return graph
}

const isList = (input: Output | readonly Output[]): input is readonly Output[] => Array.isArray(input)

/** An int32 scalar or vector constant. */
export const integers = (graph: Graph, values: readonly number[] | number): Output =>
  typeof values === 'number'
    ? graph.constant(DTYPE.int32, [], Int32Array.of(values))
    : graph.constant(DTYPE.int32, [values.length], Int32Array.from(values))
