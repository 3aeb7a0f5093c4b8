/**
 * A model's computation as plain operations for any number of images: what the graph formats are written from.
 *
 * A graph knows shapes as numbers. So the model is recorded twice, for two numbers of images that are primes:
 * whatever differs between the two graphs is the number of images, or a multiple of it; the rest is the same.
 */

import { NotRecordable } from '../base/engineError'
import type { Model } from '../evaluate/model'
import { IMAGES, type OutputName } from '../evaluate/outputs'
import { DTYPE, type Dtype } from '../graph/dtype'
import type { Attributes, Operation, Values } from '../graph/operation'
import type { OperationType } from '../graph/types'
import { recordModel } from './recordModel'

/** A dimension: a number, or so many times the number of images. */
export type Dim = number | { readonly perImage: number }

export interface Info {
  readonly dtype: Dtype
  readonly shape: readonly Dim[]
}

/** One output of a node. */
export interface Ref {
  readonly node: Node
  readonly output: number
}

export type Node = {
  /** Unique; a weight's is its own. */
  readonly name: string
  readonly outputs: readonly Info[]
} & (
  | { readonly kind: 'images' }
  | { readonly kind: 'weight'; readonly values: Float32Array }
  | { readonly kind: 'constant'; readonly values: Values }
  /** An int32 vector in which the number of images occurs. */
  | { readonly kind: 'dims'; readonly dims: readonly Dim[] }
  /** An operation, with its inputs and attributes; a `Reshape` has its shape in `outputs` only. */
  | { readonly kind: 'operation'; readonly type: OperationType; readonly inputs: readonly Ref[]; readonly attributes: Attributes }
)
export type OperationNode = Extract<Node, { readonly kind: 'operation' }>

export interface Portable {
  /** Each after those that it takes; none that no output needs. */
  readonly nodes: readonly Node[]
  readonly outputs: readonly { readonly name: OutputName; readonly of: Ref }[]
}

/** What a reference holds. */
export const infoOf = ({ node, output }: Ref): Info => node.outputs[output]!

/** How many images the model is recorded for: more than the recorder writes out as a constant. */
const PRIMES = [1009, 1013] as const

const dimOf = (a: number, b: number): Dim => {
  if (a === b) return a
  const times = a / PRIMES[0]
  if (Number.isInteger(times) && times * PRIMES[1] === b) return { perImage: times }
  throw new NotRecordable('the network depends on the number of images in a way that no shape can say')
}

const dimsOf = (a: ArrayLike<number>, b: ArrayLike<number>): readonly Dim[] => Array.from(a, (value, i) => dimOf(value, b[i]!))

const isFixed = (dims: readonly Dim[]): dims is readonly number[] => dims.every((dim) => typeof dim === 'number')

/** The same operation of both recordings as one node; `known` gives the nodes of those before. */
const merged = (a: Operation, b: Operation, model: Model, known: ReadonlyMap<Operation, Node>): Node => {
  if (a.type !== b.type || a.inputs.length !== b.inputs.length)
    throw new NotRecordable('the network is another one for another number of images')
  const outputs = a.outputs.map(({ dtype, shape }, i) => ({ dtype, shape: dimsOf(shape, b.outputs[i]!.shape) }))
  const { name, type, attributes } = a
  if (type === 'Placeholder')
    return name === IMAGES ? { kind: 'images', name, outputs } : { kind: 'weight', name, outputs, values: model.weights[name]! }
  const [one, other] = [a, b].map(({ attributes: { value } }) =>
    value !== undefined && 'tensor' in value ? value.tensor : undefined,
  )
  if (one === undefined || other === undefined)
    return {
      kind: 'operation',
      name,
      outputs,
      type,
      attributes,
      inputs: a.inputs.map(({ of, output }) => ({ node: known.get(of)!, output })),
    }
  if (!isFixed(outputs[0]!.shape)) throw new NotRecordable('the network has a constant for each image')
  const values = dimsOf(one.values, other.values)
  if (isFixed(values)) return { kind: 'constant', name, outputs, values: one.values }
  if (one.dtype !== DTYPE.int32) throw new NotRecordable('the network computes with the number of images')
  return { kind: 'dims', name, outputs, dims: values }
}

/** The operations of a model. */
export const portableOf = (model: Model): Portable => {
  const [a, b] = PRIMES.map((images) => recordModel(model, images))
  const [first, second] = [a!.graph.operations, b!.graph.operations]
  if (first.length !== second.length) throw new NotRecordable('the network is another one for another number of images')
  const known = new Map<Operation, Node>()
  for (const [i, one] of first.entries()) known.set(one, merged(one, second[i]!, model, known))
  const outputs = Object.entries(a!.outputs).map(([name, { of, output }]) => ({
    name: name as OutputName,
    of: { node: known.get(of)!, output },
  }))
  return { nodes: [...known.values()], outputs }
}
