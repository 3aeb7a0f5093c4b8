/**
 * A picture of three channels that is worked on in place, by kernels that take 16 bytes at a time (assembly/pixels.ts). What they do
 * is, bit for bit, what the functions of src/image do: those say what is meant and take any picture, these are fast.
 */
import { gaussianBlur, gaussianBox } from '../blur'
import { brightnessTable, contrastTable } from '../color'
import type { Box } from '../crop'
import { type Interpolation, weights } from '../filter'
import type { Histogram } from '../histogram'
import { hueSteps } from '../hue'
import { blank, type Picture } from '../picture'
import type { Resizing } from '../resize'
import { solarizeTable } from '../solarize'
import { newMachine } from './load'
import { packed } from './resizeWeights'

export interface Canvas {
  /** Begins with a picture of three channels. Put several times in a row, it is copied once. */
  readonly put: (picture: Picture) => void
  readonly resize: (resizing: Resizing) => void
  readonly flipHorizontal: () => void
  readonly adjustBrightness: (factor: number) => void
  readonly adjustContrast: (factor: number) => void
  readonly adjustSaturation: (factor: number) => void
  readonly adjustHue: (factor: number) => void
  readonly grayscale: () => void
  readonly gaussianBlur: (radius: number) => void
  readonly solarize: (threshold: number) => void
  /** As `histograms`. */
  readonly histograms: () => readonly Histogram[]
  /** As `point`. */
  readonly point: (table: Uint8Array) => void
  /** As `pointChannels`. */
  readonly pointChannels: (tables: readonly Uint8Array[]) => void
  /** A copy of what it has become. */
  readonly picture: () => Picture
  /** As `normalizeInto`, with the tables of `normalizations`. */
  readonly normalizeInto: (tables: readonly Float32Array[], target: Float32Array, offset: number) => void
}

const CHANNELS = 3
/** Bytes that kernels may read before and behind what is theirs. */
const MARGIN = 64
/** Rows before and behind a plane, for the edges of a blur. */
const SPARE = 16
/** Of a larger box neither the edges nor the sums have room. */
const MOST_REACH = SPARE - 1

/** Addresses of a table of bytes, of one of floats a channel, and of the picture that was put. */
const TABLE = 0
const FLOATS = 256
const SOURCE = FLOATS + 4 * 256 * CHANNELS + MARGIN

/** Three planes: `stride` bytes one behind the other, rows `pitch` bytes apart. */
interface Planes {
  readonly at: number
  readonly width: number
  readonly height: number
  readonly pitch: number
  readonly stride: number
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple

export const newCanvas = (): Canvas => {
  const { run, bytes } = newMachine()
  let source: Picture | undefined
  /** What the source has become; undefined while it is as it was put. */
  let planes: Planes | undefined
  /** Planes of the same size to write to. */
  let others: Planes | undefined
  let free = SOURCE

  const take = (size: number): number => {
    const at = free
    free = roundUp(at + size + MARGIN, MARGIN)
    bytes(free)
    return at
  }
  const takeCopy = (values: Uint8Array): number => {
    const at = take(values.length)
    bytes(0).set(values, at)
    return at
  }
  const takePlanes = (width: number, height: number): Planes => {
    const pitch = roundUp(width, 16)
    const stride = (height + 2 * SPARE) * pitch
    return { at: take(CHANNELS * stride) + SPARE * pitch, width, height, pitch, stride }
  }

  const put = (picture: Picture): void => {
    if (picture !== source) {
      free = SOURCE
      takeCopy(picture.data)
      source = picture
    }
    free = roundUp(SOURCE + picture.data.length + MARGIN, MARGIN)
    planes = undefined
    others = undefined
  }

  const axis = (interpolation: Interpolation, from: number, to: number): readonly [number, number, number, number] => {
    const table = packed(weights(interpolation, from, to))
    const at = takeCopy(table.bytes)
    return [at, at + table.groups, table.most, at + table.weights]
  }
  /** A box of the source as planes, its rows resampled to `width` pixels. */
  const rowsOf = ([left, top, fromWidth, height]: Box, width: number, interpolation: Interpolation): Planes => {
    const pitch = CHANNELS * source!.width
    const start = SOURCE + top * pitch + CHANNELS * left
    const to = takePlanes(width, height)
    if (fromWidth === width) run.unpack(start, pitch, to.at, to.pitch, to.stride, width, height)
    else run.resampleRows(start, pitch, height, to.at, to.pitch, to.stride, width, ...axis(interpolation, fromWidth, width))
    return to
  }
  const columnsOf = (rows: Planes, height: number, interpolation: Interpolation): Planes => {
    const to = takePlanes(rows.width, height)
    const table = axis(interpolation, rows.height, height)
    for (let i = 0; i < CHANNELS; i++)
      run.resampleColumns(rows.at + i * rows.stride, to.at + i * to.stride, rows.pitch, height, ...table)
    return to
  }

  const current = (): Planes => {
    if (planes === undefined) {
      const { width, height } = source!
      planes = rowsOf([0, 0, width, height], width, 'bicubic')
    }
    return planes
  }
  /** Writes other planes from the current ones, which they then are. */
  const rewrite = (does: (from: number, to: number, of: Planes) => void): void => {
    const from = current()
    const to = others ?? takePlanes(from.width, from.height)
    for (let i = 0; i < CHANNELS; i++) does(from.at + i * from.stride, to.at + i * to.stride, from)
    planes = to
    others = from
  }
  const pointChannels = (tables: readonly Uint8Array[]): void => {
    const { at, stride, pitch, height } = current()
    tables.forEach((table, i) => {
      bytes(0).set(table, TABLE)
      run.point(at + i * stride, height * pitch, TABLE)
    })
  }
  const point = (table: Uint8Array): void => pointChannels([table, table, table])

  const picture = (): Picture => {
    const { at, width, height, pitch, stride } = current()
    const out = blank(width, height, CHANNELS)
    const all = bytes(0)
    const target = out.data
    for (let i = 0; i < CHANNELS; i++)
      for (let y = 0, to = i; y < height; y++) {
        const row = at + i * stride + y * pitch
        for (let x = row; x < row + width; x++, to += CHANNELS) target[to] = all[x]!
      }
    return out
  }

  return {
    put,
    picture,
    resize: ({ interpolation, box, size: [height, width] }) => {
      if (planes !== undefined) put(picture())
      const rows = rowsOf(box ?? [0, 0, source!.width, source!.height], width, interpolation)
      planes = rows.height === height ? rows : columnsOf(rows, height, interpolation)
    },
    flipHorizontal: () => rewrite((from, to, { pitch, width, height }) => run.flip(from, to, pitch, width, height)),
    adjustBrightness: (factor) => point(brightnessTable(factor)),
    adjustContrast: (factor) => {
      const { at, pitch, stride, width, height } = current()
      point(contrastTable(factor, run.lumaSum(at, pitch, stride, width, height), width * height))
    },
    adjustSaturation: (factor) => {
      const { at, pitch, stride, height } = current()
      run.saturation(at, stride, height * pitch, factor)
    },
    adjustHue: (factor) => {
      const { at, pitch, stride, height } = current()
      run.hue(at, stride, height * pitch, hueSteps(factor))
    },
    grayscale: () => {
      const { at, pitch, stride, height } = current()
      run.grayscale(at, stride, height * pitch)
    },
    gaussianBlur: (radius) => {
      if (radius === 0) return
      const { reach, inner, outer } = gaussianBox(radius)
      if (reach > MOST_REACH) return put(gaussianBlur(radius)(picture()))
      const { at, width, height, pitch, stride } = current()
      const [line, other] = [take(pitch + 2 * SPARE + MARGIN) + SPARE, take(pitch + 2 * SPARE + MARGIN) + SPARE]
      for (let i = 0; i < CHANNELS; i++) run.blurRows(at + i * stride, pitch, width, height, reach, inner, outer, line, other)
      for (let pass = 0; pass < 3; pass++) rewrite((from, to) => run.blurColumns(from, to, pitch, height, reach, inner, outer))
    },
    solarize: (threshold) => point(solarizeTable(threshold)),
    histograms: () => {
      const { at, width, height, pitch, stride } = current()
      const all = bytes(0)
      return Array.from({ length: CHANNELS }, (_, i) => {
        const counts = new Uint32Array(256)
        for (let y = 0; y < height; y++) {
          const row = at + i * stride + y * pitch
          for (let x = row; x < row + width; x++) counts[all[x]!]!++
        }
        return counts
      })
    },
    point,
    pointChannels,
    normalizeInto: (tables, target, offset) => {
      const { at, width, height, pitch, stride } = current()
      const values = width * height * CHANNELS
      const out = take(4 * values)
      const floats = new Float32Array(bytes(0).buffer)
      tables.forEach((table, channel) => {
        floats.set(table, FLOATS / 4 + 256 * channel)
      })
      run.normalize(at, pitch, stride, width, height, FLOATS, out)
      target.set(floats.subarray(out / 4, out / 4 + values), offset)
    },
  }
}
