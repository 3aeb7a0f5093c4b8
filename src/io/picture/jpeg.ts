/** What the frame of a JPEG file says of itself. */
import { jpegSegments } from './notes'
import { Undecodable } from './undecodable'

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
