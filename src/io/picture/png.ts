/** What a PNG file says of itself: its depth, and its EXIF and XMP data, found as Pillow finds them. */
import { inflateSync } from 'node:zlib'
import { latin1 } from './latin1'
import type { Notes } from './orientation'

/** Chunks of a PNG file, in their order. */
function* pngChunks(bytes: Uint8Array): Generator<readonly [type: string, content: Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    if (at + 12 + length > bytes.length) return
    yield [latin1(bytes.subarray(at + 4, at + 8)), bytes.subarray(at + 8, at + 8 + length)]
    at += 12 + length
  }
}

/** Whether a PNG file holds grey of 16 bits without a channel of alpha: by its header, the depth and the colour type. */
export const isDeepGreyPng = (bytes: Uint8Array): boolean => bytes[24] === 16 && bytes[25] === 0

/** What Pillow unpacks of a text at most. */
const LONGEST_TEXT = 2 ** 20

const unpacked = (bytes: Uint8Array): Uint8Array | undefined => {
  try {
    return inflateSync(bytes, { maxOutputLength: LONGEST_TEXT })
  } catch {
    return undefined
  }
}

/** Parts between zero bytes, `count` at most; the last one has the rest. */
const parts = (bytes: Uint8Array, count: number): readonly Uint8Array[] => {
  const end = count > 1 ? bytes.indexOf(0) : -1
  return end === -1 ? [bytes] : [bytes.subarray(0, end), ...parts(bytes.subarray(end + 1), count - 1)]
}

/** A text of a PNG file, perhaps still packed. */
interface Text {
  readonly packed: boolean
  readonly content: Uint8Array
}

/** Key and text of a text chunk (tEXt, zTXt, iTXt). */
const textOf = (type: string, chunk: Uint8Array): readonly [key: string, text: Text] | undefined => {
  const [key = chunk, rest] = parts(chunk, 2)
  if (rest === undefined) return undefined
  if (type === 'tEXt') return [latin1(key), { packed: false, content: rest }]
  if (type === 'zTXt') return rest[0] === 0 ? [latin1(key), { packed: true, content: rest.subarray(1) }] : undefined
  const content = parts(rest.subarray(2), 3)[2]
  return content && [latin1(key), { packed: rest[0] === 1, content }]
}

const plain = (text: Text | undefined): Uint8Array | undefined => (text?.packed ? unpacked(text.content) : text?.content)

/** ImageMagick's way to put EXIF data into a text: a line with their name, one with their length, then hexadecimal digits. */
const ofRawProfile = (text: Uint8Array): Uint8Array =>
  Buffer.from(latin1(text).split('\n').slice(3).join('').replace(/\s/g, ''), 'hex')

export const pngNotes = (bytes: Uint8Array): Notes => {
  let exif: Uint8Array | undefined
  const texts = new Map<string, Text>()
  for (const [type, chunk] of pngChunks(bytes)) {
    if (type === 'IEND') break
    if (type === 'eXIf') exif = chunk
    const [key, text] = type === 'tEXt' || type === 'zTXt' || type === 'iTXt' ? (textOf(type, chunk) ?? []) : []
    if (key !== undefined) texts.set(key, text!)
  }
  const raw = exif === undefined ? plain(texts.get('Raw profile type exif')) : undefined
  return { exif: exif ?? (raw && ofRawProfile(raw)), xmp: plain(texts.get('XML:com.adobe.xmp')) }
}
