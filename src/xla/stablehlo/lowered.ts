/**
 * A graph as a program for XLA: StableHLO as text, a module whose function `main` takes the parameters and gives the results.
 * https://github.com/openxla/stablehlo/blob/main/docs/spec.md
 */
import { integer } from '../../graph/attributes'
import { infoOf, needed, type Operation, type OutputInfo, output, type Value } from '../../graph/operation'
import { type Term, term } from './block'
import { newFunctions, type Written, written } from './function'
import { select } from './instructions'
import type { Precision } from './lowering'

/** Where the parts of a value are: all of it on each device, or as many equal pieces along its first axis as there are devices. */
export type Sharding = 'replicated' | 'split'

/** What a run is given: the value of a placeholder, or what a variable holds before it. */
export interface Parameter {
  readonly of: Operation
  readonly sharding?: Sharding
}

/** What a run gives: a value, or what a variable holds after an `Assign`. */
export interface Result {
  readonly of: Value | Operation
  /** The place of the parameter whose memory the result takes over: whoever runs the program gives that away. */
  readonly replaces?: number
  readonly sharding?: Sharding
}

export interface Program {
  readonly operations: readonly Operation[]
  /** In the order in which a run is given them. */
  readonly parameters: readonly Parameter[]
  /** In the order in which a run gives them. */
  readonly results: readonly Result[]
  /** How many devices compute a run together; one by default, which knows nothing of shardings. */
  readonly partitions?: number
  /** How many of it run at once, each on devices and with values of its own; one by default. */
  readonly replicas?: number
  /** How exactly products of float32 are computed: in float32, by default. */
  readonly precision?: Precision
}

/** What a compiler is told besides: XLA's for CPUs takes the larger of a number and none for that number where nobody forbids it. */
export const COMPILER_FLAGS = { xla_cpu_enable_fast_min_max: false } as const

const isOperation = (of: Value | Operation): of is Operation => 'type' in of

/** The operation that a result comes from. */
const source = ({ of }: Result): Operation => (isOperation(of) ? of : of.of)

/** A result as a term: what is assigned under a condition is that or what was there before. */
const resultTerm = ({ block, of: term }: Written, { of }: Result): Term => {
  if (!isOperation(of)) return term(of)
  const [variable, value, condition] = of.inputs
  const after = term(value!)
  return condition === undefined ? after : select(block, term(condition), after, term(variable!))
}

/** A sharding in the notation of XLA's HLO. */
const shardingText = (sharding: Sharding, { shape }: OutputInfo, partitions: number): string => {
  if (sharding === 'replicated') return '{replicated}'
  if (shape.length === 0) throw new RangeError('a single number has no parts')
  if (shape[0]! % partitions !== 0) throw new RangeError(`${shape[0]} rows make no ${partitions} equal parts`)
  return `{devices=${JSON.stringify([partitions, ...shape.slice(1).map(() => 1)])}<=[${partitions}]}`
}

/** What is said of a parameter or a result, in braces. */
const attributes = (...all: readonly (string | undefined)[]): string => {
  const some = all.filter((one) => one !== undefined)
  return some.length === 0 ? '' : ` {${some.join(', ')}}`
}

/** Values are exchanged among all replicas, or not at all. */
const checkProcesses = (operations: readonly Operation[], replicas: number): void => {
  for (const { type, attributes } of operations) {
    const processes = type === 'AllReduce' ? integer(attributes, 'processes', 1) : replicas
    if (processes !== replicas) throw new RangeError(`values of ${processes} processes in a program of ${replicas}`)
  }
}

/** The module's text. Only what the results need is in it. */
export const lowered = ({
  operations,
  parameters,
  results,
  partitions = 1,
  replicas = 1,
  precision = 'highest',
}: Program): string => {
  const sources = new Set(results.map(source))
  const wanted = needed(operations, (one) => sources.has(one))
  checkProcesses(wanted, replicas)
  const functions = newFunctions(precision)
  const given = parameters.map(({ of }, i): readonly [Operation, Term] => [of, term(`%${i}`, infoOf(output(of)))])
  const body = written(wanted, new Map(given), functions, precision)
  const returned = results.map((result) => resultTerm(body, result))
  const sharded = (sharding: Sharding | undefined, info: OutputInfo): string | undefined =>
    partitions === 1 || sharding === undefined ? undefined : `mhlo.sharding = "${shardingText(sharding, info, partitions)}"`
  const replacing = new Map(results.flatMap(({ replaces }, i) => (replaces === undefined ? [] : [[replaces, i] as const])))
  const takes = given.map(([, { name, type, dtype, shape }], i) => {
    const by = replacing.get(i)
    const alias = by === undefined ? undefined : `tf.aliasing_output = ${by} : i32`
    return `${name}: ${type}${attributes(alias, sharded(parameters[i]!.sharding, { dtype, shape }))}`
  })
  const gives = returned.map((one, i) => `${one.type}${attributes(sharded(results[i]!.sharding, one))}`)
  return [
    `module @ibot attributes {mhlo.num_partitions = ${partitions} : i32, mhlo.num_replicas = ${replicas} : i32} {`,
    `  func.func public @main(${takes.join(', ')}) -> (${gives.join(', ')}) {`,
    ...body.block.lines,
    returned.length === 0
      ? '    return'
      : `    return ${returned.map(({ name }) => name).join(', ')} : ${returned.map(({ type }) => type).join(', ')}`,
    '  }',
    ...functions.lines,
    '}',
    '',
  ].join('\n')
}
