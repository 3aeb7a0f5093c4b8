/** The store by which processes meet, called as a plugin calls it: from threads that aren't JavaScript's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { koffi } from '../../src/base/foreign'
import type { KeyValueStore } from '../../src/base/keyValueStore'
import { XlaError } from '../../src/xla/error'
import { type Address, layoutOf, type Read, readStruct, writeFields } from '../../src/xla/layout'
import { addressOf, bytesAt, keepWith, pointersTo } from '../../src/xla/memory'
import { answerOf, type StoreCallbacks, storeCallbacks } from '../../src/xla/store'
import { onThread } from '../../src/xla/thread'
import { memoryStore } from './memoryStore'

const MINOR = 81

/** Errors that a plugin would make, by their addresses. */
const errors: { readonly code: number; readonly message: string }[] = []
const makeError = koffi.register(
  (code: number, message: bigint, size: number): bigint => {
    errors.push({ code, message: Buffer.from(bytesAt(message as Address, size)).toString() })
    return BigInt(errors.length)
  },
  koffi.pointer(koffi.proto('uint64_t', ['int32_t', 'uint64_t', 'size_t'])),
)
/** As plugins give it: the address of the function's address. */
const maker = pointersTo([koffi.address(makeError) as Address])

type Args = 'KeyValueGetCallback_Args' | 'KeyValueTryGetCallback_Args' | 'KeyValuePutCallback_Args'

/** Calls a function on a thread of its own; gives its struct, or the error. As plugins do, nothing is said of the struct's size. */
const called = async <S extends Args>(
  struct: S,
  callback: Address,
  key: string,
  others: Readonly<Record<string, bigint | number>> = {},
): Promise<Read<S> | { readonly code: number; readonly message: string }> => {
  const layout = layoutOf(struct, MINOR)
  const args = new Uint8Array(layout.stride)
  const name = Buffer.from(key)
  const view = new DataView(args.buffer)
  writeFields(view, layout, { key: addressOf(name), key_size: name.length, callback_error: addressOf(maker), ...others })
  keepWith(args, [name, maker])
  const error = await onThread(callback, args)
  return error === 0n ? readStruct<S>(view, layout) : errors[Number(error) - 1]!
}

const FREE = koffi.proto('void', ['uint64_t'])

describe('the functions of a store', () => {
  let store: KeyValueStore
  let callbacks: StoreCallbacks
  beforeAll(async () => {
    store = memoryStore()
    callbacks = await storeCallbacks(store, MINOR)
  })
  afterAll(() => callbacks?.close())

  const put = (key: string, value: Uint8Array) =>
    called('KeyValuePutCallback_Args', callbacks.given.kv_put_callback, key, {
      value: addressOf(value),
      value_size: value.length,
    })
  /** The value that a function gives, freed by what it gives besides. */
  const valueIn = (told: object): readonly number[] | object => {
    if (!('value_deleter_callback' in told)) return told
    const { value, value_size, value_deleter_callback } = told as Read<'KeyValueGetCallback_Args'>
    const bytes = Array.from(bytesAt(value, value_size))
    koffi.call(value_deleter_callback, FREE, value)
    return bytes
  }
  const get = async (key: string, timeout_in_ms: number) =>
    valueIn(await called('KeyValueGetCallback_Args', callbacks.given.kv_get_callback, key, { timeout_in_ms }))
  const tryGet = async (key: string) =>
    valueIn(await called('KeyValueTryGetCallback_Args', callbacks.given.kv_try_get_callback, key))

  test('give what was put, byte by byte', async () => {
    const value = Uint8Array.of(0, 1, 255, 0, 7)
    expect(await put('a/ü', value)).toMatchObject({ value_size: 5 })
    expect(await store.tryGet('a/ü')).toEqual(value)
    expect(await get('a/ü', 1000)).toEqual([0, 1, 255, 0, 7])
    expect(await tryGet('a/ü')).toEqual([0, 1, 255, 0, 7])
    expect(await put('none', new Uint8Array(0))).toMatchObject({ value_size: 0 })
    expect(await get('none', 1000)).toEqual([])
  })
  test('large values', async () => {
    const value = new Uint8Array(3_000_000).map((_, i) => i % 251)
    await put('large', value)
    const told = (await get('large', 1000)) as readonly number[]
    expect(Buffer.compare(Buffer.from(told), Buffer.from(value))).toBe(0)
  })
  test('what is not there yet', async () => {
    expect(await tryGet('absent')).toEqual({ code: 5, message: 'nobody has given absent yet' })
    expect(await get('absent', 50)).toEqual({ code: 4, message: 'nobody has given absent' })
  })
  test('whoever waits is told by the same process, by a thread of the plugin or by the store, and keeps nothing from going on', async () => {
    const waiting = get('late', 20_000)
    expect(await tryGet('late')).toMatchObject({ code: 5 })
    await put('late', Uint8Array.of(9))
    expect(await waiting).toEqual([9])
    const other = get('later', 20_000)
    setTimeout(() => void store.put('later', Uint8Array.of(8)), 20)
    expect(await other).toEqual([8])
  })
  test('many calls at once', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `many ${i}`)
    const got = Promise.all(keys.map((key) => get(key, 20_000)))
    for (const [i, key] of keys.toReversed().entries()) setTimeout(() => void store.put(key, Uint8Array.of(i)), i)
    expect(await got).toEqual(keys.map((_, i) => [19 - i]))
  })
})

test('a store that has lost its processes is told in its words', async () => {
  const lost = async (): Promise<never> => {
    throw new XlaError('unavailable', 'process 1 is gone')
  }
  const store: KeyValueStore = { put: lost, get: lost, tryGet: lost }
  const told = { code: 'unavailable', message: 'process 1 is gone' }
  expect(await answerOf(store, { ask: 'get', key: 'a', timeoutMs: 10_000 })).toEqual(told)
  expect(await answerOf(store, { ask: 'put', key: 'a', value: new Uint8Array(1) })).toEqual(told)
  expect(await answerOf(store, { ask: 'tryGet', key: 'a' })).toEqual(told)
})
