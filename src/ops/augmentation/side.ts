/** Sizes of pictures as they are written: one number for a square, or [height, width]. */
import { leaf, type Type } from '../../dsl/type'
import type { Size } from '../../image/crop'

type Written = number | Size

const MOST = 16_384

const isSide = (u: unknown): u is number => typeof u === 'number' && Number.isInteger(u) && u >= 1 && u <= MOST
const side = { type: 'integer', minimum: 1, maximum: MOST } as const

const sizeType = <M>(mean: (written: Written) => M): Type<Written, Written, M> =>
  leaf<Written, M>({
    name: 'size',
    expected: `an integer from 1 to ${MOST}, or [height, width]`,
    schema: { anyOf: [side, { type: 'array', items: side, minItems: 2, maxItems: 2 }] },
    read: (u) => (isSide(u) ? u : Array.isArray(u) && u.length === 2 && u.every(isSide) ? [u[0]!, u[1]!] : undefined),
    mean,
  }) as Type<Written, Written, M>

/** The side of a square, or a height and a width. */
export const squareOrSize = sizeType((written): Size => (typeof written === 'number' ? [written, written] : written))

/** The length of the shorter side, or a height and a width. */
export const shorterSideOrSize = sizeType((written) => written)

/** As it would be written, for what was drawn. */
export const asWritten = ([height, width]: Size): Written => (height === width ? height : [height, width])
