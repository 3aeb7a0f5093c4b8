/** Frames come out as they went in, however they are cut; what is no frame is refused before it costs anything. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { joined } from '../../src/base/bytes'
import { encodeFrame, type Frame, newDecoder } from '../../src/cluster/frames'
import { messageOf } from '../../src/cluster/messages'
import { isProof, proofOf } from '../../src/cluster/secret'

const LIMITS = { header: 1000, body: 1000 }

const read = (
  chunks: readonly Uint8Array[],
  limits = LIMITS,
): { readonly frames: readonly Frame[]; readonly why: string | undefined } => {
  const frames: Frame[] = []
  const decode = newDecoder(
    () => limits,
    (frame) => void frames.push(frame),
  )
  for (const chunk of chunks) {
    const why = decode(chunk)
    if (why !== undefined) return { frames, why }
  }
  return { frames, why: undefined }
}

const cut = (bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] => {
  const chunks: Uint8Array[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })

test('frames come out as they went in, wherever they were cut', () => {
  const frame = fc.record({ header: fc.jsonValue({ maxDepth: 1 }), body: fc.uint8Array({ maxLength: 100 }) })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), cuts, (frames, sizes) => {
      const bytes = joined(frames.map(({ header, body }) => encodeFrame(header, body)))
      const found = read(cut(bytes, sizes), { header: 1e6, body: 100 })
      expect(found.why).toBe(undefined)
      expect(found.frames.map(({ header }) => JSON.stringify(header))).toEqual(frames.map(({ header }) => JSON.stringify(header)))
      expect(found.frames.map(({ body }) => body)).toEqual(frames.map(({ body }) => body))
    }),
  )
})

test('whatever bytes come, frames, nothing yet or a reason come of them', () => {
  const damaged = fc
    .tuple(fc.uint8Array({ maxLength: 30 }), fc.nat(60), fc.nat(255))
    .map(([body, at, value]) => encodeFrame({ kind: 'beat', phase: 'step' }, body).map((byte, i) => (i === at ? value : byte)))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), damaged), cuts, (bytes, sizes) => {
      for (const { header } of read(cut(bytes, sizes)).frames) messageOf(header)
    }),
    { numRuns: 1000 },
  )
})

test('any JSON is a message or none, and what is one has its fields', () => {
  const kinds = fc.constantFrom('hello', 'card', 'come', 'all', 'toString', '__proto__')
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ kind: kinds, nonce: fc.jsonValue(), card: fc.jsonValue() })), (value) => {
      const message = messageOf(value)
      if (message?.kind === 'hello') expect(typeof message.nonce).toBe('string')
      else expect(message).toBe(undefined)
    }),
  )
})

test.each<[string, Uint8Array, string]>([
  ['a request of HTTP', Buffer.from('GET / HTTP/1.1\r\n'), 'a request of HTTP'],
  ['TLS', Buffer.from([0x16, 3, 1, 2]), 'a greeting of TLS'],
  ['one wrong byte', Buffer.from('i!'), 'bytes that no member sends'],
  ['a header that is too long', encodeFrame('x'.repeat(1000)), 'a message longer than is allowed'],
  ['a body that is too long', encodeFrame('', new Uint8Array(1001)), 'a message longer than is allowed'],
])('%s is refused', (_, bytes, why) => {
  expect(read([bytes]).why).toBe(why)
})

test('a proof holds for its secret, its side and its connection alone', () => {
  const proof = proofOf('secret', 'member', 'a', 'b')
  expect(isProof(proof, 'secret', 'member', 'a', 'b')).toBe(true)
  expect(isProof(proof, 'other', 'member', 'a', 'b')).toBe(false)
  expect(isProof(proof, 'secret', 'leader', 'a', 'b')).toBe(false)
  expect(isProof(proof, 'secret', 'member', 'b', 'a')).toBe(false)
  expect(isProof('', 'secret', 'member', 'a', 'b')).toBe(false)
})
