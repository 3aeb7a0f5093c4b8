/** Operations over the height and width of pictures [B, H, W, C]. */

import { integers, text } from '../attributes'
import { knownIntegers } from '../constant'
import { DTYPE } from '../dtype'
import { infoOf, type Value } from '../operation'
import { dtypeAt, type Infer, type Shape, shapeAt, UNKNOWN } from './kind'

type Attributes = Parameters<Infer>[1]

/** The length of an axis over which a window goes. */
const windows = (attributes: Attributes, axis: number, length: number, window: number): number => {
  const [stride, dilation] = ['strides', 'dilations'].map((name) => integers(attributes, name)[axis] ?? 1) as [number, number]
  if (length === UNKNOWN) return UNKNOWN
  if (text(attributes, 'padding') === 'SAME') return Math.ceil(length / stride)
  const explicit = integers(attributes, 'explicit_paddings')
  const padded = length + (explicit[2 * axis] ?? 0) + (explicit[2 * axis + 1] ?? 0)
  return Math.max(0, Math.ceil((padded - (window - 1) * dilation) / stride))
}

const over = (attributes: Attributes, [batch, height, width]: Shape, [down, across]: Shape, channels: number): Shape => [
  batch!,
  windows(attributes, 1, height!, down!),
  windows(attributes, 2, width!, across!),
  channels,
]

/** Filters are [h, w, in, out]. */
export const conv2D: Infer = (inputs, attributes) => {
  const filter = shapeAt(inputs, 1)
  return [{ dtype: dtypeAt(inputs, 0), shape: over(attributes, shapeAt(inputs, 0), filter, filter[3]!) }]
}

/** Filters are [h, w, in, multiplier]. */
export const depthwiseConv2D: Infer = (inputs, attributes) => {
  const filter = shapeAt(inputs, 1)
  return [{ dtype: dtypeAt(inputs, 0), shape: over(attributes, shapeAt(inputs, 0), filter, filter[2]! * filter[3]!) }]
}

const asked = (value: Value): Shape => knownIntegers(value).map((dim) => dim ?? UNKNOWN)

/** The gradient by the pictures, whose shape the first input says. */
export const byPictures: Infer = (inputs) => [{ dtype: dtypeAt(inputs, 2), shape: asked(inputs[0]!) }]

/** The gradient by the filters, whose shape the second input says. */
export const byFilters: Infer = (inputs) => [{ dtype: dtypeAt(inputs, 2), shape: asked(inputs[1]!) }]

export const pool: Infer = (inputs, attributes) => {
  const shape = shapeAt(inputs, 0)
  return [{ dtype: dtypeAt(inputs, 0), shape: over(attributes, shape, integers(attributes, 'ksize').slice(1), shape[3]!) }]
}

/** The shape of the pictures is the first input. */
export const averageGradient: Infer = (inputs) => [{ dtype: dtypeAt(inputs, 1), shape: asked(inputs[0]!) }]

/** The pictures are the first input. */
export const maximumGradient: Infer = (inputs) => [infoOf(inputs[0]!)]

/** The second input is [height, width]. */
export const resize: Infer = (inputs) => {
  const [batch, , , channels] = shapeAt(inputs, 0)
  return [{ dtype: DTYPE.float32, shape: [batch!, ...asked(inputs[1]!), channels!] }]
}

/** The second input is the pictures that were resized. */
export const bilinearGradient: Infer = (inputs) => [{ dtype: dtypeAt(inputs, 1), shape: shapeAt(inputs, 1) }]

/** The second input is the [height, width] that the pictures had. */
export const nearestGradient: Infer = (inputs) => {
  const [batch, , , channels] = shapeAt(inputs, 0)
  return [{ dtype: dtypeAt(inputs, 0), shape: [batch!, ...asked(inputs[1]!), channels!] }]
}
