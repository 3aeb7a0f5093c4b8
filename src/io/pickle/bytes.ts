/** The bytes of a pickle, read one after another. What isn't there is told by `Unreadable`, which never leaves the reader. */

/** Why a pickle can't be read: half a sentence, to be put behind its name. */
export class Unreadable extends Error {}

/** Longest number in digits or bytes; Python's are of any length, those of weights aren't. */
const NUMBER_LIMIT = 256

export interface Bytes {
  /** Where the next byte is. */
  readonly at: () => number
  readonly unsigned: (size: 1 | 2 | 4 | 8) => number
  readonly int32: () => number
  readonly double: () => number
  /** The next bytes: as many as a length of `size` bytes before them says. */
  readonly sized: (size: 1 | 2 | 4 | 8) => Uint8Array
  /** A number in two's complement, of as many bytes as a length of `size` bytes before it says. */
  readonly long: (size: 1 | 4) => number | bigint
  /** The bytes up to the end of the line, as Latin-1. */
  readonly line: () => string
  /** A number as digits, up to the end of the line. */
  readonly digits: () => number | bigint
}

/** As a double where that holds it. */
const narrowed = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value

export const bytesOf = (bytes: Uint8Array): Bytes => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0

  /** Steps over the next bytes; gives where they begin. */
  const step = (count: number): number => {
    if (count > bytes.length - position)
      throw new Unreadable(
        `it is cut off: ${count} bytes should follow byte ${position}, but there are ${bytes.length - position}`,
      )
    position += count
    return position - count
  }
  const unsigned: Bytes['unsigned'] = (size) => {
    const from = step(size)
    if (size === 1) return view.getUint8(from)
    if (size === 2) return view.getUint16(from, true)
    if (size === 4) return view.getUint32(from, true)
    // A length beyond 2^53 is longer than any file, however it is rounded.
    return Number(view.getBigUint64(from, true))
  }
  const sized: Bytes['sized'] = (size) => {
    const count = unsigned(size)
    const from = step(count)
    return bytes.subarray(from, from + count)
  }
  const line = (): string => {
    const from = position
    const end = bytes.indexOf(0x0a, from)
    if (end < 0) throw new Unreadable(`it is cut off: the line that begins at byte ${from} has no end`)
    position = end + 1
    return Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1')
  }

  return {
    at: () => position,
    unsigned,
    int32: () => view.getInt32(step(4), true),
    double: () => view.getFloat64(step(8)),
    sized,
    long: (size) => {
      const from = position
      const digits = sized(size)
      if (digits.length > NUMBER_LIMIT) throw new Unreadable(`the number at byte ${from} is of ${digits.length} bytes`)
      if (digits.length === 0) return 0
      const hexadecimal = Buffer.from(digits).reverse().toString('hex')
      return narrowed(BigInt.asIntN(8 * digits.length, BigInt(`0x${hexadecimal}`)))
    },
    line,
    digits: () => {
      const from = position
      const text = line()
      if (text.length > NUMBER_LIMIT || !/^[+-]?\d+L?$/.test(text)) throw new Unreadable(`there is no number at byte ${from}`)
      return narrowed(BigInt(text.replace(/^\+|L$/g, '')))
    },
  }
}
