/** What is in values that others have written: asked for by name, and missed without an error. */
import type { Json } from '../dsl/type'

export type JsonObject = { readonly [key: string]: Json | undefined }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object that is found by keys one inside another; an empty one where there is none. */
export const inside = (value: JsonObject, ...keys: readonly string[]): JsonObject =>
  keys.reduce<JsonObject>((found, key) => {
    const next = found[key]
    return isObject(next) ? next : {}
  }, value)

export const textIn = (value: JsonObject, key: string): string | undefined =>
  typeof value[key] === 'string' ? value[key] : undefined

/** The objects of a list. */
export const listIn = (value: JsonObject, key: string): readonly JsonObject[] => {
  const found = value[key]
  return Array.isArray(found) ? found.filter(isObject) : []
}
