/** What a plugin's threads ask of the store by which processes meet, and what they are told. */
import type { MessagePort } from 'node:worker_threads'
import type { XlaErrorCode } from './error'

export type Question =
  | { readonly ask: 'get'; readonly key: string; readonly timeoutMs: number }
  | { readonly ask: 'tryGet'; readonly key: string }
  | { readonly ask: 'put'; readonly key: string; readonly value: Uint8Array }

export interface Refusal {
  readonly code: XlaErrorCode
  readonly message: string
}
/** A value, `undefined` for a question that asks for none, or what went wrong. */
export type Answer = { readonly value: Uint8Array | undefined } | Refusal

/** What a thread that answers is given. */
export interface StoreThread {
  /** The minor version of the API that the plugin speaks. */
  readonly minor: number
  readonly asks: readonly Question['ask'][]
  /** Questions go out and answers come in. */
  readonly port: MessagePort
  /** Its number becomes 1 when an answer has been sent. */
  readonly signal: Int32Array<SharedArrayBuffer>
}

/** The addresses of the functions that a plugin calls. */
export type StoreFunctions = Readonly<Partial<Record<Question['ask'], bigint>>>
