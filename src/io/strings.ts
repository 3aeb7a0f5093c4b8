/** Very many texts in little memory: their bytes lie one behind the other, and a text is made only when it is asked for. */

export interface Strings {
  readonly count: number
  readonly at: (i: number) => string
  /** All bytes, in pieces, each text behind two bytes with its length. */
  readonly bytes: readonly Uint8Array[]
}

export interface StringsBuilder {
  /** Adds a text of less than 64 kB. */
  readonly add: (text: string) => void
  /** What was added; the builder is used up. */
  readonly done: () => Strings
}

const PIECE = 2 ** 20
const LENGTH = 2
const LONGEST = 2 ** 16

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export const stringsBuilder = (): StringsBuilder => {
  const pieces: Uint8Array[] = []
  /** Where each text begins: the piece times `PIECE`, and the place in it. */
  const starts: number[] = []
  let piece = new Uint8Array(0)
  let used = 0
  // A letter takes three bytes at most.
  const scratch = new Uint8Array(3 * LONGEST)
  const close = (): void => {
    if (used > 0) pieces.push(piece.subarray(0, used))
  }
  return {
    add: (text) => {
      const { written: length } = encoder.encodeInto(text, scratch)
      if (used + LENGTH + length > piece.length) {
        close()
        piece = new Uint8Array(PIECE)
        used = 0
      }
      starts.push(pieces.length * PIECE + used)
      piece[used] = length & 255
      piece[used + 1] = length >> 8
      piece.set(scratch.subarray(0, length), used + LENGTH)
      used += LENGTH + length
    },
    done: () => {
      close()
      const places = Float64Array.from(starts)
      return {
        count: places.length,
        bytes: pieces,
        at: (i) => {
          const bytes = pieces[Math.floor(places[i]! / PIECE)]!
          const from = (places[i]! % PIECE) + LENGTH
          return decoder.decode(bytes.subarray(from, from + bytes[from - 2]! + (bytes[from - 1]! << 8)))
        },
      }
    },
  }
}
