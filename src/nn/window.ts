/** Windows of a map (Swin, arXiv 2103.14030, §3.2): cut out, put together again, and which of their cells belong together. */
import * as tf from '@tensorflow/tfjs-core'

/** A map's sides in cells. */
export type Sides = readonly [height: number, width: number]

/** The sides, each as the next multiple of the window. */
export const paddedSides = ([height, width]: Sides, window: number): Sides => [
  Math.ceil(height / window) * window,
  Math.ceil(width / window) * window,
]

/** A map [B, H, W, C] moved round by `by` cells: what was at i + by is at i. */
const rolled = (map: tf.Tensor4D, axis: 1 | 2, by: number): tf.Tensor4D => {
  if (by === 0) return map
  const [first, rest] = tf.split(map, [by, map.shape[axis] - by], axis) as [tf.Tensor4D, tf.Tensor4D]
  return tf.concat([rest, first], axis)
}

/** Zeros below and to the right of a map, up to these sides. */
const padded = (map: tf.Tensor4D, [height, width]: Sides): tf.Tensor4D => {
  const [, rows, columns] = map.shape
  if (rows === height && columns === width) return map
  return tf.pad(map, [
    [0, 0],
    [0, height - rows],
    [0, width - columns],
    [0, 0],
  ])
}

/**
 * Map [B, H, W, C] → windows [B · n, window², C], picture by picture: the map is padded to whole windows, then moved up and to
 * the left by `shift` cells, and cut.
 */
export const windowsOf = (map: tf.Tensor4D, window: number, shift: number): tf.Tensor3D => {
  const [batch, rows, columns, features] = map.shape
  const sides = paddedSides([rows, columns], window)
  const [height, width] = sides
  const moved = rolled(rolled(padded(map, sides), 1, shift), 2, shift)
  // Of rank 4: of rank 6, WebAssembly takes much longer.
  const split = tf.reshape(moved, [(batch * height) / window, window, width / window, window * features])
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [
    (batch * height * width) / window ** 2,
    window ** 2,
    features,
  ]) as tf.Tensor3D
}

/** The inverse of `windowsOf`, for a map of these sides; what stood for the padding is cut off. */
export const mapOf = (windows: tf.Tensor3D, [rows, columns]: Sides, window: number, shift: number): tf.Tensor4D => {
  const features = windows.shape[2]
  const [height, width] = paddedSides([rows, columns], window)
  const batch = (windows.shape[0] * window ** 2) / (height * width)
  const split = tf.reshape(windows, [(batch * height) / window, width / window, window, window * features])
  const moved = tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch, height, width, features]) as tf.Tensor4D
  const map = shift === 0 ? moved : rolled(rolled(moved, 1, height - shift), 2, width - shift)
  return rows === height && columns === width ? map : tf.slice(map, [0, 0, 0, 0], [batch, rows, columns, features])
}

/** Added to the scores of cells that are neighbours only because a map was moved round; exp(-100) is 0 in float32. */
const APART = -100

/**
 * What is added to the scores within each window of a shifted map of these sides: [n, window², window²], 0 or -100. Cells of
 * one window that were not side by side before the shift belong to different regions.
 */
export const apartMask = (sides: Sides, window: number, shift: number): tf.Tensor3D => {
  const [height, width] = paddedSides(sides, window)
  const region = (at: number, side: number): number => (at < side - window ? 0 : at < side - shift ? 1 : 2)
  const regions: number[] = []
  for (let top = 0; top < height; top += window)
    for (let left = 0; left < width; left += window)
      for (let cell = 0; cell < window ** 2; cell++)
        regions.push(3 * region(top + Math.floor(cell / window), height) + region(left + (cell % window), width))
  const windows = regions.length / window ** 2
  const of = (shape: [number, number, number]): tf.Tensor3D => tf.tensor3d(regions, shape, 'float32')
  const differ = tf.notEqual(of([windows, window ** 2, 1]), of([windows, 1, window ** 2]))
  return tf.mul(tf.cast(differ, 'float32'), APART)
}
