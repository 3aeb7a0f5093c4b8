/** A short hash by which to notice that data changed. */
import { createHash } from 'node:crypto'

/** 16 hexadecimal digits over the parts in their order; each part's length counts, so that parts can't run together. */
export const fingerprint = (parts: Iterable<string | Uint8Array>): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex').slice(0, 16)
}
