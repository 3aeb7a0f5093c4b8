/** What goes before the values of each reduction, so that members that ask for different things learn of it. */
import type { Reduction } from '../../base/reduction'

/** What is asked for: a reduction, as which of all, of how many values. */
export interface Request {
  readonly reduction: Reduction
  /** Counted from 1. */
  readonly sequence: number
  readonly length: number
}

/** Bytes of a header: a mark, the kind (both 32 bits), then sequence and length (64-bit floats); all little-endian. */
export const HEADER_BYTES = 24
const MARK = 0x676e_6952 // 'Ring'
const [KIND_AT, SEQUENCE_AT, LENGTH_AT] = [4, 8, 16]

/** In place of a reduction: a note of a breach follows, of `length` bytes. */
const NOTE = 0
const KINDS: readonly (Reduction | undefined)[] = [undefined, 'mean', 'max']

export type Header = Request | { readonly note: number }

const encode = (kind: number, sequence: number, length: number): Buffer => {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt32LE(MARK, 0)
  bytes.writeUInt32LE(kind, KIND_AT)
  bytes.writeDoubleLE(sequence, SEQUENCE_AT)
  bytes.writeDoubleLE(length, LENGTH_AT)
  return bytes
}

export const encodeRequest = ({ reduction, sequence, length }: Request): Buffer =>
  encode(KINDS.indexOf(reduction), sequence, length)
export const encodeNoteHeader = (bytes: number): Buffer => encode(NOTE, 0, bytes)

const kindIn = (bytes: Buffer): number | undefined =>
  bytes.readUInt32LE(0) === MARK && bytes.readUInt32LE(KIND_AT) < KINDS.length ? bytes.readUInt32LE(KIND_AT) : undefined

/** Whether the beginning of a header, all but its last byte, is one of a request. */
export const beginsRequest = (bytes: Buffer): boolean => (kindIn(bytes) ?? NOTE) !== NOTE

/** Undefined for what isn't a header. */
export const decodeHeader = (bytes: Buffer): Header | undefined => {
  const kind = kindIn(bytes)
  if (kind === undefined) return undefined
  const length = bytes.readDoubleLE(LENGTH_AT)
  const reduction = KINDS[kind]
  return reduction === undefined ? { note: length } : { reduction, length, sequence: bytes.readDoubleLE(SEQUENCE_AT) }
}

const textOf = ({ reduction, sequence, length }: Request): string =>
  `${reduction === 'mean' ? 'the mean' : 'the largest'} of ${length} ${length === 1 ? 'value' : 'values'} each as reduction ${sequence}`

/** What the previous member did by asking for something else than this one, if it did. */
export const disagreement = (theirs: Request, mine: Request, rank: number): string | undefined =>
  theirs.reduction === mine.reduction && theirs.sequence === mine.sequence && theirs.length === mine.length
    ? undefined
    : `asks for ${textOf(theirs)}, but member ${rank} for ${textOf(mine)}`
