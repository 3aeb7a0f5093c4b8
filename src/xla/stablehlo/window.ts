/** Windows that move over pictures. */

import { integers, text } from '../../graph/attributes'
import type { Operation } from '../../graph/operation'
import type { Shape } from './instructions'

/** Along one axis of a picture. */
export interface Window {
  /** Lengths of the picture and of what comes out. */
  readonly input: number
  readonly output: number
  /** Places that the window has, and how far they are apart. */
  readonly size: number
  readonly dilation: number
  readonly stride: number
  /** How far the picture is continued at its ends. */
  readonly before: number
  readonly after: number
}

/** Which axes of a tensor of pictures are what. */
export interface Layout {
  readonly channels: number
  readonly spatial: readonly [number, number]
}

export const layoutOf = (one: Operation): Layout =>
  text(one.attributes, 'data_format', 'NHWC') === 'NCHW' ? { channels: 1, spatial: [2, 3] } : { channels: 3, spatial: [1, 2] }

/** From the first place of a window to behind its last. */
export const reach = ({ size, dilation }: Pick<Window, 'size' | 'dilation'>): number => (size - 1) * dilation + 1

/** The windows of an operation along both axes, over pictures of one shape that become others of another. */
export const windowsOf = (
  one: Operation,
  pictures: Shape,
  becoming: Shape,
  sizes: readonly [number, number],
): readonly [Window, Window] => {
  const { spatial } = layoutOf(one)
  const padding = text(one.attributes, 'padding', 'VALID')
  const all = [1, 1, 1, 1]
  const [strides, dilations] = [integers(one.attributes, 'strides', all), integers(one.attributes, 'dilations', all)]
  const explicit = integers(one.attributes, 'explicit_paddings', [])
  const along = (i: 0 | 1): Window => {
    const axis = spatial[i]
    const [input, output] = [pictures[axis]!, becoming[axis]!]
    const [size, stride, dilation] = [sizes[i], strides[axis]!, dilations[axis]!]
    const given = { input, output, size, dilation, stride }
    if (padding === 'EXPLICIT') return { ...given, before: explicit[2 * axis] ?? 0, after: explicit[2 * axis + 1] ?? 0 }
    if (padding === 'VALID') return { ...given, before: 0, after: 0 }
    const missing = Math.max((output - 1) * stride + reach(given) - input, 0)
    const before = Math.floor(missing / 2)
    return { ...given, before, after: missing - before }
  }
  return [along(0), along(1)]
}

/** What continues the output, set apart by the stride, so that a window of the same reach over it gives as many as the input has. */
export const backwards = (window: Window): readonly [number, number] => {
  const low = reach(window) - 1 - window.before
  return [low, window.input - ((window.output - 1) * window.stride + 1) - low + reach(window) - 1]
}
