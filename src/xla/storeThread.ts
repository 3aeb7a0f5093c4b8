/**
 * A thread with functions that a plugin's threads call to meet other processes. They must not return before they have an answer,
 * and JavaScript's main thread, which has the store, must not wait: so this one asks it, and sleeps until it has answered.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { koffi } from '../base/foreign'
import { numberOf } from './error'
import { type Address, type Layout, layoutOf, type Read, readStruct, writeFields } from './layout'
import { bytesAt, pointersAt, textAt } from './memory'
import type { Answer, Question, Refusal, StoreFunctions, StoreThread } from './storeQuestion'
import type { StructName } from './structs'

const { minor, asks, port, signal } = workerData as StoreThread

const system = koffi.load(null)
const allocate = system.func('uint64_t malloc(size_t)') as (size: number) => number | bigint
/** The system's, so that a plugin frees values without asking JavaScript. */
const FREE = koffi.address(system.symbol('free')) as Address

/** An error, as the plugin makes it. */
const ERROR = koffi.proto('uint64_t', ['int32_t', 'void *', 'size_t'])
const CALLBACK = koffi.pointer(koffi.proto('uint64_t', ['uint64_t']))

const answered = (question: Question): Answer => {
  port.postMessage(question)
  Atomics.wait(signal, 0, 0)
  Atomics.store(signal, 0, 0)
  return (receiveMessageOnPort(port) as { readonly message: Answer }).message
}

/** A copy of a value, for the plugin to free. */
const copied = (value: Uint8Array) => {
  const at = BigInt(allocate(Math.max(1, value.length))) as Address
  if (value.length > 0) new Uint8Array(koffi.view(at, value.length)).set(value)
  return { value: at, value_size: value.length, value_deleter_callback: FREE }
}

const refused = (makesError: Address, { code, message }: Refusal): bigint => {
  const text = Buffer.from(message)
  return BigInt(koffi.call(pointersAt(makesError, 1)[0]!, ERROR, numberOf(code), text, text.length))
}

/** What a function makes of its arguments: what it asks, and fields to be set when there is a value. */
const answering =
  <S extends StructName & `KeyValue${string}`>(struct: S, question: (given: Read<S>) => Question) =>
  (address: number | bigint): bigint => {
    const layout: Layout = layoutOf(struct, minor)
    const memory = new DataView(koffi.view(BigInt(address), layout.size))
    const given = readStruct<S>(memory, layout)
    const answer = answered(question(given))
    if ('code' in answer) return refused((given as { readonly callback_error: Address }).callback_error, answer)
    if (answer.value !== undefined) writeFields(memory, layout, copied(answer.value))
    return 0n
  }

const FUNCTIONS: Readonly<Record<Question['ask'], (address: number | bigint) => bigint>> = {
  get: answering('KeyValueGetCallback_Args', ({ key, key_size, timeout_in_ms }) => ({
    ask: 'get',
    key: textAt(key, key_size),
    timeoutMs: timeout_in_ms,
  })),
  tryGet: answering('KeyValueTryGetCallback_Args', ({ key, key_size }) => ({ ask: 'tryGet', key: textAt(key, key_size) })),
  put: answering('KeyValuePutCallback_Args', ({ key, key_size, value, value_size }) => ({
    ask: 'put',
    key: textAt(key, key_size),
    value: bytesAt(value, value_size),
  })),
}

const functions: StoreFunctions = Object.fromEntries(
  asks.map((ask) => [ask, koffi.address(koffi.register(FUNCTIONS[ask], CALLBACK))]),
)
// Whoever listens lives on: the functions are there as long as this thread is.
parentPort!.on('message', () => undefined)
parentPort!.postMessage(functions)
