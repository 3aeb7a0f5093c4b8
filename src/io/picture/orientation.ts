/** Which way up a picture is, by its EXIF or XMP data, as Pillow's ImageOps.exif_transpose finds it. */
import { readDirectory } from './ifd'

const ORIENTATION = 274
const [BYTE, ASCII, UNDEFINED] = [1, 2, 7]

/** 1 to 8, as EXIF counts; 1: as it is stored. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

const known = (value: number | undefined): Orientation =>
  value !== undefined && Number.isInteger(value) && value >= 1 && value <= 8 ? (value as Orientation) : 1

/** What EXIF data say, with or without their name before them; undefined where they say nothing. */
const ofExif = (exif: Uint8Array | undefined): number | undefined => {
  if (exif === undefined) return undefined
  let bytes = exif
  for (let names = 0; names < 2 && Buffer.from(bytes.subarray(0, 6)).toString('latin1') === 'Exif\0\0'; names++)
    bytes = bytes.subarray(6)
  const directory = readDirectory(bytes)
  const type = directory?.type(ORIENTATION)
  // Pillow takes bytes for a text, which is no orientation.
  return type === BYTE || type === ASCII || type === UNDEFINED ? 0 : directory?.numbers(ORIENTATION, 1)?.[0]
}

/** What a text in XMP says. */
const ofXmp = (xmp: Uint8Array | undefined): number | undefined => {
  const digit = /tiff:Orientation(?:="|>)([0-9])/.exec(Buffer.from(xmp ?? []).toString('latin1'))?.[1]
  return digit === undefined ? undefined : Number(digit)
}

/** Where a picture may say which way up it is. */
export interface Notes {
  readonly exif?: Uint8Array | undefined
  readonly xmp?: Uint8Array | undefined
}

/** EXIF counts before XMP; where neither says anything that is known, a picture is taken as it is stored. */
export const orientationOf = ({ exif, xmp }: Notes): Orientation => known(ofExif(exif) ?? ofXmp(xmp))
