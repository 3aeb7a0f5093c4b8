/** What a JPEG file says of itself: its frame, and its EXIF and XMP data. */
import { latin1 } from './latin1'
import type { Notes } from './orientation'
import { Undecodable } from './undecodable'

const startsWith = (bytes: Uint8Array, text: string): boolean => latin1(bytes.subarray(0, text.length)) === text

/** Segments of a JPEG file before its first scan: the second byte of their marker, and what they hold. */
function* jpegSegments(bytes: Uint8Array): Generator<readonly [marker: number, content: Uint8Array]> {
  for (let at = 2; at + 3 < bytes.length; ) {
    if (bytes[at] !== 0xff) {
      at++
      continue
    }
    const marker = bytes[at + 1]!
    // Fill bytes, and markers that stand alone.
    if (marker === 0xff || marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    yield [marker, bytes.subarray(at + 4, at + 2 + length)]
    // The start of scan, or the end.
    if (marker === 0xda || marker === 0xd9) return
    at += 2 + Math.max(2, length)
  }
}

/** Start of frame, SOF0 to SOF15; the numbers between them that mean something else are left out. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** Ways to code that decoders for photographs lack. */
const RARE: Readonly<Record<number, string>> = {
  195: 'lossless',
  197: 'hierarchical',
  198: 'hierarchical',
  199: 'hierarchical',
  201: 'arithmetic-coded',
  202: 'arithmetic-coded',
  203: 'lossless, arithmetic-coded',
  205: 'hierarchical, arithmetic-coded',
  206: 'hierarchical, arithmetic-coded',
  207: 'hierarchical, arithmetic-coded',
}

/** Refuses what Pillow refuses; gives the name of a rare way to code, which may not be read. */
export const checkJpeg = (bytes: Uint8Array): string | undefined => {
  for (const [marker, content] of jpegSegments(bytes)) {
    if (!isFrame(marker)) continue
    const [precision, components] = [content[0], content[5]]
    if (precision !== undefined && precision !== 8)
      throw new Undecodable(`it is a JPEG picture of ${precision} bits a sample, which is not read here`)
    if (components !== undefined && ![1, 3, 4].includes(components))
      throw new Undecodable(`it is a JPEG picture of ${components} components, which is not read here`)
    return RARE[marker]
  }
  return undefined
}

const XMP_NAME = 'http://ns.adobe.com/xap/1.0/\0'

/** EXIF and XMP data, found as Pillow finds them. */
export const jpegNotes = (bytes: Uint8Array): Notes => {
  const exif: Uint8Array[] = []
  let xmp: Uint8Array | undefined
  for (const [marker, content] of jpegSegments(bytes)) {
    if (marker !== 0xe1) continue
    // What doesn't fit into one segment goes on in the next.
    if (startsWith(content, 'Exif\0\0')) exif.push(exif.length === 0 ? content : content.subarray(6))
    else if (startsWith(content, XMP_NAME)) xmp = content.subarray(XMP_NAME.length)
  }
  return { exif: exif.length === 0 ? undefined : Buffer.concat(exif), xmp }
}
