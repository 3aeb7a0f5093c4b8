/** Pictures as the numbers that a network takes. */
import { elements } from '../base/shape'
import type { Size } from '../image/crop'
import { normalizeInto } from '../image/normalize'
import type { Picture } from '../image/picture'
import type { HostTensor } from '../nn/tensorFunction'

export interface NetworkInput {
  /** Of prepared pictures. */
  readonly size: Size
  readonly channels: 1 | 3
  /** How they are normalised, one number a channel. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** Normalised images [B, H, W, C]. */
export interface Images {
  readonly values: Float32Array
  readonly shape: readonly [number, number, number, number]
}

/** The same images as [B, C, H, W]. */
export const channelsFirst = ({ values, shape: [count, height, width, channels] }: Images) => {
  const turned = new Float32Array(values.length)
  const area = height * width
  for (let i = 0; i < count; i++)
    for (let at = 0; at < area; at++)
      for (let c = 0; c < channels; c++) turned[(i * channels + c) * area + at] = values[(i * area + at) * channels + c]!
  return { values: turned, shape: [count, channels, height, width] as const }
}

/** Prepared pictures, normalised. */
export const normalized = ({ size, channels, mean, std }: NetworkInput, pictures: readonly Picture[]): Images => {
  const write = normalizeInto(mean, std)
  const area = size[0] * size[1] * channels
  const values = new Float32Array(pictures.length * area)
  for (const [i, picture] of pictures.entries()) write(values, i * area)(picture)
  return { values, shape: [pictures.length, ...size, channels] }
}

/** Images with zeros after them, up to a number of images; as many or more stay as they are. */
export const paddedTo = (number: number, images: HostTensor): HostTensor => {
  const { values, shape } = images
  const [count, ...size] = shape
  if (count! >= number) return images
  const all = new Float32Array(number * elements(size))
  all.set(values)
  return { values: all, shape: [number, ...size] }
}

/** The first of several rows. */
export const firstRows = (count: number, { values, shape: [, ...row] }: HostTensor): HostTensor => ({
  values: values.subarray(0, count * elements(row)),
  shape: [count, ...row],
})
