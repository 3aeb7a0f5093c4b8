/** StableHLO's operations as functions of values: https://github.com/openxla/stablehlo/blob/main/docs/spec.md. */
import { DTYPE, type Dtype } from '../../graph/dtype'
import type { Block, Term } from './block'
import { elementType, isFloating } from './type'

export type Shape = readonly number[]

export const list = (numbers: readonly number[]): string => `[${numbers.join(', ')}]`

/** Numbers as an attribute of an operation in its long form. */
export const integers = (numbers: readonly number[]): string =>
  numbers.length === 0 ? 'array<i64>' : `array<i64: ${numbers.join(', ')}>`

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i])

/** What stands behind the colon where the types of what is taken do, too. */
export const from =
  (...taken: readonly Term[]) =>
  (type: string): string =>
    `(${taken.map((one) => one.type).join(', ')}) -> ${type}`

export type Unary =
  | 'abs'
  | 'ceil'
  | 'cosine'
  | 'exponential'
  | 'exponential_minus_one'
  | 'floor'
  | 'log'
  | 'log_plus_one'
  | 'logistic'
  | 'negate'
  | 'not'
  | 'round_nearest_even'
  | 'rsqrt'
  | 'sign'
  | 'sine'
  | 'sqrt'
  | 'tan'
  | 'tanh'
export type Binary =
  | 'add'
  | 'and'
  | 'atan2'
  | 'divide'
  | 'maximum'
  | 'minimum'
  | 'multiply'
  | 'or'
  | 'power'
  | 'remainder'
  | 'subtract'

export const unary = (block: Block, name: Unary, x: Term): Term => block.add(`stablehlo.${name} ${x.name}`, x)

/** Of two values of one shape. */
export const binary = (block: Block, name: Binary, a: Term, b: Term): Term =>
  block.add(`stablehlo.${name} ${a.name}, ${b.name}`, a)

export type Direction = 'EQ' | 'NE' | 'GT' | 'GE' | 'LT' | 'LE'

/** How values of a type are compared. */
const ordering = (dtype: Dtype): string =>
  isFloating(dtype) ? 'FLOAT' : dtype === DTYPE.bool || dtype === DTYPE.uint8 ? 'UNSIGNED' : 'SIGNED'

export const compare = (block: Block, direction: Direction, a: Term, b: Term): Term =>
  block.add(
    `stablehlo.compare ${direction}, ${a.name}, ${b.name}, ${ordering(a.dtype)}`,
    { dtype: DTYPE.bool, shape: a.shape },
    from(a, b),
  )

/** `yes` where the condition, of the same shape or a scalar, is true. */
export const select = (block: Block, condition: Term, yes: Term, no: Term): Term =>
  block.add(`stablehlo.select ${condition.name}, ${yes.name}, ${no.name}`, yes, (type) => `${condition.type}, ${type}`)

export const convert = (block: Block, x: Term, dtype: Dtype): Term =>
  x.dtype === dtype ? x : block.add(`stablehlo.convert ${x.name}`, { dtype, shape: x.shape }, from(x))

export const reshape = (block: Block, x: Term, shape: Shape): Term =>
  sameShape(x.shape, shape) ? x : block.add(`stablehlo.reshape ${x.name}`, { dtype: x.dtype, shape }, from(x))

/** `axes` says which axis of the result each axis of `x` is. */
export const broadcast = (block: Block, x: Term, shape: Shape, axes: readonly number[]): Term =>
  sameShape(x.shape, shape) && axes.every((axis, i) => axis === i)
    ? x
    : block.add(`stablehlo.broadcast_in_dim ${x.name}, dims = ${list(axes)}`, { dtype: x.dtype, shape }, from(x))

/** As in NumPy: axes are counted from the last, those that lack or are one long are repeated. */
export const broadcastTo = (block: Block, x: Term, shape: Shape): Term =>
  broadcast(
    block,
    x,
    shape,
    x.shape.map((_, i) => shape.length - x.shape.length + i),
  )

/** A number in all places of a tensor like `x`. */
export const like = (block: Block, x: Term, value: number): Term => block.splat(x.dtype, value, x.shape)

export const transpose = (block: Block, x: Term, order: readonly number[]): Term =>
  order.every((axis, i) => axis === i)
    ? x
    : block.add(
        `stablehlo.transpose ${x.name}, dims = ${list(order)}`,
        { dtype: x.dtype, shape: order.map((axis) => x.shape[axis]!) },
        from(x),
      )

export interface Range {
  readonly start: number
  /** The first that isn't taken. */
  readonly limit: number
  readonly stride?: number
}

/** One range an axis. */
export const slice = (block: Block, x: Term, ranges: readonly Range[]): Term => {
  const shape = ranges.map(({ start, limit, stride = 1 }) => Math.ceil((limit - start) / stride))
  if (sameShape(x.shape, shape)) return x
  const text = ranges.map(({ start, limit, stride = 1 }) => `${start}:${limit}${stride === 1 ? '' : `:${stride}`}`).join(', ')
  return block.add(`stablehlo.slice ${x.name} [${text}]`, { dtype: x.dtype, shape }, from(x))
}

/** All of each axis but one. */
export const sliceAlong = (block: Block, x: Term, axis: number, range: Range): Term =>
  slice(
    block,
    x,
    x.shape.map((dim, i) => (i === axis ? range : { start: 0, limit: dim })),
  )

/** A part of a given shape that begins where the scalars say, moved so that it lies within. */
export const dynamicSlice = (block: Block, x: Term, starts: readonly Term[], shape: Shape): Term =>
  block.add(
    `stablehlo.dynamic_slice ${[x, ...starts].map(({ name }) => name).join(', ')}, sizes = ${list(shape)}`,
    { dtype: x.dtype, shape },
    from(x, ...starts),
  )

/** Padded by a scalar at both ends of each axis; negative padding takes away. */
export const pad = (block: Block, x: Term, value: Term, low: readonly number[], high: readonly number[]): Term => {
  if (low.every((n) => n === 0) && high.every((n) => n === 0)) return x
  const shape = x.shape.map((dim, i) => dim + low[i]! + high[i]!)
  return block.add(
    `stablehlo.pad ${x.name}, ${value.name}, low = ${list(low)}, high = ${list(high)}, interior = ${list(x.shape.map(() => 0))}`,
    { dtype: x.dtype, shape },
    from(x, value),
  )
}

export const concatenate = (block: Block, parts: readonly Term[], axis: number): Term => {
  const [first] = parts
  if (parts.length === 1) return first!
  const length = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0)
  return block.add(
    `stablehlo.concatenate ${parts.map(({ name }) => name).join(', ')}, dim = ${axis}`,
    { dtype: first!.dtype, shape: first!.shape.map((dim, i) => (i === axis ? length : dim)) },
    from(...parts),
  )
}

export const reverse = (block: Block, x: Term, axes: readonly number[]): Term =>
  axes.length === 0 ? x : block.add(`stablehlo.reverse ${x.name}, dims = ${list(axes)}`, x)

/** 0, 1, 2, … along an axis. */
export const iota = (block: Block, dtype: Dtype, shape: Shape, axis: number): Term =>
  block.add(`stablehlo.iota dim = ${axis}`, { dtype, shape })

/** Two numbers made one, again and again, along axes, which are left out. */
export const reduce = (block: Block, name: Binary, x: Term, initial: number, axes: readonly number[]): Term => {
  if (axes.length === 0) return x
  const start = block.splat(x.dtype, initial)
  return block.add(
    `stablehlo.reduce(${x.name} init: ${start.name}) applies stablehlo.${name} across dimensions = ${list(axes)}`,
    { dtype: x.dtype, shape: x.shape.filter((_, i) => !axes.includes(i)) },
    from(x, start),
  )
}

/** A function of two numbers, as operations that take one. */
export const combining = (name: Binary, dtype: Dtype): string => {
  const type = `tensor<${elementType(dtype)}>`
  return `({
      ^bb0(%a: ${type}, %b: ${type}):
        %c = stablehlo.${name} %a, %b : ${type}
        stablehlo.return %c : ${type}
    })`
}
