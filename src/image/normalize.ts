import type { Picture } from './picture'

/** (x / 255 - mean) / std for every x in 0–255, each operation rounded to float32 as PyTorch does. */
const normalizedLevels = (mean: number, std: number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, x) => Math.fround(Math.fround(x / 255) - Math.fround(mean)) / Math.fround(std))

/** The tables of (x / 255 - mean) / std, one a channel. */
export const normalizations = (mean: readonly number[], std: readonly number[]): readonly Float32Array[] =>
  mean.map((m, channel) => normalizedLevels(m, std[channel]!))

/**
 * Writes a picture as height × width × channels float32 numbers (x / 255 - mean) / std into `target` from `offset` on:
 * torchvision's `ToTensor` and `Normalize`, with the channels last. `mean` and `std` have one number for each channel.
 */
export const normalizeInto = (mean: readonly number[], std: readonly number[]) => {
  const levels = normalizations(mean, std)
  return (target: Float32Array, offset: number) =>
    ({ channels, data }: Picture): void => {
      for (let c = 0; c < channels; c++) {
        const table = levels[c]!
        for (let i = c; i < data.length; i += channels) target[offset + i] = table[data[i]!]!
      }
    }
}

/** A picture as height × width × channels float32 numbers (x / 255 - mean) / std: `normalizeInto` a new array. */
export const normalize = (mean: readonly number[], std: readonly number[]) => {
  const into = normalizeInto(mean, std)
  return (picture: Picture): Float32Array => {
    const target = new Float32Array(picture.data.length)
    into(target, 0)(picture)
    return target
  }
}

/** The picture of these numbers, back from `normalize`: what isn't a level from 0 to 255 becomes the nearest one. */
export const denormalize =
  (mean: readonly number[], std: readonly number[]) =>
  (values: Float32Array, { width, height, channels }: Omit<Picture, 'data'>): Picture => ({
    width,
    height,
    channels,
    data: Uint8Array.from(values, (value, i) =>
      Math.max(0, Math.min(255, Math.round(255 * (value * std[i % channels]! + mean[i % channels]!)))),
    ),
  })
