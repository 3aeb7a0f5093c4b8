import { blank, type Picture } from './picture'

const PASSES = 3
const ONE = 1 << 24

/**
 * The radius of the box blur that, passed three times, has the variance of a Gaussian of standard deviation `sigma`:
 * Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box filtering" (2011), in the float32
 * arithmetic of Pillow.
 */
const boxRadius = (sigma: number): number => {
  const f = Math.fround
  const variance = f(f(f(sigma) * f(sigma)) / PASSES)
  const whole = Math.floor((f(Math.sqrt(12 * variance + 1)) - 1) / 2)
  const part = f((2 * whole + 1) * f(whole * (whole + 1) - f(3 * variance)))
  return f(whole + f(part / f(6 * f(variance - (whole + 1) * (whole + 1)))))
}

/** The weights of an extended box of real radius: 2 * reach + 1 equal taps and one lighter tap at either end. */
export interface ExtendedBox {
  readonly reach: number
  /** Weight of a tap within reach, in units of 2^-24. */
  readonly inner: number
  /** Weight of each of the two taps just beyond reach, in units of 2^-24. */
  readonly outer: number
}

/** `| 0` truncates, and makes integers that the innermost loop can use without conversion. */
const extendedBox = (radius: number): ExtendedBox => {
  const reach = radius | 0
  const inner = Math.fround(ONE / Math.fround(radius * 2 + 1)) | 0
  return { reach, inner, outer: ((ONE - (reach * 2 + 1) * inner) / 2) | 0 }
}

/** The box that, passed three times, comes near to a Gaussian of standard deviation `sigma` > 0. */
export const gaussianBox = (sigma: number): ExtendedBox => extendedBox(boxRadius(sigma))

/** One box blur of a line of `length` values that starts at `reach + 1` in `from`, which has room for as many after it. */
const blurLine = ({ reach, inner, outer }: ExtendedBox, from: Uint8Array, to: Uint8Array, length: number): void => {
  const margin = reach + 1
  from.fill(from[margin]!, 0, margin)
  from.fill(from[margin + length - 1]!, margin + length)
  let sum = 0
  for (let i = 1; i < 2 * margin; i++) sum += from[i]!
  for (let i = 0; i < length; i++) {
    const before = from[i]!
    const after = from[i + 2 * margin]!
    to[i + margin] = (Math.imul(sum, inner) + Math.imul(before + after, outer) + (ONE >> 1)) >>> 24
    sum += after - from[i + 1]!
  }
}

/** Blurs, in place, the line of `length` values `stride` apart that begins at `start`. */
const blurStrided = (box: ExtendedBox, data: Uint8Array, length: number, stride: number) => {
  const margin = box.reach + 1
  const a = new Uint8Array(length + 2 * margin)
  const b = new Uint8Array(length + 2 * margin)
  return (start: number): void => {
    for (let i = 0, at = start; i < length; i++, at += stride) a[margin + i] = data[at]!
    blurLine(box, a, b, length)
    blurLine(box, b, a, length)
    blurLine(box, a, b, length)
    for (let i = 0, at = start; i < length; i++, at += stride) data[at] = b[margin + i]!
  }
}

/**
 * A picture blurred with a Gaussian of standard deviation `radius` pixels, approximated by three extended box blurs per
 * axis with replicated borders: Pillow's `ImageFilter.GaussianBlur`, bit for bit. A radius of 0 changes nothing.
 */
export const gaussianBlur =
  (radius: number) =>
  (picture: Picture): Picture => {
    const { width, height, channels } = picture
    const out = blank(width, height, channels)
    out.data.set(picture.data)
    if (radius === 0 || width === 0 || height === 0) return out
    const box = gaussianBox(radius)
    const row = blurStrided(box, out.data, width, channels)
    for (let y = 0; y < height; y++) for (let c = 0; c < channels; c++) row(y * width * channels + c)
    const column = blurStrided(box, out.data, height, width * channels)
    for (let x = 0; x < width * channels; x++) column(x)
    return out
  }
