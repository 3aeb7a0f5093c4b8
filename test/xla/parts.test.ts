/** The parts that need no plugin: options, handles, seals, errors, data types. */
import { describe, expect, test } from 'vitest'
import { compileOptionsProto } from '../../src/xla/compileOptions'
import { bytesOf, codeOf, dtypeOf, holds, zeros } from '../../src/xla/dtype'
import { XlaError } from '../../src/xla/error'
import { handleOf, holding } from '../../src/xla/handle'
import { type Address, layoutOf } from '../../src/xla/layout'
import { addressOf } from '../../src/xla/memory'
import { type NamedValues, readNamedValues, writeNamedValues } from '../../src/xla/namedValue'
import { sealed, unsealed } from '../../src/xla/sealed'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('options of the compiler', () => {
  /** No device is preferred: field 1 is -1. */
  const any = '08ffffffffffffffffff01'
  test('replicas and partitions', () => {
    expect(hex(compileOptionsProto({}))).toBe(`1a0f${any}20012801`)
    expect(hex(compileOptionsProto({ replicas: 4 }))).toBe(`1a0f${any}20042801`)
    expect(hex(compileOptionsProto({ partitions: 2 }))).toBe(`1a11${any}200128023001`)
  })
  test('devices: a list of replicas for each partition', () => {
    expect(
      hex(
        compileOptionsProto({
          replicas: 2,
          partitions: 2,
          devices: [
            [0, 1],
            [2, 3],
          ],
        }),
      ),
    ).toBe(`1a23${any}200228023001${'4a10'}08021002${'1a04'}0a020002${'1a04'}0a020103`)
    expect(() => compileOptionsProto({ replicas: 2, devices: [[0]] })).toThrow('devices for 2 replicas of 1 partitions are [[0]]')
  })
  test('flags', () => {
    expect(hex(compileOptionsProto({ flags: { a: true, b: 'x', c: 4, d: 0.5 } }))).toContain(
      [
        '3a070a0161120210',
        '01',
        '3a080a0162',
        '12030a0178',
        '3a070a0163',
        '12021804',
        '3a0e0a0164',
        '120921000000000000e03f',
      ].join(''),
    )
  })
})

test('named values come back', () => {
  const layout = layoutOf('NamedValue', 81)
  const values: NamedValues = {
    name: { string: 'äb' },
    empty: { string: '' },
    count: { int64: -(2n ** 40n) },
    list: { int64s: [1n, -2n] },
    none: { int64s: [] },
    fraction: { float: 0.75 },
    yes: { bool: true },
    no: { bool: false },
  }
  const array = writeNamedValues(values, layout)
  expect(readNamedValues(addressOf(array), Object.keys(values).length, layout)).toEqual(values)
  expect(writeNamedValues({}, layout)).toHaveLength(0)
})

describe('a handle', () => {
  const made = () => {
    const destroyed: bigint[] = []
    return { destroyed, handle: handleOf('the buffer', 5n as Address, (address) => destroyed.push(address)) }
  }
  test('is destroyed once', () => {
    const { destroyed, handle } = made()
    expect(handle.address()).toBe(5n)
    handle.dispose()
    handle.dispose()
    expect(destroyed).toEqual([5n])
    expect(() => handle.address()).toThrow('the buffer is disposed of')
    expect(() => handle.hold()).toThrow(XlaError)
  })
  test('is destroyed when nobody holds it any more', async () => {
    const { destroyed, handle } = made()
    const release = handle.hold()
    const held = holding([handle], async () => {
      handle.dispose()
      expect(handle.isDisposed()).toBe(true)
      return destroyed.length
    })
    expect(await held).toBe(0)
    expect(destroyed).toEqual([])
    release()
    release()
    expect(destroyed).toEqual([5n])
  })
  test('holders of several let all go where one is disposed of', async () => {
    const [one, other] = [made(), made()]
    other.handle.dispose()
    await expect(holding([one.handle, other.handle], async () => 1)).rejects.toThrow('the buffer is disposed of')
    one.handle.dispose()
    expect(one.destroyed).toEqual([5n])
  })
})

test('a seal tells every byte that changed', () => {
  const bytes = sealed(Uint8Array.of(1, 2, 3))
  expect(unsealed(bytes)).toEqual(Uint8Array.of(1, 2, 3))
  for (let i = 0; i < bytes.length; i++) expect(unsealed(bytes.map((byte, at) => (at === i ? byte ^ 4 : byte)))).toBeUndefined()
  for (let length = 0; length < bytes.length; length++) expect(unsealed(bytes.subarray(0, length))).toBeUndefined()
})

test('an error is its first line, fit for a terminal, and keeps the rest', () => {
  expect(new XlaError('internal', 'a\u001bb\nmore\nof it\n')).toMatchObject({
    code: 'internal',
    message: 'a\\u001bb',
    details: 'more\nof it',
  })
  expect(new XlaError('unknown', '')).toMatchObject({ message: '', details: '' })
})

test('data types', () => {
  expect(dtypeOf(codeOf('bfloat16'))).toBe('bfloat16')
  expect([bytesOf('bool'), bytesOf('bfloat16'), bytesOf('float32'), bytesOf('int64')]).toEqual([1, 2, 4, 8])
  expect(zeros('int64', 2)).toEqual(new BigInt64Array(2))
  expect([holds('bool', new Uint8Array(1)), holds('float32', new Uint8Array(1))]).toEqual([true, false])
  expect(() => dtypeOf(14)).toThrow("values of PJRT's type 14 can't be read")
})
