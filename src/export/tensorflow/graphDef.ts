/** A model's operations as nodes of TensorFlow's GraphDef, for any number of images. */

import { IMAGES } from '../../evaluate/outputs'
import { DTYPE, type Dtype } from '../../graph/dtype'
import { grouped } from '../../graph/lists'
import type { Attribute, Attributes, Values } from '../../graph/operation'
import { type Dim, infoOf, type Node, type OperationNode, type Portable, type Ref } from '../portable'

/** A node: what TensorFlow calls NodeDef. Constants have a `value`. */
export interface NodeDef {
  readonly name: string
  readonly op: string
  /** Names of outputs: `NAME` of the first, `NAME:1` of the second. */
  readonly input: readonly string[]
  readonly attributes: Attributes
}

const int32 = { type: DTYPE.int32 }
/** A dimension that is known only when the graph runs. */
export const ANY = -1

/** A shape as TensorFlow writes it. */
export const shapeOf = (dims: readonly Dim[]): readonly number[] => dims.map((dim) => (typeof dim === 'number' ? dim : ANY))

interface Builder {
  readonly nodes: readonly NodeDef[]
  readonly add: (op: string, input: readonly string[], attributes: Attributes, name?: string) => string
  readonly constant: (dtype: Dtype, shape: readonly number[], values: Values, name?: string) => string
  /** An int32 vector in which the number of images may occur. */
  readonly dims: (dims: readonly Dim[]) => string
}

const newBuilder = (): Builder => {
  const nodes: NodeDef[] = []
  const made = new Map<string, string>()
  const once = (key: string, make: () => string): string => {
    const known = made.get(key) ?? make()
    made.set(key, known)
    return known
  }
  const add: Builder['add'] = (op, input, attributes, name = `${op}__${nodes.length}`) => {
    nodes.push({ name, op, input, attributes })
    return name
  }
  const constant: Builder['constant'] = (dtype, shape, values, name) =>
    add('Const', [], { dtype: { type: dtype }, value: { tensor: { dtype, shape, values } } }, name)
  const integers = (values: readonly number[]): string =>
    once(`int32 ${values.join()}`, () => constant(DTYPE.int32, [values.length], Int32Array.from(values)))
  const integer = (value: number): string => once(`int32 = ${value}`, () => constant(DTYPE.int32, [], Int32Array.of(value)))
  const count = (): string =>
    once('images', () =>
      add(
        'StridedSlice',
        [add('Shape', [IMAGES], { T: { type: DTYPE.float32 }, out_type: int32 }), integers([0]), integers([1]), integers([1])],
        {
          T: int32,
          Index: int32,
          begin_mask: { int: 0 },
          end_mask: { int: 0 },
          ellipsis_mask: { int: 0 },
          new_axis_mask: { int: 0 },
          shrink_axis_mask: { int: 1 },
        },
      ),
    )
  const dim = (one: Dim): string => {
    if (typeof one === 'number') return integer(one)
    return one.perImage === 1
      ? count()
      : once(`images ${one.perImage}`, () => add('Mul', [count(), integer(one.perImage)], { T: int32 }))
  }
  return {
    nodes,
    add,
    constant,
    dims: (dims) =>
      dims.every((one) => typeof one === 'number')
        ? integers(dims)
        : once(`dims ${JSON.stringify(dims)}`, () =>
            add('Pack', dims.map(dim), { T: int32, N: { int: dims.length }, axis: { int: 0 } }),
          ),
  }
}

const without = (attributes: Attributes, ...names: readonly string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)))

/** The nodes of a model, and the names of the outputs' nodes, which are those of the outputs. */
export const graphDefOf = ({ nodes, outputs }: Portable): readonly NodeDef[] => {
  const to = newBuilder()
  const names = new Map<Node, string>()
  const nameOf = (node: Node): string => {
    const known = names.get(node)
    if (known !== undefined) return known
    if (node.kind !== 'constant' && node.kind !== 'dims' && node.kind !== 'weight')
      throw new RangeError(`${node.name} comes after what needs it`)
    const info = node.outputs[0]!
    const made =
      node.kind === 'dims' ? to.dims(node.dims) : to.constant(info.dtype, info.shape as readonly number[], node.values, node.name)
    names.set(node, made)
    return made
  }
  const of = ({ node, output }: Ref): string => (output === 0 ? nameOf(node) : `${nameOf(node)}:${output}`)

  const added = (node: OperationNode): string => {
    const { name, type, inputs, attributes } = node
    const T: Attribute = { type: node.outputs[0]!.dtype }
    switch (type) {
      case 'Reshape': {
        // At most one dimension depends on the number of images, and follows from the others.
        const shape = to.dims(shapeOf(node.outputs[0]!.shape))
        return to.add(type, [of(inputs[0]!), shape], { T, Tshape: int32 }, name)
      }
      case 'Slice': {
        // A size that depends on the number of images is that of the whole dimension.
        const [x, begin, size] = inputs
        const sizes = size!.node.kind === 'dims' ? to.dims(shapeOf(size!.node.dims)) : of(size!)
        return to.add(type, [of(x!), of(begin!), sizes], attributes, name)
      }
      case '_FusedMatMul': {
        // That one is TensorFlow's own; what other programs know is a product and a sum.
        const [a, b, bias] = inputs
        const product = to.add('MatMul', [of(a!), of(b!)], without(attributes, 'fused_ops'))
        return to.add('BiasAdd', [product, of(bias!)], { T }, name)
      }
      default: {
        const list = grouped(node, inputs).find((one): one is readonly Ref[] => Array.isArray(one))
        const N: Attributes = list === undefined ? {} : { N: { int: list.length } }
        return to.add(type, inputs.map(of), { ...attributes, ...N }, name)
      }
    }
  }

  for (const node of nodes)
    if (node.kind === 'operation') names.set(node, added(node))
    else if (node.kind === 'images') {
      const shape = shapeOf(node.outputs[0]!.shape)
      names.set(node, to.add('Placeholder', [], { dtype: { type: DTYPE.float32 }, shape: { shape } }, IMAGES))
    }
  for (const { name, of: ref } of outputs) to.add('Identity', [of(ref)], { T: { type: infoOf(ref).dtype } }, name)
  return to.nodes
}
