/** Files damaged by chance or by malice: what is changed is drawn, so that a seed gives the same ones again. */
import type { Random } from '../../src/base/random'

/** Numbers over which readers stumble, as lengths, counts and places. */
const NASTY: readonly bigint[] = [
  0n,
  1n,
  2n,
  4n,
  7n,
  8n,
  0x7fn,
  0x80n,
  0xffn,
  0x100n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x10000n,
  0xffffffn,
  0x7fffffffn,
  0x80000000n,
  0xfffffff0n,
  0xffffffffn,
  0x100000000n,
  0x1fffffffffffffn,
  0x20000000000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
]

/** What readers of texts stumble over. */
const TEXTS: readonly string[] = [
  '-1',
  '1e-9',
  '1e999',
  'NaN',
  '99999999999999999999',
  '0x10',
  '\0',
  '\x1b[2J',
  '\n',
  '"',
  '{',
  '[[[[',
  ',',
  "('",
  '\ud800',
  'ä',
  ' ',
]

type Change = (bytes: Buffer, draw: Random, other: Buffer) => Buffer

const placeIn = (bytes: Buffer, draw: Random): number => draw.integer(Math.max(1, bytes.length))

const cut = (bytes: Buffer, from: number, to: number, between: Uint8Array = new Uint8Array(0)): Buffer =>
  Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(to)])

const CHANGES: readonly Change[] = [
  // a bit
  (bytes, draw) => {
    const at = placeIn(bytes, draw)
    bytes[at] = bytes[at]! ^ (1 << draw.integer(8))
    return bytes
  },
  // a byte
  (bytes, draw) => {
    bytes[placeIn(bytes, draw)] = draw.integer(256)
    return bytes
  },
  // a number of 1, 2, 4 or 8 bytes, in both orders
  (bytes, draw) => {
    const size = 2 ** draw.integer(4)
    const at = placeIn(bytes, draw)
    const value = Buffer.alloc(8)
    value.writeBigUInt64LE(NASTY[draw.integer(NASTY.length)]!)
    const number = value.subarray(0, size)
    if (draw.integer(2) === 0) number.reverse()
    number.copy(bytes, at, 0, Math.min(size, bytes.length - at))
    return bytes
  },
  // a text
  (bytes, draw) => {
    const at = placeIn(bytes, draw)
    const text = Buffer.from(TEXTS[draw.integer(TEXTS.length)]!)
    return cut(bytes, at, draw.integer(2) === 0 ? at : at + text.length, text)
  },
  // cut off
  (bytes, draw) => bytes.subarray(0, placeIn(bytes, draw)),
  // a part left out
  (bytes, draw) => {
    const at = placeIn(bytes, draw)
    return cut(bytes, at, at + 1 + draw.integer(64))
  },
  // a part twice
  (bytes, draw) => {
    const at = placeIn(bytes, draw)
    return cut(bytes, at, at, bytes.subarray(at, at + 1 + draw.integer(256)))
  },
  // a part of one byte over and over
  (bytes, draw) =>
    bytes.fill(draw.integer(256), placeIn(bytes, draw), Math.min(bytes.length, placeIn(bytes, draw) + draw.integer(64))),
  // a part of another file
  (bytes, draw, other) => {
    const from = placeIn(other, draw)
    const at = placeIn(bytes, draw)
    return cut(bytes, at, at + draw.integer(32), other.subarray(from, from + 1 + draw.integer(128)))
  },
]

/** A file with one to four changes. */
export const mutant = (whole: Uint8Array, other: Uint8Array, draw: Random): Buffer => {
  let bytes: Buffer = Buffer.from(whole)
  for (let changes = 1 + draw.integer(4); changes > 0; changes--)
    bytes = CHANGES[draw.integer(CHANGES.length)]!(bytes, draw, Buffer.from(other))
  return bytes
}
