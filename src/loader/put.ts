/** What is done to a picture for its views, up to the numbers that the network gets. */
import { newCanvas } from '../image/kernel/canvas'
import { normalizations, normalizeInto } from '../image/normalize'
import type { Picture } from '../image/picture'
import { applyAll, type Drawing, finishAll, paintAll } from '../ops/augmentation/kind'

/** Larger pictures stay out of the canvas, whose memory never shrinks. */
const MOST_VALUES = 2 ** 28

/** Writes what comes of a picture by all that was drawn, normalised, into an array from a place on. */
export type Put = (picture: Picture, drawing: Drawing, target: Float32Array, offset: number) => void

/** Pictures in colour go over a canvas; the results are the same. */
export const putting = (mean: readonly number[], std: readonly number[]): Put => {
  const tables = normalizations(mean, std)
  const write = normalizeInto(mean, std)
  const canvas = newCanvas()
  return (picture, drawing, target, offset) => {
    if (picture.channels === 1 || picture.data.length > MOST_VALUES) write(target, offset)(applyAll(drawing.steps, picture))
    else {
      canvas.put(picture)
      paintAll(drawing.steps, canvas)
      canvas.normalizeInto(tables, target, offset)
    }
    finishAll(drawing, target, offset)
  }
}
