import { type Machine, machineOf } from '../../base/webAssembly'
import { PIXELS } from './binary'

/** The functions of assembly/pixels.ts, which says what they do. All of them take addresses and sizes in bytes and pixels. */
export interface Kernels {
  readonly resampleRows: (
    source: number,
    sourcePitch: number,
    height: number,
    target: number,
    pitch: number,
    stride: number,
    width: number,
    first: number,
    groups: number,
    most: number,
    weights: number,
  ) => void
  readonly resampleColumns: (
    source: number,
    target: number,
    pitch: number,
    height: number,
    first: number,
    groups: number,
    most: number,
    weights: number,
  ) => void
  readonly unpack: (
    source: number,
    sourcePitch: number,
    target: number,
    pitch: number,
    stride: number,
    width: number,
    height: number,
  ) => void
  readonly flip: (source: number, target: number, pitch: number, width: number, height: number) => void
  readonly point: (plane: number, bytes: number, table: number) => void
  readonly lumaSum: (planes: number, pitch: number, stride: number, width: number, height: number) => number
  readonly grayscale: (planes: number, stride: number, bytes: number) => void
  readonly saturation: (planes: number, stride: number, bytes: number, factor: number) => void
  readonly hue: (planes: number, stride: number, bytes: number, turn: number) => void
  readonly blurRows: (
    plane: number,
    pitch: number,
    width: number,
    height: number,
    reach: number,
    inner: number,
    outer: number,
    line: number,
    other: number,
  ) => void
  readonly blurColumns: (
    source: number,
    target: number,
    pitch: number,
    height: number,
    reach: number,
    inner: number,
    outer: number,
  ) => void
  readonly normalize: (
    planes: number,
    pitch: number,
    stride: number,
    width: number,
    height: number,
    tables: number,
    target: number,
  ) => void
}

/** A memory of its own, and the kernels that work in it. */
export const newMachine = (): Machine<Kernels> => machineOf(PIXELS)
