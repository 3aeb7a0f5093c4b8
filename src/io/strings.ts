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

export const stringsBuilder = (): StringsBuilder => {
  const pieces: Buffer[] = []
  /** Where each text begins: the piece times `PIECE`, and the place in it. */
  const starts: number[] = []
  let piece = Buffer.alloc(0)
  let used = 0
  const close = (): void => {
    if (used > 0) pieces.push(piece.subarray(0, used))
  }
  return {
    add: (text) => {
      const length = Buffer.byteLength(text)
      if (used + LENGTH + length > piece.length) {
        close()
        piece = Buffer.allocUnsafe(PIECE)
        used = 0
      }
      starts.push(pieces.length * PIECE + used)
      piece.writeUInt16LE(length, used)
      piece.write(text, used + LENGTH)
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
          return bytes.toString('utf8', from, from + bytes.readUInt16LE(from - LENGTH))
        },
      }
    },
  }
}
