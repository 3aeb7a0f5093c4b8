import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { type Entry, parse, serialize } from '../../src/io/safetensors'

/** A file with this header text and this many bytes of data. */
const file = (header: string | Uint8Array, dataBytes = 0): Uint8Array => {
  const bytes = new Uint8Array(8 + header.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(Buffer.from(header), 8)
  return bytes
}
const described = (
  tensors: Record<string, readonly [dtype: string, shape: readonly unknown[], offsets: readonly unknown[]]>,
): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(tensors).map(([name, [dtype, shape, data_offsets]]) => [name, { dtype, shape, data_offsets }]),
    ),
  )
const entries = (result: ReturnType<typeof parse>) => (E.isRight(result) ? [...result.right.tensors] : result)

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
const entry: fc.Arbitrary<Entry> = shape.chain((sizes) => {
  const length = sizes.reduce((a, b) => a * b, 1)
  const exactly = { minLength: length, maxLength: length }
  return fc.oneof(
    fc.float32Array(exactly).map((data) => ({ dtype: 'F32', shape: sizes, data }) as const),
    fc.float64Array(exactly).map((data) => ({ dtype: 'F64', shape: sizes, data }) as const),
    fc.int32Array(exactly).map((data) => ({ dtype: 'I32', shape: sizes, data }) as const),
    fc.bigInt64Array(exactly).map((data) => ({ dtype: 'I64', shape: sizes, data }) as const),
    fc.int16Array(exactly).map((data) => ({ dtype: 'I16', shape: sizes, data }) as const),
    fc.uint8Array(exactly).map((data) => ({ dtype: 'U8', shape: sizes, data }) as const),
    fc.uint8Array({ ...exactly, max: 1 }).map((data) => ({ dtype: 'BOOL', shape: sizes, data }) as const),
  )
})
const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__')

describe('safetensors', () => {
  it('gives back what was written, wherever the bytes lie in memory', () => {
    fc.assert(
      fc.property(fc.dictionary(name, entry), fc.dictionary(fc.string(), fc.string()), fc.nat(7), (tensors, metadata, shift) => {
        const bytes = serialize(Object.entries(tensors), metadata)
        const moved = new Uint8Array(bytes.length + shift)
        moved.set(bytes, shift)
        const parsed = parse(moved.subarray(shift))
        expect(E.isRight(parsed) && { ...parsed.right, tensors: Object.fromEntries(parsed.right.tensors) }).toEqual({
          tensors,
          metadata,
        })
      }),
      { numRuns: 200 },
    )
  })

  it('writes the widest elements first, then by name, behind a header padded to 8 bytes', () => {
    const bytes = serialize(
      new Map<string, Entry>([
        ['z', { dtype: 'F32', shape: [], data: Float32Array.of(1) }],
        ['mask', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
        ['a', { dtype: 'F32', shape: [1, 2], data: Float32Array.of(-2.5, 0) }],
        ['step', { dtype: 'I64', shape: [1], data: BigInt64Array.of(7n) }],
      ]),
      { format: 'pt' },
    )
    const header =
      '{"__metadata__":{"format":"pt"},"step":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"z":{"dtype":"F32","shape":[],"data_offsets":[16,20]},"mask":{"dtype":"U8","shape":[3],"data_offsets":[20,23]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
    expect(Buffer.from(bytes.subarray(8, 8 + padded.length)).toString()).toBe(padded)
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(BigInt(padded.length))
    expect(Buffer.from(bytes.subarray(8 + padded.length)).toString('hex')).toBe('0700000000000000000020c0000000000000803f010203')
  })

  it('reads a file written by Python and writes the same bytes', () => {
    const bytes = readFileSync(join(__dirname, '../golden/linear_eval.safetensors'))
    const parsed = parse(bytes)
    if (E.isLeft(parsed)) throw new Error(parsed.left)
    const { tensors, metadata } = parsed.right
    expect([...tensors].map(([key, value]) => [key, value.dtype, value.shape])).toEqual([
      ['in/labels', 'I64', [64]],
      ['final/linear.bias', 'F32', [6]],
      ['final/linear.weight', 'F32', [6, 36]],
      ['in/tokens', 'F32', [64, 2, 5, 12]],
      ['init/linear.bias', 'F32', [6]],
      ['init/linear.weight', 'F32', [6, 36]],
    ])
    expect([...tensors.get('in/labels')!.data.slice(0, 3)]).toEqual([5n, 2n, 0n])
    expect([...tensors.get('in/tokens')!.data.slice(0, 3)]).toEqual([0.49328526854515076, -0.5496272444725037, 2.099741220474243])
    expect(Buffer.compare(serialize(tensors, metadata), bytes)).toBe(0)
  })

  it('widens half precision to F32', () => {
    const bytes = file(described({ b: ['BF16', [3], [0, 6]], h: ['F16', [9], [6, 24]] }), 24)
    const data = new DataView(bytes.buffer, bytes.length - 24)
    const bits = [0x3f80, 0xc020, 0x7f80, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x7c00, 0xfc00, 0x8000]
    bits.forEach((value, i) => {
      data.setUint16(2 * i, value, true)
    })
    expect(entries(parse(bytes))).toEqual([
      ['b', { dtype: 'F32', shape: [3], data: Float32Array.of(1, -2.5, Number.POSITIVE_INFINITY) }],
      [
        'h',
        {
          dtype: 'F32',
          shape: [9],
          data: Float32Array.of(
            1,
            -2,
            65504,
            2 ** -14,
            2 ** -24,
            0.333251953125,
            Number.POSITIVE_INFINITY,
            Number.NEGATIVE_INFINITY,
            -0,
          ),
        },
      ],
    ])
  })

  it('reads a half-precision number that is not a number as such', () => {
    const bytes = file(described({ h: ['F16', [], [0, 2]] }), 2)
    bytes.set([0x01, 0x7e], bytes.length - 2)
    expect(entries(parse(bytes))).toEqual([['h', { dtype: 'F32', shape: [], data: Float32Array.of(Number.NaN) }]])
  })

  const f32 = (length: number, begin: unknown, end: unknown) => ['F32', [length], [begin, end]] as const
  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), "the file ends after 0 bytes, before the 8 bytes that hold the header's length"],
    [
      'a file cut off in the header',
      file('{"a":1}').subarray(0, 12),
      "the header's length is given as 7 bytes, but only 4 follow: the file is cut off",
    ],
    [
      'a header too long',
      Buffer.from('00e1f50500000000', 'hex'),
      "the header's length is given as 100000000 bytes, but only 0 follow: the file is cut off",
    ],
    [
      'a header over the limit',
      Buffer.from('01e1f50500000000', 'hex'),
      "the header's length is given as 100000001 bytes, more than the 100,000,000 allowed",
    ],
    ['another format', file('PK and so on'), 'the header does not begin with {: this is not a safetensors file'],
    ['a list', file('[]'), 'the header does not begin with {: this is not a safetensors file'],
    ['metadata that are no object', file('{"__metadata__":[]}'), '__metadata__ is not an object of strings'],
    ['a number in the metadata', file('{"__metadata__":{"step":3}}'), '__metadata__ has a value that is not a string: "step"'],
    ['no description', file('{"a":1}'), 'tensor "a" is not described by an object with dtype, shape and data_offsets'],
    [
      'an unknown dtype',
      file(described({ a: ['F8_E4M3', [1], [0, 1]] }), 1),
      'tensor "a" has the unknown dtype "F8_E4M3"; known are U64, I64, F64, F32, U32, I32, U16, I16, I8, U8, BOOL, F16, BF16',
    ],
    [
      'a name from the prototype',
      file(described({ a: ['toString', [1], [0, 1]] }), 1),
      'tensor "a" has the unknown dtype "toString"; known are U64, I64, F64, F32, U32, I32, U16, I16, I8, U8, BOOL, F16, BF16',
    ],
    [
      'a negative size',
      file(described({ a: ['U8', [-1], [0, 1]] }), 1),
      'tensor "a" has the shape [-1], which is not a list of sizes',
    ],
    [
      'a broken size',
      file(described({ a: ['U8', [1.5], [0, 1]] }), 1),
      'tensor "a" has the shape [1.5], which is not a list of sizes',
    ],
    [
      'offsets in reverse',
      file(described({ a: f32(1, 4, 0) }), 4),
      'tensor "a" has the data_offsets [4,0], which are not [begin, end] with begin ≤ end',
    ],
    [
      'one offset',
      file(described({ a: ['F32', [1], [0]] }), 4),
      'tensor "a" has the data_offsets [0], which are not [begin, end] with begin ≤ end',
    ],
    [
      'a shape that needs more',
      file(described({ a: ['F32', [2, 3], [0, 8]] }), 8),
      'tensor "a" is F32 [2, 3], which takes 24 bytes, but its data_offsets hold 8',
    ],
    [
      'an overlap',
      file(described({ a: f32(2, 0, 8), b: f32(1, 4, 8) }), 8),
      'tensors "a" and "b" overlap: the first ends at byte 8, the second begins at 4',
    ],
    [
      'a hole',
      file(described({ a: f32(1, 0, 4), b: f32(1, 8, 12) }), 12),
      'no tensor holds the bytes 4 to 8: there is a hole before "b"',
    ],
    [
      'data cut off',
      file(described({ a: f32(1, 0, 4), b: f32(1, 4, 8) }), 7),
      'tensor "b" ends at byte 8 of the data, but there are only 7: the file is cut off',
    ],
    [
      'control characters',
      file('{"a\u0000\u001b":1}'),
      expect.stringMatching(/^the header is not JSON: Bad control character in string literal in JSON at position 2/),
    ],
    ['lists in lists', file(`{"a":${'['.repeat(30_000)}`), 'the header is not JSON: it is nested too deep at byte 7'],
    ['a header without end', file('{"a":{"dtype":"U8"'), 'the header is not JSON: it ends too early'],
    ['something behind the end', file('{}x'), 'the header is not JSON: there is something else at byte 2'],
    [
      'data left over',
      file(described({ a: f32(1, 0, 4) }), 6),
      'the tensors take 4 bytes, but 6 follow the header: 2 belong to none',
    ],
    [
      'a name given twice',
      file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2),
      'no tensor holds the bytes 0 to 1: there is a hole before "a"',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(parse(bytes)).toEqual(E.left(message))
  })

  it.each([
    ['cut off', '{"a":'],
    ['followed by another', '{"a":{"dtype":"U8"}} {}'],
    ['not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
  ])('says that a header that is %s is not JSON', (_, header) => {
    expect(parse(file(header))).toEqual(E.left(expect.stringMatching(/^the header is not JSON: ./)))
  })

  it('refuses every cut and never throws on damage', () => {
    const whole = serialize([['a', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]])
    for (let length = 0; length < whole.length; length++) expect(E.isLeft(parse(whole.subarray(0, length)))).toBe(true)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Uint8Array.from(whole)
        damaged[at] = byte
        expect(parse(damaged)).toHaveProperty('_tag')
      }),
    )
  })

  it.each<[string, readonly (readonly [string, Entry])[]]>([
    ['data that do not fit the shape', [['a', { dtype: 'F32', shape: [2], data: Float32Array.of(1) }]]],
    ['data of another type', [['a', { dtype: 'F32', shape: [1], data: Float64Array.of(1) } as unknown as Entry]]],
    ['a reserved name', [['__metadata__', { dtype: 'U8', shape: [1], data: Uint8Array.of(1) }]]],
    ['a name twice', [1, 2].map((value) => ['a', { dtype: 'U8', shape: [], data: Uint8Array.of(value) }])],
  ])('does not write %s', (_, tensors) => {
    expect(() => serialize(tensors)).toThrow(/^safetensors: /)
  })
})

describe('a header of the greatest length', () => {
  const times = (count: number, entry: (i: number) => string): Uint8Array =>
    file(`{${Array.from({ length: count }, (_, i) => entry(i)).join(',')}}`)
  it.each<[string, () => Uint8Array, string]>([
    ['of empty descriptions', () => times(2_000_000, (i) => `"${i}":{}`), 'the header names more than 500,000 tensors'],
    ['of lists', () => file(`{"a":[${'[],'.repeat(4_000_000)}[]]}`), 'the header is not JSON: "a" has 12000004 letters'],
    [
      'of metadata',
      () => file(`{"__metadata__":{${Array.from({ length: 1_000_000 }, (_, i) => `"${i}":""`).join(',')}}}`),
      'the header is not JSON: it has more than 100,000 metadata',
    ],
  ])('is refused soon and in little memory where it is full %s', (_, make, message) => {
    const bytes = make()
    const began = process.cpuUsage()
    const before = process.memoryUsage().rss
    expect(parse(bytes)).toEqual(E.left(message))
    const { user, system } = process.cpuUsage(began)
    expect((user + system) / 1e6).toBeLessThan(5)
    expect(process.memoryUsage().rss - before).toBeLessThan(1e9)
  })
})
