/** What is known of a type of operations: what comes out for what goes in. */
import { axisFromFirst } from '../../base/shape'
import type { Dtype } from '../dtype'
import { type Attributes, infoOf, type OutputInfo, type Value } from '../operation'

/** The shapes and dtypes of an operation's outputs; throws a `RangeError` that says why its inputs don't fit. */
export type Infer = (inputs: readonly Value[], attributes: Attributes) => readonly OutputInfo[]

/** A dimension that is known only when the graph runs. */
export const UNKNOWN = -1

export type Shape = readonly number[]

export const shapeText = (shape: Shape): string => `[${shape.map((dim) => (dim === UNKNOWN ? '?' : dim)).join(', ')}]`

/** The shape of an input. */
export const shapeAt = (inputs: readonly Value[], index: number): Shape => infoOf(inputs[index]!).shape

export const dtypeAt = (inputs: readonly Value[], index: number): Dtype => infoOf(inputs[index]!).dtype

/** An axis counted from the first. */
export const axisIn = (axis: number, rank: number): number => {
  const counted = axisFromFirst(axis, rank)
  if (counted < 0 || counted >= rank) throw new RangeError(`there is no axis ${axis} of ${rank}`)
  return counted
}

export const rankAtLeast = (shape: Shape, rank: number): void => {
  if (shape.length < rank) throw new RangeError(`a value of ${shapeText(shape)} has fewer than ${rank} dimensions`)
}

/** Fails unless there is one number an axis: `what` names the numbers. */
export const onePerAxis = (numbers: readonly unknown[], { length }: Shape, what: string): void => {
  if (numbers.length !== length) throw new RangeError(`there are ${numbers.length} ${what} for ${length} axes`)
}

/** The number of elements, unknown where a dimension is and none is 0. */
export const sizeOf = (shape: Shape): number => {
  if (shape.includes(0)) return 0
  return shape.includes(UNKNOWN) ? UNKNOWN : shape.reduce((a, b) => a * b, 1)
}

/** A sum or product of dimensions, unknown where one of them is. */
export const combined = (dims: readonly number[], combine: (a: number, b: number) => number, first: number): number =>
  dims.includes(UNKNOWN) ? UNKNOWN : dims.reduce(combine, first)

const fits = (a: number, b: number): boolean => a === b || a === UNKNOWN || b === UNKNOWN

/** The dimension that two agree on. */
export const agreed = (a: number, b: number, what: string): number => {
  if (!fits(a, b)) throw new RangeError(`${what} are ${a} and ${b}`)
  return a === UNKNOWN ? b : a
}

/** Two shapes that are one. */
export const agreedShape = (a: Shape, b: Shape): Shape => {
  if (a.length !== b.length || a.some((dim, i) => !fits(dim, b[i]!)))
    throw new RangeError(`the shapes ${shapeText(a)} and ${shapeText(b)} differ`)
  return a.map((dim, i) => (dim === UNKNOWN ? b[i]! : dim))
}

/** The shape of two that are broadcast to each other, as numpy does. */
export const broadcast = (a: Shape, b: Shape): Shape =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const [one, other] = [a, b].map((shape) => shape[shape.length - Math.max(a.length, b.length) + i] ?? 1) as [number, number]
    if (one === 1) return other
    if (other === 1 || one === other) return one
    // A dimension of more than 1 is what the other one becomes.
    if (one === UNKNOWN) return other > 1 ? other : UNKNOWN
    if (other === UNKNOWN) return one > 1 ? one : UNKNOWN
    throw new RangeError(`the shapes ${shapeText(a)} and ${shapeText(b)} can't be broadcast to each other`)
  })
