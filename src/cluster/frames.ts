/**
 * Frames between members: a mark, the lengths of header and body (32 bits each, big-endian), a header of JSON and a body of
 * bytes. The mark shows at the first bytes whether a member talks or somebody else; lengths beyond what is allowed are refused
 * before anything of that length is kept.
 */
import { attempt } from '../base/attempt'
import { joined } from '../base/bytes'

const MARK = 'ibot'
const PREFIX = MARK.length + 8

export interface Frame {
  readonly header: unknown
  readonly body: Uint8Array
}

/** Bytes that a header and a body may have. */
export interface Limits {
  readonly header: number
  readonly body: number
}

export const encodeFrame = (header: unknown, body: Uint8Array = new Uint8Array()): Uint8Array => {
  const text = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(PREFIX)
  prefix.write(MARK, 'latin1')
  prefix.writeUInt32BE(text.length, MARK.length)
  prefix.writeUInt32BE(body.length, MARK.length + 4)
  return joined([prefix, text, body])
}

/** What else talks, as far as its first bytes tell. */
const strangerOf = (bytes: Buffer): string => {
  const text = bytes.toString('latin1')
  if (/^(GET|POST|HEAD|PUT|OPTIONS|CONNECT|DELETE|PRI|TRAC)/.test(text)) return 'a request of HTTP'
  if (text.startsWith('\u0016\u0003')) return 'a greeting of TLS'
  if (text.startsWith('SSH')) return 'a greeting of SSH'
  return 'bytes that no member sends'
}

interface Lengths {
  readonly header: number
  readonly body: number
}

/** What the first bytes say, or why they begin no frame; undefined while they are too few. */
const lengthsIn = (bytes: Buffer, limits: Limits): Lengths | string | undefined => {
  const mark = Buffer.from(MARK)
  const there = Math.min(bytes.length, MARK.length)
  if (!bytes.subarray(0, there).equals(mark.subarray(0, there))) return strangerOf(bytes)
  if (bytes.length < PREFIX) return undefined
  const [header, body] = [bytes.readUInt32BE(MARK.length), bytes.readUInt32BE(MARK.length + 4)]
  if (header > limits.header || body > limits.body) return 'a message longer than is allowed'
  return { header, body }
}

/** Takes frames apart again: `take` gets each that is whole. Gives why, where what comes is none; then nothing more is to be read. */
export const newDecoder = (limits: () => Limits, take: (frame: Frame) => void): ((chunk: Uint8Array) => string | undefined) => {
  let parts: Uint8Array[] = []
  let [length, needed] = [0, 1]
  const bytesNow = (): Buffer => {
    const whole = parts.length === 1 ? parts[0]! : joined(parts)
    parts = [whole]
    return Buffer.from(whole.buffer, whole.byteOffset, whole.length)
  }
  const next = (): 'more' | 'taken' | { readonly why: string } => {
    const bytes = bytesNow()
    const lengths = lengthsIn(bytes, limits())
    if (typeof lengths === 'string') return { why: lengths }
    needed = lengths === undefined ? length + 1 : PREFIX + lengths.header + lengths.body
    if (lengths === undefined || length < needed) return 'more'
    const at = PREFIX + lengths.header
    const header = attempt((): unknown => JSON.parse(bytes.toString('utf8', PREFIX, at)))
    if (header === undefined) return { why: 'a header that is no JSON' }
    // A copy: the body goes on its way while the rest is read.
    const body = new Uint8Array(bytes.subarray(at, needed))
    parts = [bytes.subarray(needed)]
    length -= needed
    needed = 1
    take({ header, body })
    return 'taken'
  }
  return (chunk) => {
    parts.push(chunk)
    length += chunk.length
    // A large body comes in many chunks: they are put together once.
    while (length >= needed) {
      const done = next()
      if (done === 'more') return undefined
      if (done !== 'taken') return done.why
    }
    return undefined
  }
}
