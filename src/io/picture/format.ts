/** Formats of pictures, told by the first bytes, whatever a file is called. */

export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'bmp' | 'pnm'

const TIFF = /^(?:MM\0[*+]|II[*+]\0|MM\*\0|II\0\*)/
const STARTS: readonly (readonly [Format, RegExp])[] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n/],
  ['webp', /^RIFF....WEBP/s],
  ['gif', /^GIF8[79]a/],
  ['tiff', TIFF],
  ['bmp', /^BM/],
  ['pnm', /^P(?:[1-6f]|[0y]CMYK|yRGBA)\s/],
]

/** The format of a file that begins with these bytes; undefined for those that aren't read here. */
export const formatOf = (bytes: Uint8Array): Format | undefined => {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  return STARTS.find(([, pattern]) => pattern.test(start))?.[0]
}

/** Whether the end of a damaged file is missing, as far as its format tells. */
export const isCutOff = (format: Format, bytes: Uint8Array): boolean => {
  const end = Buffer.from(bytes.subarray(-1024))
  switch (format) {
    case 'jpeg':
      return !end.includes('\xff\xd9', 0, 'latin1')
    case 'png':
      return !end.includes('IEND')
    case 'webp':
      return bytes.length < 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
    default:
      return false
  }
}
