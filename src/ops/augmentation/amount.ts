/** How strong a change is: around what leaves the picture as it is, or from an explicit range. */
import { leaf, type Type } from '../../dsl/type'
import type { Canvas } from '../../image/kernel/canvas'
import { type Augmentation, type Drawn, type PictureShape, pointwise } from './kind'

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

/** Degrees of a turn around 0: `30` stands for [-30, 30]. */
export const degreesAmount = amountAround(0, -180, 180)

/** The step that changes a picture by an amount: as a function of pictures and, where there is a kernel, on a canvas. */
export const byAmount =
  (name: string, adjust: (amount: number) => Drawn['apply'], paint?: (canvas: Canvas, amount: number) => void) =>
  (amount: number): Drawn => ({
    name,
    parameters: { amount },
    apply: adjust(amount),
    paint: paint && ((canvas) => paint(canvas, amount)),
  })

/** One change by a drawn amount; nothing where no amount but the neutral one can be drawn. */
export const drawnAmount =
  (change: (amount: number, shape: PictureShape) => Drawn, neutral: number) =>
  ([low, high]: Amount): Augmentation =>
    pointwise((draw, shape) => (low === neutral && high === neutral ? undefined : change(draw.between(low, high), shape)))
