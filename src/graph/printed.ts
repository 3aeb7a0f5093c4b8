/**
 * A graph's operations as text, one a line in the order of recording:
 *
 *     %12 = MatMul(%3, student.head.mlp.0.weight) transpose_b=true : float32[3152, 384]
 *
 * Variables, inputs and whatever else was given a name stand under it; `%12:1` is the second output of %12. Small
 * constants stand where they are used. Attributes that are types or false aren't told, and a dimension that is known only
 * when the graph runs is `?`.
 */
import { elements } from '../base/shape'
import { DTYPE, type Dtype, dtypeName } from './dtype'
import type { Attribute, Operation, OutputInfo, Value, Values } from './operation'

/** Constants of no more values stand where they are used. */
const SMALL = 8

const whole = (n: number): string => n.toLocaleString('en-US')

/** The shortest digits that stand for a float32. */
const float = (value: number): string => {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return Number.isInteger(short) && Math.abs(short) < 1e6 ? short.toFixed(1) : String(short)
  }
  return String(value)
}

const number = (dtype: Dtype, value: number): string => {
  if (dtype === DTYPE.bool) return String(value !== 0)
  return dtype === DTYPE.float32 ? float(value) : String(value)
}

/** A scalar as a number, everything else as a flat list of numbers. */
const valuesText = (dtype: Dtype, shape: readonly number[], values: Values): string => {
  const texts = Array.from(values, (value) => number(dtype, value))
  return shape.length === 0 ? texts.join('') : `[${texts.join(', ')}]`
}

/** The type and shape of a value: float32[3152, ?]. */
const infoText = ({ dtype, shape }: OutputInfo): string =>
  `${dtypeName(dtype)}[${shape.map((dim) => (dim < 0 ? '?' : dim)).join(', ')}]`

/** What an attribute says; nothing where the line says it already. */
const attributeText = (attribute: Attribute): string | undefined => {
  if ('bool' in attribute) return attribute.bool ? 'true' : undefined
  if ('int' in attribute) return String(attribute.int)
  if ('ints' in attribute) return `[${attribute.ints.join(', ')}]`
  if ('float' in attribute) return float(Math.fround(attribute.float))
  if ('string' in attribute) return JSON.stringify(attribute.string)
  if ('strings' in attribute) return `[${attribute.strings.join(', ')}]`
  return undefined
}

const isVariable = ({ type }: Operation): boolean => type === 'Variable'
const isInput = ({ type }: Operation): boolean => type === 'Placeholder'

const attributesText = ({ attributes }: Operation): string =>
  Object.entries(attributes)
    .flatMap(([name, attribute]) => {
      const text = attributeText(attribute)
      return text === undefined ? [] : [` ${name}=${text}`]
    })
    .join('')

const tensorOf = ({ type, attributes: { value } }: Operation) =>
  type === 'Const' && value !== undefined && 'tensor' in value ? value.tensor : undefined

/** A constant as it stands where it is used. */
const inline = (one: Operation): string | undefined => {
  const tensor = tensorOf(one)
  return tensor !== undefined && elements(tensor.shape) <= SMALL
    ? valuesText(tensor.dtype, tensor.shape, tensor.values)
    : undefined
}

/** How a constant that is too large to be told begins. */
const beginning = (one: Operation): string | undefined => {
  const tensor = tensorOf(one)
  if (tensor === undefined) return undefined
  const texts = Array.from(tensor.values.slice(0, SMALL), (value) => number(tensor.dtype, value))
  return `${texts.join(', ')}, …`
}

/** Whether it has only the number that it was given below its type. */
const isNumbered = (one: Operation): boolean => {
  const { name } = one
  const plain = typeOf(one).replace(/^_+/, '')
  return name.startsWith(`${plain}_`) && /^\d+$/.test(name.slice(plain.length + 1))
}

/** The type of an operation; of a call, what it calls. */
const typeOf = ({ type, body }: Operation): string => body?.name ?? type

/** Operations in the order of recording, as lines. */
const lines = (operations: readonly Operation[]): readonly string[] => {
  const texts = new Map<Operation, string>()
  let count = 0
  const valueText = ({ of, output }: Value): string => `${texts.get(of)!}${output === 0 ? '' : `:${output}`}`
  return operations.flatMap((one) => {
    const constant = inline(one)
    if (constant !== undefined) {
      texts.set(one, constant)
      return []
    }
    texts.set(one, isNumbered(one) && one.outputs.length > 0 ? `%${count++}` : one.name)
    const inputs = isVariable(one) || isInput(one) ? '' : `(${beginning(one) ?? one.inputs.map(valueText).join(', ')})`
    const call = `${typeOf(one)}${inputs}${attributesText(one)}`
    return [one.outputs.length === 0 ? call : `${texts.get(one)!} = ${call} : ${one.outputs.map(infoText).join(', ')}`]
  })
}

/** Types by how many there are, most first. */
const counted = (operations: readonly Operation[]): readonly (readonly [string, number])[] => {
  const counts = new Map<string, number>()
  for (const one of operations) counts.set(typeOf(one), (counts.get(typeOf(one)) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}

const plural = (n: number, one: string): string => `${whole(n)} ${one}${n === 1 ? '' : 's'}`

/** What stands for values rather than computing any. */
const HELD = new Set(['Const', 'Placeholder', 'Variable'])

const summary = (operations: readonly Operation[]): readonly string[] => {
  const computing = operations.filter(({ type }) => !HELD.has(type))
  const types = counted(computing).map(([type, count]) => `${whole(count)} ${type}`)
  const variables = operations.filter(isVariable)
  const values = variables.reduce((sum, one) => sum + elements(one.outputs[0]!.shape), 0)
  const inputs = operations.filter(isInput).map(({ name }) => name)
  return [
    `${plural(computing.length, 'operation')}${types.length === 0 ? '' : `: ${types.join(', ')}`}`,
    `${plural(variables.length, 'variable')} of ${plural(values, 'value')}, inputs ${inputs.join(', ') || 'none'}`,
  ]
}

/** The text of some operations of a graph, which are closed: what one takes is among them. The last two lines sum up. */
export const printed = (operations: readonly Operation[]): string => [...lines(operations), '', ...summary(operations)].join('\n')
