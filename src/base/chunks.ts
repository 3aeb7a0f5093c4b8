/** Rows on their way to what computes, a chunk at a time: it never holds all of them, however many there are. */

/** Numbers of a chunk at most, 8 MiB, and of what is made of it in one piece. */
const GIVEN = 2 ** 21
const MADE = 2 ** 22

/** How many rows make a chunk, of so many numbers each, of each of which so many are made. */
export const chunkRows = (width: number, made: number): number => Math.max(1, Math.floor(Math.min(GIVEN / width, MADE / made)))

/**
 * Has all rows computed, a chunk after the other, and takes what comes of each in their order. Two are under way at a time: what
 * computes gets the next chunk while it is at one.
 */
export const eachChunk = async <A>(
  rows: number,
  size: number,
  compute: (from: number, to: number) => Promise<A>,
  take: (found: A, from: number, to: number) => void,
): Promise<void> => {
  let before: (() => Promise<void>) | undefined
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(from + size, rows)
    const found = compute(from, to)
    // Whoever waits for it is told.
    found.catch(() => undefined)
    await before?.()
    before = async () => take(await found, from, to)
  }
  await before?.()
}

/** Adds the numbers of a chunk to those of all, place by place. */
export const add = (to: Float64Array, values: Float32Array): void => {
  for (let i = 0; i < values.length; i++) to[i]! += values[i]!
}
