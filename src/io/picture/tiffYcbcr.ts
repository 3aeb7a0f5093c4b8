/** YCbCr of compressed TIFF pictures as RGB, in the fixed point of libtiff (TIFFYCbCrToRGBInit in tif_color.c), which Pillow asks for it. */

/** Luma of red, green and blue, and what is black and white of each component, where a file doesn't say it. */
export const LUMA: readonly number[] = [0.299, 0.587, 0.114]
export const BLACK_WHITE: readonly number[] = [0, 255, 128, 255, 128, 255]

const SHIFT = 16
const HALF = 2 ** (SHIFT - 1)
const f = Math.fround
const fixed = (value: number): number => Math.trunc(value * 2 ** SHIFT + 0.5)
/** NaN counts for too small. */
const clamp = (value: number, low: number, high: number): number => (!(value >= low) ? low : value > high ? high : value)
/** Within what the tables hold. */
const bounded = (value: number): number => Math.trunc(clamp(value, -4096, 4096))

/** A code as a value of 0 to `range`, in single precision. */
const scaled = (code: number, black: number, white: number, range: number): number => {
  const [from, to] = [Math.trunc(black), Math.trunc(white)]
  return f(f((code - from) * range) / (to - from === 0 ? 1 : f(to - from)))
}

interface Tables {
  readonly y: Int32Array
  readonly redCr: Int32Array
  readonly greenCr: Int32Array
  readonly greenCb: Int32Array
  readonly blueCb: Int32Array
}

const tablesOf = (luma: readonly number[], blackWhite: readonly number[]): Tables => {
  const [red, green, blue] = luma.map(f) as [number, number, number]
  const [yBlack, yWhite, cbBlack, cbWhite, crBlack, crWhite] = blackWhite.map(f) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [redFactor, blueFactor] = [f(2 - f(2 * red)), f(2 - f(2 * blue))]
  const ofRed = fixed(clamp(redFactor, 0, 2))
  const ofGreenCr = -fixed(clamp(f(f(red * redFactor) / green), 0, 2))
  const ofBlue = fixed(clamp(blueFactor, 0, 2))
  const ofGreenCb = -fixed(clamp(f(f(blue * blueFactor) / green), 0, 2))
  const table = (make: (code: number) => number): Int32Array => Int32Array.from({ length: 256 }, (_, i) => make(i - 128))
  const cr = (code: number): number => bounded(scaled(code, crBlack - 128, crWhite - 128, 127))
  const cb = (code: number): number => bounded(scaled(code, cbBlack - 128, cbWhite - 128, 127))
  return {
    y: table((code) => bounded(scaled(code + 128, yBlack, yWhite, 255))),
    redCr: table((code) => (ofRed * cr(code) + HALF) >> SHIFT),
    blueCb: table((code) => (ofBlue * cb(code) + HALF) >> SHIFT),
    greenCr: table((code) => ofGreenCr * cr(code)),
    greenCb: table((code) => ofGreenCb * cb(code) + HALF),
  }
}

/** 3 values a pixel become 3. */
export const libtiffRgb = (ycbcr: Uint8Array, luma: readonly number[], blackWhite: readonly number[]): Uint8Array => {
  const { y, redCr, greenCr, greenCb, blueCb } = tablesOf(luma, blackWhite)
  const rgb = new Uint8Array(ycbcr.length)
  for (let at = 0; at < rgb.length; at += 3) {
    const [light, cb, cr] = [y[ycbcr[at]!]!, ycbcr[at + 1]!, ycbcr[at + 2]!]
    rgb[at] = clamp(light + redCr[cr]!, 0, 255)
    rgb[at + 1] = clamp(light + ((greenCb[cb]! + greenCr[cr]!) >> SHIFT), 0, 255)
    rgb[at + 2] = clamp(light + blueCb[cb]!, 0, 255)
  }
  return rgb
}
