/** What processes that compute together tell each other by keys: who has which devices, how they reach one another. */
export interface KeyValueStore {
  /** Tells a value to all processes. A key that is given again has the new value. */
  readonly put: (key: string, value: Uint8Array) => Promise<void>
  /** The value of a key, as soon as some process has given it. Rejects where that takes longer, or can't be any more. */
  readonly get: (key: string, timeoutMs: number) => Promise<Uint8Array>
  /** The value of a key if some process has given it by now. */
  readonly tryGet: (key: string) => Promise<Uint8Array | undefined>
}
