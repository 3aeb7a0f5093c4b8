/**
 * The secret that members share, proven without being told: each draws a number for a connection and gives a keyed hash of both
 * numbers (HMAC with SHA-256, RFC 2104). The sides hash different words, so that no proof can be sent back as one's own. Members
 * without a secret prove that they have none.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

export const newNonce = (): string => randomBytes(32).toString('hex')

export type Side = 'leader' | 'member'

/** What one side proves; `asked` is drawn by who connects, `answered` by member 0. */
export const proofOf = (secret: string, side: Side, asked: string, answered: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify(['ibot', side, asked, answered]))
    .digest('hex')

export const isProof = (proof: string, ...of: Parameters<typeof proofOf>): boolean => {
  const [given, right] = [Buffer.from(proof), Buffer.from(proofOf(...of))]
  return given.length === right.length && timingSafeEqual(given, right)
}
