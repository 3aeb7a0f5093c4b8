/**
 * How both ends of a connection show that they have the secret, without telling it: each draws a number and gives a keyed hash of
 * both numbers (HMAC with SHA-256, RFC 2104). The ends hash different words, and their ranks, so that no proof can be sent back as
 * one's own or serve another connection.
 *
 *     who connects → who listens: hello   mark, its rank, its number
 *     who listens → who connects: answer  mark, its number, its proof
 *     who connects → who listens: its proof
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

const MARK = Buffer.from('ibot ring 1\n')
export const NONCE_BYTES = 32
const PROOF_BYTES = 32
const NONCE_AT = MARK.length + 4
export const HELLO_BYTES = NONCE_AT + NONCE_BYTES
export const ANSWER_BYTES = MARK.length + NONCE_BYTES + PROOF_BYTES
export const LAST_BYTES = PROOF_BYTES

/** What a connection's proofs are about. */
export interface Meeting {
  readonly secret: Uint8Array
  readonly size: number
  /** The ranks of who connects and of who listens. */
  readonly guest: number
  readonly host: number
  /** The numbers that they drew. */
  readonly asked: Uint8Array
  readonly answered: Uint8Array
}

const proofOf = (side: 'guest' | 'host', { secret, size, guest, host, asked, answered }: Meeting): Buffer =>
  createHmac('sha256', secret).update(`ibot ring ${side} ${size} ${guest} ${host}\n`).update(asked).update(answered).digest()

const isMarked = (bytes: Uint8Array): boolean => MARK.equals(bytes.subarray(0, MARK.length))

export const encodeHello = (guest: number, asked: Uint8Array): Buffer => {
  const rank = Buffer.alloc(4)
  rank.writeUInt32LE(guest)
  return Buffer.concat([MARK, rank, asked])
}

/** Who connected and the number that it drew; undefined for anything else. */
export const decodeHello = (bytes: Buffer): { readonly guest: number; readonly asked: Uint8Array } | undefined =>
  isMarked(bytes) ? { guest: bytes.readUInt32LE(MARK.length), asked: bytes.subarray(NONCE_AT, HELLO_BYTES) } : undefined

export const encodeAnswer = (meeting: Meeting): Buffer => Buffer.concat([MARK, meeting.answered, proofOf('host', meeting)])

/** The proof of who connected, where the answer shows that the other end has the secret; else what it shows. */
export const replyTo = (bytes: Uint8Array, meeting: Omit<Meeting, 'answered'>): Buffer | 'stranger' | 'other secret' => {
  if (!isMarked(bytes)) return 'stranger'
  const answered = bytes.subarray(MARK.length, MARK.length + NONCE_BYTES)
  const whole = { ...meeting, answered }
  return timingSafeEqual(bytes.subarray(MARK.length + NONCE_BYTES), proofOf('host', whole))
    ? proofOf('guest', whole)
    : 'other secret'
}

/** Sent in place of a proof by who was shown another secret. */
export const noProof = (): Buffer => Buffer.alloc(PROOF_BYTES)

export const isProof = (bytes: Uint8Array, meeting: Meeting): boolean => timingSafeEqual(bytes, proofOf('guest', meeting))
