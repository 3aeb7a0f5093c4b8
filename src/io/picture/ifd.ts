/**
 * A directory of TIFF, as EXIF data and TIFF pictures have it.
 *
 * Layout: the number of entries (16 bits; BigTIFF: 64), then for each its tag and type (16 bits), the number of its values (32; 64), and the
 * values themselves, or where they lie if they take more than 4 (8) bytes.
 */

export interface Directory {
  readonly littleEndian: boolean
  /** The numbers of a tag, the first `most` of them; undefined where it isn't there. */
  readonly numbers: (tag: number, most?: number) => readonly number[] | undefined
  /** The type of a tag's values. */
  readonly type: (tag: number) => number | undefined
  /** The bytes of a tag. */
  readonly bytes: (tag: number) => Uint8Array | undefined
}

interface Field {
  readonly type: number
  readonly count: number
  readonly at: number
}

/** How many bytes a value of each type takes. */
const SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
}

/** No tag has more of them, but for the places of strips and tiles: the colours of a palette of 16 bits. */
const MANY = 3 * 65_536

const [LITTLE, BIG] = [0x4949, 0x4d4d]
const BIG_TIFF = 43

/** As a number; what is beyond 2^53 is beyond every file, however it is rounded. */
const readNumber = (view: DataView, type: number, at: number, little: boolean): number => {
  switch (type) {
    case 1:
    case 2:
    case 7:
      return view.getUint8(at)
    case 3:
      return view.getUint16(at, little)
    case 4:
    case 13:
      return view.getUint32(at, little)
    case 5:
      return view.getUint32(at, little) / view.getUint32(at + 4, little)
    case 6:
      return view.getInt8(at)
    case 8:
      return view.getInt16(at, little)
    case 9:
      return view.getInt32(at, little)
    case 10:
      return view.getInt32(at, little) / view.getInt32(at + 4, little)
    case 11:
      return view.getFloat32(at, little)
    case 12:
      return view.getFloat64(at, little)
    case 17:
      return Number(view.getBigInt64(at, little))
    default:
      return Number(view.getBigUint64(at, little))
  }
}

/**
 * The first directory of a TIFF file, or of EXIF data behind their name; undefined if there is none. Entries of unknown types, or whose
 * values lie outside, are left out; of two with one tag the latter counts.
 */
export const readDirectory = (bytes: Uint8Array): Directory | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 8) return undefined
  const order = view.getUint16(0)
  if (order !== LITTLE && order !== BIG) return undefined
  const little = order === LITTLE
  // Some writers have put the number of the version in the other order.
  const big = view.getUint16(2, little) === BIG_TIFF
  const [pointer, countBytes, entry, inline] = big ? [8, 8, 20, 8] : [4, 2, 12, 4]
  const offsetAt = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little))
  if (pointer! + inline! > bytes.length) return undefined
  const start = offsetAt(pointer!)
  if (start + countBytes! > bytes.length) return undefined
  const count = big ? offsetAt(start) : view.getUint16(start, little)
  const fields = new Map<number, Field>()
  for (let i = 0; i < count; i++) {
    const at = start + countBytes! + i * entry!
    if (at + entry! > bytes.length) break
    const [tag, type, values] = [view.getUint16(at, little), view.getUint16(at + 2, little), offsetAt(at + 4)]
    const length = values * (SIZES[type] ?? Number.NaN)
    const place = length <= inline! ? at + entry! - inline! : offsetAt(at + entry! - inline!)
    if (place + length <= bytes.length) fields.set(tag, { type, count: values, at: place })
  }
  return {
    littleEndian: little,
    type: (tag) => fields.get(tag)?.type,
    numbers: (tag, most = MANY) => {
      const field = fields.get(tag)
      if (field === undefined) return undefined
      const size = SIZES[field.type]!
      return Array.from({ length: Math.min(most, field.count) }, (_, i) =>
        readNumber(view, field.type, field.at + i * size, little),
      )
    },
    bytes: (tag) => {
      const field = fields.get(tag)
      return field && bytes.subarray(field.at, field.at + field.count * SIZES[field.type]!)
    },
  }
}
