/** A graph as TensorFlow's: operation by operation, as somebody needs them. */
import { flag } from '../graph/attributes'
import { DTYPE } from '../graph/dtype'
import { grouped } from '../graph/lists'
import { type Attributes, type Body, infoOf, type Operation, type Value } from '../graph/operation'
import type { Output, Pointer, TensorFlow } from './capi'
import { define } from './functions'
import type { Fusions } from './fusions'
import { type Graph, newGraph, output } from './graph'
import { biasedProduct } from './products'
import { type Variable, variable } from './variable'

export interface Translation {
  readonly native: Graph
  /** What TensorFlow has for a value; what it needs is added, as far as it isn't there yet. */
  readonly output: (value: Value) => Output
  /** What stores an assigned value. */
  readonly store: (assign: Operation) => Pointer
  /** Of an `AllReduce`: what this process gives, and where what all of them have is put in. */
  readonly exchange: (allReduce: Operation) => { readonly given: Output; readonly reduced: Output }
  /** The memory of a variable. */
  readonly variable: (value: Value) => Variable
}

/** Types of numbers that don't follow from the inputs. */
const STATED = new Set(['DstT', 'output_type', 'out_type'])

/** TensorFlow infers lengths of lists and most types from inputs. */
const told = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(([name, attribute]) => name !== 'N' && (!('type' in attribute) || STATED.has(name))),
  )

/** An operation that runs only if a truth value is true, and with it those that come after it. */
const onlyIf = (graph: Graph, condition: Output): Pointer =>
  graph.node('Identity', [output(graph.node('Switch', [condition, condition]), 1)])

/** A product with its bias, by what is the fastest here: [rows, columns]. */
const biased = (graph: Graph, { attributes }: Operation, [a, b, bias]: readonly Output[]): Output => {
  const made = biasedProduct(
    graph,
    { a: a!, b: b!, bias: bias! },
    { transposeA: flag(attributes, 'transpose_a'), transposeB: flag(attributes, 'transpose_b') },
  )
  return output(graph.node('Squeeze', [output(made)], { attributes: { squeeze_dims: { ints: [0, 1] } } }))
}

type Outputs = ReadonlyMap<Operation, readonly Output[]>

/** One operation among those that are there already. */
const added = (graph: Graph, one: Operation, inputs: readonly Output[], fusions: Fusions): readonly Output[] => {
  if (one.type === '_FusedMatMul' && fusions.biasedProducts && infoOf(one.inputs[0]!).dtype === DTYPE.bfloat16)
    return [biased(graph, one, inputs)]
  const { value, dtype } = one.attributes
  const attributes = one.type === 'Const' ? { value: value!, dtype: dtype! } : told(one.attributes)
  const made = graph.node(one.type, grouped(one, inputs), { attributes })
  return one.outputs.map((_, index) => output(made, index))
}

/** Operations that compute, one after the other; whatever else they need is known. */
const addedAll = (graph: Graph, operations: readonly Operation[], known: Outputs, fusions: Fusions): Outputs => {
  const all = new Map(known)
  for (const one of operations)
    if (!all.has(one)) {
      const inputs = one.inputs.map(({ of, output }) => all.get(of)![output]!)
      all.set(one, added(graph, one, inputs, fusions))
    }
  return all
}

/** A body as operations of the graph, with these in the place of its parameters. */
const inlined = (graph: Graph, body: Body, inputs: readonly Output[], fusions: Fusions): readonly Output[] => {
  const all = addedAll(graph, body.operations, new Map(body.parameters.map((one, i) => [one, [inputs[i]!]])), fusions)
  return body.results.map(({ of, output }) => all.get(of)![output]!)
}

export const newTranslation = (tensorflow: TensorFlow, fusions: Fusions): Translation => {
  const native = newGraph(tensorflow)
  const known = new Map<Operation, readonly Output[]>()
  const variables = new Map<Operation, Variable>()
  const stores = new Map<Operation, Pointer>()
  const conditions = new Map<string, Pointer>()
  const functions = new Map<Body, string>()

  const of = ({ of, output }: Value): Output => known.get(of)![output]!
  /** The body as a function that XLA compiles into one kernel. */
  const functionOf = (body: Body): string => {
    const before = functions.get(body)
    if (before !== undefined) return before
    const parameters = body.parameters.map((one) => ({ name: one.name, ...one.outputs[0]! }))
    define(native, body.name, parameters, (inner, inputs) => inlined(inner, body, inputs, fusions))
    functions.set(body, body.name)
    return body.name
  }
  const called = (one: Operation, body: Body): readonly Output[] => {
    const inputs = one.inputs.map(of)
    if (!fusions.kernels) return inlined(native, body, inputs, fusions)
    const call = native.node(functionOf(body), inputs, { attributes: { _XlaMustCompile: { bool: true } } })
    return one.outputs.map((_, index) => output(call, index))
  }
  const passed = (condition: Value): Pointer => {
    const key = `${condition.of.index} ${condition.output}`
    const before = conditions.get(key)
    if (before !== undefined) return before
    const made = onlyIf(native, of(condition))
    conditions.set(key, made)
    return made
  }
  const made = (one: Operation): readonly Output[] => {
    const [info] = one.outputs
    switch (one.type) {
      case 'Placeholder':
        return [native.placeholder(one.name, info!.dtype, info!.shape)]
      case 'Variable': {
        const held = variable(native, one.name, info!.shape)
        variables.set(one, held)
        return [held.value]
      }
      case 'Assign': {
        const [place, value, condition] = one.inputs
        stores.set(
          one,
          variables.get(place!.of)!.assign(one.name, of(value!), condition === undefined ? [] : [passed(condition)]),
        )
        return []
      }
      case 'AllReduce':
        return [native.placeholder(one.name, info!.dtype, info!.shape)]
      case 'Call':
        return called(one, one.body!)
      default:
        return added(native, one, one.inputs.map(of), fusions)
    }
  }
  /** Adds an operation and what it needs. A graph is too deep to be gone through by calls. */
  const provide = (wanted: Operation): void => {
    const missing = new Set<Operation>()
    const open = [wanted]
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      if (known.has(one) || missing.has(one)) continue
      missing.add(one)
      for (const input of one.inputs) open.push(input.of)
    }
    for (const one of [...missing].sort((a, b) => a.index - b.index)) known.set(one, made(one))
  }
  return {
    native,
    output: (value) => {
      provide(value.of)
      return of(value)
    },
    store: (assign) => {
      provide(assign)
      return stores.get(assign)!
    },
    exchange: (allReduce) => {
      provide(allReduce)
      return { given: of(allReduce.inputs[0]!), reduced: known.get(allReduce)![0]! }
    },
    variable: (value) => {
      provide(value.of)
      return variables.get(value.of)!
    },
  }
}
