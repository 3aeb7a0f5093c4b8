/** What a WebP file says of itself: its EXIF and XMP data. */
import { latin1 } from './latin1'
import type { Notes } from './orientation'

export const webpNotes = (bytes: Uint8Array): Notes => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let exif: Uint8Array | undefined
  let xmp: Uint8Array | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true)
    const type = latin1(bytes.subarray(at, at + 4))
    const content = bytes.subarray(at + 8, at + 8 + length)
    if (type === 'EXIF') exif ??= content
    if (type === 'XMP ') xmp ??= content
    at += 8 + length + (length % 2)
  }
  return { exif, xmp }
}
