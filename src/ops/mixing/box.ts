/** What mixing draws for a batch: how much of each picture stays, and where another one takes its place. */
import { beta } from '../../base/beta'
import type { Random } from '../../base/random'

/** A rectangle of pixels: rows from `top` up to, not including, `bottom`; columns likewise. */
export interface Box {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** The numbers of a batch: pixels in the box are the other picture's, of the others `blend` is a picture's own; of the label, `lambda` is. */
export interface Mix extends Box {
  readonly lambda: number
  readonly blend: number
}

export interface Mixture {
  /** α of mixup's and of CutMix's Beta(α, α); 0: none. */
  readonly mixup: number
  readonly cutmix: number
  /** Share of the batches that are mixed, and where both are there, of these the share by CutMix. */
  readonly p: number
  readonly switchProb: number
}

const NOWHERE: Box = { top: 0, bottom: 0, left: 0, right: 0 }
export const UNMIXED: Mix = { lambda: 1, blend: 1, ...NOWHERE }

type Size = readonly [height: number, width: number]

/**
 * A box of the share 1 - λ of a picture around a pixel, cut off at its edges, as CutMix and timm have it (rand_bbox); λ is then
 * what is left.
 */
export const boxMix = ([height, width]: Size, lambda: number, row: number, column: number): Mix => {
  const side = Math.sqrt(1 - lambda)
  const within = (middle: number, length: number): readonly [number, number] => {
    const half = Math.floor(Math.floor(length * side) / 2)
    return [Math.max(0, middle - half), Math.min(length, middle + half)]
  }
  const [top, bottom] = within(row, height)
  const [left, right] = within(column, width)
  return { lambda: 1 - ((bottom - top) * (right - left)) / (height * width), blend: 1, top, bottom, left, right }
}

/** What is drawn for a batch of pictures of a size. */
export const drawMix = ({ mixup, cutmix, p, switchProb }: Mixture, draw: Random, size: Size): Mix => {
  if (draw.uniform() >= p) return UNMIXED
  const byCutmix = cutmix > 0 && (mixup === 0 || draw.uniform() < switchProb)
  const alpha = byCutmix ? cutmix : mixup
  const lambda = beta(draw, alpha, alpha)
  return byCutmix ? boxMix(size, lambda, draw.integer(size[0]), draw.integer(size[1])) : { ...UNMIXED, lambda, blend: lambda }
}
