/** The indices of a GIF frame: LZW codes in blocks of up to 255 bytes, the lowest bits first. */
import { unpackLzw } from './lzw'
import { Undecodable } from './undecodable'

/** The bytes of the blocks that begin at a place; as many as there are of a file that is cut off. */
const joined = (bytes: Uint8Array, start: number): Uint8Array => {
  const blocks: Uint8Array[] = []
  for (let at = start; at < bytes.length && bytes[at] !== 0; at += 1 + bytes[at]!)
    blocks.push(bytes.subarray(at + 1, at + 1 + bytes[at]!))
  return Buffer.concat(blocks)
}

/** `count` indices; `start` is the byte that says how many bits they have. */
export const gifCodes = (bytes: Uint8Array, start: number, count: number): Uint8Array => {
  const bits = bytes[start]
  if (bits === undefined) throw new Undecodable('it is cut off')
  if (bits > 11) throw new Undecodable('its GIF data are damaged')
  const packed = joined(bytes, start + 1)
  let [buffer, held, at] = [0, 0, 0]
  const next = (size: number): number => {
    while (held < size) {
      if (at === packed.length) return -1
      buffer |= packed[at++]! << held
      held += 8
    }
    const code = buffer & ((1 << size) - 1)
    buffer >>>= size
    held -= size
    return code
  }
  const indices = new Uint8Array(count)
  unpackLzw({ bits, next, early: 0 }, indices, 'GIF')
  return indices
}
