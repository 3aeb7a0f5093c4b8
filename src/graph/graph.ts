/** A graph under construction: operations are added, and their shapes and dtypes are known at once. Nothing native is needed. */
import { NotRecordable } from '../base/engineError'
import { DTYPE, type Dtype } from './dtype'
import { INFER } from './kinds/all'
import { type Attributes, type Body, infoOf, type Operation, type OutputInfo, output, type Value, type Values } from './operation'
import { OPERATION_TYPES, type OperationType } from './types'

export interface Graph {
  /** All operations so far, in the order in which they were added. */
  readonly operations: readonly Operation[]
  /** Adds an operation; numbered below its type where it has no name. Throws `NotRecordable` where its inputs don't fit. */
  readonly add: (
    type: Exclude<OperationType, 'Call'>,
    inputs: readonly Value[],
    attributes?: Attributes,
    name?: string | undefined,
  ) => Operation
  readonly constant: (dtype: Dtype, shape: readonly number[], values: Values) => Value
  readonly placeholder: (name: string, dtype: Dtype, shape: readonly number[]) => Value
  /** A float32 value that stays from run to run. */
  readonly variable: (name: string, shape: readonly number[]) => Value
  /** What a body gives for inputs in place of its parameters. */
  readonly call: (body: Body, inputs: readonly Value[]) => Operation
}

const KNOWN: ReadonlySet<string> = new Set(OPERATION_TYPES)

/** Whether a graph can hold it. */
export const isOperationType = (type: string): type is OperationType => KNOWN.has(type)

const inferred = (
  type: Exclude<OperationType, 'Call'>,
  inputs: readonly Value[],
  attributes: Attributes,
): readonly OutputInfo[] => {
  try {
    return INFER[type](inputs, attributes)
  } catch (error) {
    throw error instanceof RangeError ? new NotRecordable(error.message, type) : error
  }
}

export const newGraph = (): Graph => {
  const operations: Operation[] = []
  const known = new Map<string, number>()
  const nameOf = (type: string): string => {
    const count = known.get(type) ?? 0
    known.set(type, count + 1)
    return `${type.replace(/^_+/, '')}_${count}`
  }
  const added = (one: Omit<Operation, 'index'>): Operation => {
    const operation = { index: operations.length, ...one }
    operations.push(operation)
    return operation
  }
  const add: Graph['add'] = (type, inputs, attributes = {}, name = nameOf(type)) =>
    added({ name, type, inputs, attributes, outputs: inferred(type, inputs, attributes) })
  const stated = (type: 'Placeholder' | 'Variable', name: string, dtype: Dtype, shape: readonly number[]): Value =>
    output(add(type, [], { dtype: { type: dtype }, shape: { shape } }, name))
  return {
    operations,
    add,
    constant: (dtype, shape, values) =>
      output(add('Const', [], { dtype: { type: dtype }, value: { tensor: { dtype, shape, values } } })),
    placeholder: (name, dtype, shape) => stated('Placeholder', name, dtype, shape),
    variable: (name, shape) => stated('Variable', name, DTYPE.float32, shape),
    call: (body, inputs) =>
      added({ name: nameOf(body.name), type: 'Call', inputs, attributes: {}, outputs: body.results.map(infoOf), body }),
  }
}

/** An int32 scalar or vector constant. */
export const integers = (graph: Graph, values: readonly number[] | number): Value =>
  typeof values === 'number'
    ? graph.constant(DTYPE.int32, [], Int32Array.of(values))
    : graph.constant(DTYPE.int32, [values.length], Int32Array.from(values))
