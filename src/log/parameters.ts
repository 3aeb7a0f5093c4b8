/** The parameters of a run, one by one, as servers list them. */
import type { Json } from '../dsl/type'
import { isObject } from './json'

type Mapping = { readonly [key: string]: Json }
const isMapping = (value: Json): value is Mapping => isObject(value)
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** By paths such as `views.global.0.times`; lists of plain values are one value. */
export const parametersOf = (config: Mapping): readonly (readonly [path: string, value: string])[] =>
  Object.entries(config).flatMap(([name, value]) => below(name, value))

const below = (path: string, value: Json): readonly (readonly [string, string])[] => {
  if (isMapping(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, inner]) => below(`${path}.${key}`, inner))
  if (isList(value) && value.some((item) => isMapping(item) || isList(item)))
    return value.flatMap((item, i) => below(`${path}.${i}`, item))
  return [[path, textOf(value)]]
}
