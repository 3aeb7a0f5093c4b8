/** Messages of Protocol Buffers: their bytes are those of protobufjs 8.8.1, which wrote protobuf.json from schemas in its language. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bool,
  bytes,
  double,
  explicit,
  field,
  float,
  int32,
  int64,
  map,
  message,
  repeated,
  string,
} from '../../src/base/protobuf'
import { timings } from '../../src/tensorflow/profile'
import { samples } from './protobufSamples'

const recorded: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(__dirname, 'protobuf.json'), 'utf8'))

test.each(Object.keys(samples))('%s has the bytes that protobufjs writes', (name) => {
  expect(Buffer.from(samples[name]!).toString('base64')).toBe(recorded[name])
})

test("TensorFlow's trace is read, with what is not declared passed over", () => {
  expect(timings(Buffer.from(recorded.runMetadata!, 'base64'))).toEqual([
    { name: 'a', type: 'MatMul', microseconds: 2000 },
    { name: 'b', type: 'odd', microseconds: 0 },
    { name: 'größe', type: '', microseconds: 0 },
  ])
})

const Inner = message({ one: explicit(1, int32), text: field(3, string) })
const All = message({
  int32: field(1, int32),
  int64: field(2, int64),
  bool: field(3, bool),
  float: field(4, float),
  double: field(5, double),
  string: field(6, string),
  bytes: field(7, bytes),
  inner: field(8, Inner),
  integers: repeated(9, int64),
  strings: repeated(10, string),
  inners: repeated(11, Inner),
  doubles: repeated(12, double),
  named: map(100, Inner),
})

describe('a message', () => {
  const inner = fc.record({ one: fc.integer(), text: fc.string({ unit: 'grapheme', minLength: 1 }) }, { requiredKeys: [] })
  const filled = { minLength: 1, maxLength: 5 }
  const large = fc.integer({ min: 4000, max: 5000 }).map((length) => new Uint8Array(length).fill(length))
  const value = fc.record(
    {
      int32: fc.integer().filter((n) => n !== 0),
      int64: fc.maxSafeInteger().filter((n) => n !== 0),
      bool: fc.constant(true),
      float: fc.float({ noNaN: true }).filter((n) => n !== 0),
      double: fc.double({ noNaN: true }).filter((n) => n !== 0),
      string: fc.string({ unit: 'grapheme', minLength: 1 }),
      bytes: fc.oneof(fc.uint8Array({ minLength: 1 }), large),
      inner,
      integers: fc.array(fc.maxSafeInteger(), filled),
      strings: fc.array(fc.string({ unit: 'grapheme' }), filled),
      inners: fc.array(inner, filled),
      doubles: fc.array(fc.double({ noNaN: true }), filled),
      named: fc.dictionary(fc.string({ minLength: 1 }), inner, { minKeys: 1 }),
    },
    { requiredKeys: [] },
  )

  test('is read as it was written', () => {
    fc.assert(
      fc.property(value, (all) => {
        expect(All.decode(All.encode(all))).toEqual(all)
      }),
    )
  })

  test('is the same in parts, of which large ones are not copied', () => {
    const big = new Uint8Array(10_000).fill(7)
    const parts = All.parts({ string: 'before', bytes: big, integers: [1, 2] })
    expect(parts).toContain(big)
    expect(new Uint8Array(Buffer.concat(parts))).toEqual(All.encode({ string: 'before', bytes: big, integers: [1, 2] }))
  })

  test('has no place for defaults, except where they are to be seen', () => {
    expect([
      ...All.encode({ int32: 0, int64: 0, bool: false, float: 0, string: '', bytes: new Uint8Array(), strings: [] }),
    ]).toEqual([])
    expect([...Inner.encode({ one: 0 })]).toEqual([8, 0])
    expect([...All.encode({ inner: {}, strings: [''] })]).toEqual([66, 0, 82, 0])
  })

  test('that is cut off is an error', () => {
    const whole = All.encode({ inner: { text: 'some text', one: 300 } })
    for (let length = 1; length < whole.length; length++) expect(() => All.decode(whole.subarray(0, length))).toThrow()
  })
})
