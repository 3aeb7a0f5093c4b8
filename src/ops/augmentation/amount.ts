/** How strong a change of colour is: around what leaves the picture as it is, or from an explicit range. */
import { leaf, type Type } from '../../dsl/type'
import type { Canvas } from '../../image/kernel/canvas'
import type { Picture } from '../../image/picture'
import { type Augmentation, pointwise } from './kind'

export type Amount = readonly [low: number, high: number]

const amountAround = (neutral: number, min: number, max: number): Type<number | Amount, Amount, Amount> => {
  const within = (n: unknown): n is number => typeof n === 'number' && Number.isFinite(n) && n >= min && n <= max
  const most = Math.min(max - neutral, Number.MAX_VALUE)
  const bounds = Number.isFinite(max) ? { minimum: min, maximum: max } : { minimum: min }
  return leaf<Amount>({
    name: 'amount',
    expected: Number.isFinite(max)
      ? `a number from 0 to ${most}, or a range [low, high] within [${min}, ${max}]`
      : 'a number ≥ 0, or a range [low, high] of numbers ≥ 0',
    schema: {
      anyOf: [
        { type: 'number', minimum: 0, ...(Number.isFinite(max) ? { maximum: most } : {}) },
        { type: 'array', items: { type: 'number', ...bounds }, minItems: 2, maxItems: 2 },
      ],
    },
    read: (u) =>
      typeof u === 'number'
        ? u >= 0 && u <= most
          ? [Math.max(min, neutral - u), neutral + u]
          : undefined
        : Array.isArray(u) && u.length === 2 && within(u[0]) && within(u[1]) && u[0] <= u[1]
          ? [u[0], u[1]]
          : undefined,
  }) as Type<number | Amount, Amount, Amount>
}

/** Factors around 1: `0.4` stands for [0.6, 1.4]. */
export const factorAmount = amountAround(1, 0, Number.POSITIVE_INFINITY)
/** Shares of a turn around 0: `0.1` stands for [-0.1, 0.1]. */
export const turnAmount = amountAround(0, -0.5, 0.5)

/** One change of colour by a drawn amount; nothing where no amount but the neutral one can be drawn. */
export const colorStep =
  (
    name: string,
    adjust: (amount: number) => (picture: Picture) => Picture,
    paint: (amount: number) => (canvas: Canvas) => void,
    neutral: number,
  ) =>
  ([low, high]: Amount): Augmentation =>
    pointwise((draw) => {
      if (low === neutral && high === neutral) return undefined
      const amount = draw.between(low, high)
      return { name, parameters: { amount }, apply: adjust(amount), paint: paint(amount) }
    })
