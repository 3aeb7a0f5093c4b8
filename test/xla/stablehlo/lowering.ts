/** Small graphs made by hand, lowered, and run by an XLA plugin. */
import { expect } from 'vitest'
import { elements } from '../../../src/base/shape'
import { DTYPE, type Dtype } from '../../../src/graph/dtype'
import type { Attributes, Body, Operation, OutputInfo, Value, Values } from '../../../src/graph/operation'
import { output } from '../../../src/graph/operation'
import type { OperationType } from '../../../src/graph/types'
import { fromHost, toHost, type XlaBuffer } from '../../../src/xla/buffer'
import type { XlaClient } from '../../../src/xla/client'
import type { ValuesOf, XlaDtype } from '../../../src/xla/dtype'
import { compile } from '../../../src/xla/executable'
import { execute } from '../../../src/xla/execute'
import { COMPILER_FLAGS, lowered } from '../../../src/xla/stablehlo/lowered'
import { testClient } from '../plugin'

/** A tensor in plain numbers. */
export interface Numbers extends OutputInfo {
  readonly values: readonly number[]
}

const numbers =
  (dtype: Dtype) =>
  (values: readonly number[], shape: readonly number[] = [values.length]): Numbers => ({ dtype, shape, values })

export const float = numbers(DTYPE.float32)
export const bfloat = numbers(DTYPE.bfloat16)
export const int = numbers(DTYPE.int32)
export const byte = numbers(DTYPE.uint8)
export const bool = numbers(DTYPE.bool)

const arrayOf = ({ dtype, values }: Numbers): Values =>
  dtype === DTYPE.float32 || dtype === DTYPE.bfloat16
    ? Float32Array.from(values)
    : dtype === DTYPE.int32
      ? Int32Array.from(values)
      : Uint8Array.from(values)

/** A graph that grows; what it is fed is kept beside it. */
export interface Maker {
  readonly operations: readonly Operation[]
  readonly fed: ReadonlyMap<Operation, Numbers>
  /** An operation with its outputs. */
  readonly add: (
    type: OperationType,
    inputs: readonly Value[],
    outputs: readonly OutputInfo[],
    attributes?: Attributes,
    body?: Body,
  ) => Operation
  /** An operation with one output, and that. */
  readonly one: (type: OperationType, inputs: readonly Value[], info: OutputInfo, attributes?: Attributes) => Value
  /** A value that the program is given. */
  readonly feed: (of: Numbers) => Value
  /** A value that is known while lowering. */
  readonly constant: (of: Numbers) => Value
}

export const newMaker = (): Maker => {
  const operations: Operation[] = []
  const fed = new Map<Operation, Numbers>()
  const add: Maker['add'] = (type, inputs, outputs, attributes = {}, body) => {
    const index = operations.length
    const made = { index, name: `${type}_${index}`, type, inputs, attributes, outputs, ...(body === undefined ? {} : { body }) }
    operations.push(made)
    return made
  }
  const one: Maker['one'] = (type, inputs, { dtype, shape }, attributes) =>
    output(add(type, inputs, [{ dtype, shape }], attributes))
  return {
    operations,
    fed,
    add,
    one,
    feed: (of) => {
      const made = one('Placeholder', [], of, { dtype: { type: of.dtype }, shape: { shape: of.shape } })
      fed.set(made.of, of)
      return made
    },
    constant: (of) => {
      const { dtype, shape } = of
      const attributes = { dtype: { type: dtype }, value: { tensor: { dtype, shape, values: arrayOf(of) } } }
      return one('Const', [], { dtype, shape }, attributes)
    },
  }
}

// A bfloat16 is the first half of a float32.
const BFLOAT = new Float32Array(1)
const fromBfloat = (bits: number): number => {
  new Uint32Array(BFLOAT.buffer)[0] = bits << 16
  return BFLOAT[0]!
}
const toBfloat = (value: number): number => {
  BFLOAT[0] = value
  return new Uint32Array(BFLOAT.buffer)[0]! >>> 16
}

const DTYPES: ReadonlyMap<Dtype, XlaDtype> = new Map<Dtype, XlaDtype>([
  [DTYPE.float32, 'float32'],
  [DTYPE.bfloat16, 'bfloat16'],
  [DTYPE.int32, 'int32'],
  [DTYPE.uint8, 'uint8'],
  [DTYPE.bool, 'bool'],
])

let client: Promise<XlaClient> | undefined

/** The client of one processor, made once. */
const onlyClient = (): Promise<XlaClient> => {
  client ??= testClient(1)
  return client
}

const upload = async (client: XlaClient, { dtype, shape, values }: Numbers): Promise<XlaBuffer> => {
  const array = dtype === DTYPE.bfloat16 ? Uint16Array.from(values, toBfloat) : arrayOf({ dtype, shape, values })
  return fromHost(client, array as ValuesOf, DTYPES.get(dtype)!, shape, client.devices[0]!)
}

/** What a program gives for these values. */
export const ran = async (text: string, given: readonly Numbers[]): Promise<readonly (readonly number[])[]> => {
  const client = await onlyClient()
  const executable = await compile(client, text, { flags: COMPILER_FLAGS })
  const buffers = await Promise.all(given.map((one) => upload(client, one)))
  const results = (await execute(executable, [buffers]))[0]!
  const values = await Promise.all(
    results.map(async (result, i) =>
      Array.from((await toHost(result)) as Values, executable.outputs[i]!.dtype === 'bfloat16' ? fromBfloat : Number),
    ),
  )
  for (const one of [...buffers, ...results]) one.dispose()
  executable.dispose()
  return values
}

/** What values of a graph come to. */
export const computed = async (build: (graph: Maker) => readonly Value[]): Promise<readonly (readonly number[])[]> => {
  const graph = newMaker()
  const results = build(graph)
  const given = [...graph.fed]
  const text = lowered({
    operations: graph.operations,
    parameters: given.map(([of]) => ({ of })),
    results: results.map((of) => ({ of })),
  })
  return ran(
    text,
    given.map(([, values]) => values),
  )
}

/** What one operation of one output gives. */
export interface Case {
  readonly type: OperationType
  readonly inputs: readonly Numbers[]
  /** Inputs that are known while lowering, by their places. */
  readonly fixed?: readonly number[]
  readonly attributes?: Attributes
  /** Each output, with the numbers in it. */
  readonly gives: readonly Numbers[]
  /** How far a number may be off, of its size or of 1. */
  readonly within?: number
}

/** Fails unless numbers are as they should; what is no number, infinite or an integer has to be that. */
export const expectNumbers = (got: readonly number[], wanted: readonly number[], within = 1e-6, what = ''): void => {
  expect(got.length, what).toBe(wanted.length)
  const off = got.flatMap((value, i) => {
    const right = wanted[i]!
    const same = Object.is(value, right) || value === right || Math.abs(value - right) <= within * Math.max(1, Math.abs(right))
    return same ? [] : [`${what} [${i}]: ${value} instead of ${right}`]
  })
  expect(off).toEqual([])
}

/** Lowers all cases into one program, runs it and compares. */
export const expectCases = async (cases: readonly Case[]): Promise<void> => {
  const got = await computed((graph) =>
    cases.flatMap(({ type, inputs, fixed = [], attributes, gives }) => {
      const values = inputs.map((input, i) => (fixed.includes(i) ? graph.constant(input) : graph.feed(input)))
      const infos = gives.map(({ dtype, shape }) => ({ dtype, shape }))
      const made = graph.add(type, values, infos, attributes)
      return infos.map((_, i) => output(made, i))
    }),
  )
  const wanted = cases.flatMap(({ type, gives, within }, i) =>
    gives.map((one, j) => ({ one, within, what: `case ${i}, ${type}${gives.length === 1 ? '' : `, output ${j}`}` })),
  )
  wanted.forEach(({ one, within, what }, i) => {
    expect(elements(one.shape), what).toBe(one.values.length)
    expectNumbers(got[i]!, one.values.map(one.dtype === DTYPE.float32 ? Math.fround : Number), within, what)
  })
}
