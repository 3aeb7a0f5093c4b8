/** Why a picture can't be decoded. */

import { type Failure, missing } from '../../base/failure'

/** Half a sentence, to be put behind the picture's name. Thrown inside; never leaves the decoder. */
export class Undecodable extends Error {}

/** Pillow's limit, Image.MAX_IMAGE_PIXELS, above twice which it takes a picture for a decompression bomb. */
const MOST_PIXELS = 2 * 89_478_485

/**
 * In bytes, for the file, what it unpacks to and what is made of it: a picture of the most pixels in colour, 3 bytes each, is within. It bounds the
 * time too, as what takes more memory takes longer.
 */
export const MOST_MEMORY = 600_000_000

/** What is wrong with an array of pictures (a count, a height, a width) each of which has more pixels than any picture may have. */
export const tooLarge = (path: string, [, height = 0, width = 0]: readonly number[]): Failure | undefined =>
  height * width > MOST_PIXELS
    ? missing(
        `${path} holds pictures of ${height}×${width} pixels, more than the ${MOST_PIXELS.toLocaleString('en-US')} that one may have`,
        'Give smaller pictures.',
      )
    : undefined

export const inMegabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

/** Refuses pictures that are empty, too large, or need too much memory; `perPixel` is how many bytes decoding takes for each. */
export const checkSize = (width: number, height: number, perPixel: number, file: Uint8Array): void => {
  const pixels = width * height
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new Undecodable(`its size is ${width}×${height}`)
  if (pixels > MOST_PIXELS) throw new Undecodable(`it has more than ${MOST_PIXELS.toLocaleString('en-US')} pixels`)
  const memory = pixels * perPixel + file.length
  if (memory > MOST_MEMORY)
    throw new Undecodable(
      `its ${width}×${height} pixels take about ${inMegabytes(memory)} of memory to decode, more than the ${inMegabytes(MOST_MEMORY)} allowed`,
    )
}
