/** Bytes with their SHA-256 before them: code that a plugin would run without a look must be what was written. */
import { createHash } from 'node:crypto'
import { joined } from '../base/bytes'

const LENGTH = 32

const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

export const sealed = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => joined([digest(bytes), bytes])

/** What was sealed; undefined if it is damaged. */
export const unsealed = (bytes: Uint8Array): Uint8Array | undefined => {
  const content = bytes.subarray(LENGTH)
  return bytes.length > LENGTH && Buffer.compare(digest(content), bytes.subarray(0, LENGTH)) === 0 ? content : undefined
}
