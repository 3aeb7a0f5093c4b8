/** A store of keys and values in the memory of one process. */
import type { KeyValueStore } from '../../src/base/keyValueStore'

export const memoryStore = (): KeyValueStore => {
  const values = new Map<string, Uint8Array>()
  const waiting = new Map<string, ((value: Uint8Array) => void)[]>()
  return {
    put: async (key, value) => {
      values.set(key, value)
      for (const tell of waiting.get(key) ?? []) tell(value)
      waiting.delete(key)
    },
    get: (key, timeoutMs) => {
      const known = values.get(key)
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`nobody has given ${key}`)), timeoutMs)
        const tell = (value: Uint8Array): void => {
          clearTimeout(timer)
          done(value)
        }
        waiting.set(key, [...(waiting.get(key) ?? []), tell])
      })
    },
    tryGet: async (key) => values.get(key),
  }
}
