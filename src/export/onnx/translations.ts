/** TensorFlow's operations as ONNX's (opset 18): https://onnx.ai/onnx/operators. */

import { NotRecordable } from '../../base/engineError'
import { axisFromFirst } from '../../base/shape'
import { flag, integer } from '../../graph/attributes'
import { DTYPE } from '../../graph/dtype'
import { type Dim, infoOf, type OperationNode, type Ref } from '../portable'
import type { Nodes, OnnxAttributes } from './nodes'
import { ONNX_TYPE } from './proto'

/** What an operation is translated with. */
export interface Translation {
  readonly nodes: Nodes
  /** The name of a value. */
  readonly of: (ref: Ref) => string
}

/** Names of the outputs of an operation. */
type Translate = (node: OperationNode, to: Translation) => readonly string[]

/** Elementwise operations that are ONNX's under another name or the same, with as many inputs. */
const ELEMENTWISE: Readonly<Record<string, string>> = {
  Abs: 'Abs',
  Add: 'Add',
  AddV2: 'Add',
  BiasAdd: 'Add',
  Ceil: 'Ceil',
  Div: 'Div',
  Elu: 'Elu',
  Equal: 'Equal',
  Erf: 'Erf',
  Exp: 'Exp',
  Floor: 'Floor',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
  Log: 'Log',
  LogicalAnd: 'And',
  LogicalNot: 'Not',
  LogicalOr: 'Or',
  Maximum: 'Max',
  Minimum: 'Min',
  Mul: 'Mul',
  Neg: 'Neg',
  Pow: 'Pow',
  RealDiv: 'Div',
  Reciprocal: 'Reciprocal',
  Relu: 'Relu',
  Select: 'Where',
  SelectV2: 'Where',
  Sigmoid: 'Sigmoid',
  Softplus: 'Softplus',
  Sqrt: 'Sqrt',
  Sub: 'Sub',
  Tanh: 'Tanh',
}

/** Reductions, whose axes are their second input. */
const REDUCTIONS: Readonly<Record<string, string>> = {
  Max: 'ReduceMax',
  Mean: 'ReduceMean',
  Min: 'ReduceMin',
  Prod: 'ReduceProd',
  Sum: 'ReduceSum',
}

/** The largest that a slice's end can be: the end of the dimension, whatever it is. */
const END = 2 ** 31 - 1

/** The numbers of a constant input. */
const numbersOf = ({ node }: Ref): readonly number[] => {
  if (node.kind !== 'constant') throw new NotRecordable('ONNX takes only a constant where the network computes a value')
  return Array.from(node.values)
}

const dimsIn = (ref: Ref): readonly Dim[] => (ref.node.kind === 'dims' ? ref.node.dims : numbersOf(ref))

const rankOf = (ref: Ref): number => infoOf(ref).shape.length

/** A matrix, or many, with its last two axes exchanged if it is to be. */
const turned = (ref: Ref, is: boolean, { nodes, of }: Translation): string => {
  if (!is) return of(ref)
  const rank = rankOf(ref)
  const perm = [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]
  return nodes.add('Transpose', [of(ref)], { perm })[0]!
}

const plain =
  (type: string, attributes: (node: OperationNode) => OnnxAttributes = () => ({})): Translate =>
  (node, { nodes, of }) =>
    nodes.add(type, node.inputs.map(of), attributes(node))

/** A product of two matrices, plus a row where there is a third input. */
const gemm: Translate = ({ inputs, attributes }, { nodes, of }) =>
  nodes.add('Gemm', inputs.map(of), {
    transA: flag(attributes, 'transpose_a') ? 1 : 0,
    transB: flag(attributes, 'transpose_b') ? 1 : 0,
  })

/** A slice's ends: a size that depends on the images, or -1, goes to the end of its dimension. */
const endsOf = (begin: readonly number[], size: readonly Dim[]): readonly number[] =>
  size.map((dim, i) => (typeof dim === 'number' && dim >= 0 ? begin[i]! + dim : END))

const OPERATIONS: Readonly<Record<string, Translate>> = {
  ...Object.fromEntries(Object.entries(ELEMENTWISE).map(([type, theirs]) => [type, plain(theirs)])),
  ...Object.fromEntries(
    Object.entries(REDUCTIONS).map(([type, theirs]): [string, Translate] => [
      type,
      ({ inputs, attributes }, { nodes, of }) =>
        nodes.add(theirs, [of(inputs[0]!), nodes.integers(numbersOf(inputs[1]!))], {
          keepdims: flag(attributes, 'keep_dims') ? 1 : 0,
        }),
    ]),
  ),
  Square: ({ inputs: [x] }, { nodes, of }) => nodes.add('Mul', [of(x!), of(x!)]),
  SquaredDifference: ({ inputs }, { nodes, of }) => {
    const difference = nodes.add('Sub', inputs.map(of))[0]!
    return nodes.add('Mul', [difference, difference])
  },
  NotEqual: ({ inputs }, { nodes, of }) => nodes.add('Not', nodes.add('Equal', inputs.map(of))),
  Rsqrt: ({ inputs: [x] }, { nodes, of }) => nodes.add('Reciprocal', nodes.add('Sqrt', [of(x!)])),
  Softmax: plain('Softmax', () => ({ axis: -1 })),
  Cast: ({ inputs, outputs }, { nodes, of }) => {
    const to = { [DTYPE.float32]: ONNX_TYPE.float, [DTYPE.int32]: ONNX_TYPE.int32, [DTYPE.bool]: ONNX_TYPE.bool }[
      outputs[0]!.dtype as number
    ]
    if (to === undefined) throw new NotRecordable('this type of numbers is not exported to ONNX', 'Cast')
    return nodes.add('Cast', [of(inputs[0]!)], { to })
  },
  MatMul: gemm,
  _FusedMatMul: gemm,
  BatchMatMulV2: ({ inputs: [a, b], attributes }, to) =>
    to.nodes.add('MatMul', [turned(a!, flag(attributes, 'adj_x'), to), turned(b!, flag(attributes, 'adj_y'), to)]),
  Reshape: ({ inputs, outputs }, { nodes, of }) => {
    // At most one dimension depends on the number of images, and follows from the others.
    const shape = outputs[0]!.shape.map((dim) => (typeof dim === 'number' ? dim : -1))
    return nodes.add('Reshape', [of(inputs[0]!), nodes.integers(shape)])
  },
  Transpose: ({ inputs: [x, perm] }, { nodes, of }) => nodes.add('Transpose', [of(x!)], { perm: numbersOf(perm!) }),
  ConcatV2: ({ inputs, outputs }, { nodes, of }) => {
    const axis = axisFromFirst(numbersOf(inputs.at(-1)!)[0]!, outputs[0]!.shape.length)
    return nodes.add('Concat', inputs.slice(0, -1).map(of), { axis })
  },
  Pack: ({ inputs, attributes, outputs }, { nodes, of }) => {
    const axis = axisFromFirst(integer(attributes, 'axis'), outputs[0]!.shape.length)
    return nodes.add(
      'Concat',
      inputs.map((input) => nodes.add('Unsqueeze', [of(input), nodes.integers([axis])])[0]!),
      { axis },
    )
  },
  SplitV: ({ inputs: [x, sizes, axis], outputs }, { nodes, of }) =>
    nodes.add(
      'Split',
      [of(x!), nodes.integers(numbersOf(sizes!))],
      { axis: axisFromFirst(numbersOf(axis!)[0]!, rankOf(x!)) },
      outputs.length,
    ),
  Slice: ({ inputs: [x, begin, size] }, { nodes, of }) => {
    const starts = numbersOf(begin!)
    return nodes.add('Slice', [of(x!), nodes.integers(starts), nodes.integers(endsOf(starts, dimsIn(size!)))])
  },
  GatherV2: ({ inputs: [x, indices, axis] }, { nodes, of }) =>
    nodes.add('Gather', [of(x!), of(indices!)], { axis: axisFromFirst(numbersOf(axis!)[0]!, rankOf(x!)) }),
  Fill: ({ inputs: [dims, value] }, { nodes, of }) => nodes.add('Expand', [of(value!), nodes.dims(dimsIn(dims!))]),
  BroadcastTo: ({ inputs: [x, dims] }, { nodes, of }) => nodes.add('Expand', [of(x!), nodes.dims(dimsIn(dims!))]),
  Tile: ({ inputs: [x, times] }, { nodes, of }) => nodes.add('Tile', [of(x!), nodes.dims(dimsIn(times!))]),
  PadV2: ({ inputs: [x, pads, value] }, { nodes, of }) => {
    const numbers = numbersOf(pads!)
    const [before, after] = [0, 1].map((side) => numbers.filter((_, i) => i % 2 === side))
    return nodes.add('Pad', [of(x!), nodes.integers([...before!, ...after!]), of(value!)])
  },
}

/** Adds an operation's translation. */
export const translate: Translate = (node, to) => {
  const operation = Object.hasOwn(OPERATIONS, node.type) ? OPERATIONS[node.type] : undefined
  if (operation === undefined)
    throw new NotRecordable('it has no counterpart among the operations that are exported to ONNX', node.type)
  return operation(node, to)
}
