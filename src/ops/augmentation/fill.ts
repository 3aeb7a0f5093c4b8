/** What stands where a picture doesn't reach. */
import { leaf, type Type } from '../../dsl/type'
import type { Fill } from '../../image/affine'
import { luma } from '../../image/color'

type Color = readonly [red: number, green: number, blue: number]

const isByte = (u: unknown): u is number => typeof u === 'number' && Number.isInteger(u) && u >= 0 && u <= 255
const byte = { type: 'integer', minimum: 0, maximum: 255 } as const

/** Of a colour, a grey picture takes the luma; of a number, a coloured one takes it in every channel. */
const fillOf =
  (written: number | Color) =>
  (channels: 1 | 3): Fill => {
    const color = typeof written === 'number' ? ([written, written, written] as const) : written
    return channels === 3 ? color : [luma(...color)]
  }

/** A colour, which means values for pictures of so many channels. */
export const fillColor = leaf<number | Color, (channels: 1 | 3) => Fill>({
  name: 'fill',
  expected: 'an integer from 0 to 255, or three of them: [red, green, blue]',
  schema: { anyOf: [byte, { type: 'array', items: byte, minItems: 3, maxItems: 3 }] },
  read: (u) => (isByte(u) ? u : Array.isArray(u) && u.length === 3 && u.every(isByte) ? (u as unknown as Color) : undefined),
  mean: fillOf,
}) as Type<number | Color, number | Color, (channels: 1 | 3) => Fill>
