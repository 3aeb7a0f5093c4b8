/** What of a pipeline may change when its run goes on, and what two pipelines differ in. */
import { isDeepStrictEqual } from 'node:util'
import type { Plan } from '../dsl/plan'
import { isStage, type Registry } from '../dsl/registry'
import { stageKind } from '../dsl/spec'
import { type Json, type Op, opBody, opName } from '../dsl/type'

/** The fields of sources that say where the data lie. */
const PLACES: readonly string[] = ['path', 'root', 'files', 'images', 'labels', 'list']

type Mapping = { readonly [key: string]: Json }
const isMapping = (value: Json | undefined): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** Only whether there is a place counts, not which. */
const isPlace = (value: Json): boolean => typeof value === 'string' || isList(value)

const withoutPlaces = (sources: ReadonlySet<string>, value: Json): Json => {
  if (isList(value)) return value.map((item) => withoutPlaces(sources, item))
  if (!isMapping(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, body]) => {
      const inner = withoutPlaces(sources, body)
      if (!sources.has(name)) return [name, inner]
      if (!isMapping(inner)) return [name, null]
      return [
        name,
        Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, PLACES.includes(key) && isPlace(one) ? null : one])),
      ]
    }),
  )
}

/** A stage without what is free of it; none where all of it is. */
const bound = (registry: Registry, op: Op<'stage'>): readonly Op<'stage'>[] => {
  const spec = registry.find(stageKind, opName(op))
  const free = spec !== undefined && isStage(spec) ? spec.free : undefined
  if (free === undefined) return [op]
  if (free === 'all') return []
  return [{ [opName(op)]: Object.fromEntries(Object.entries(opBody(op)).filter(([key]) => !free.includes(key))) }]
}

/** What a run can't change when it goes on: its pipeline without where the data lie, and without what stages declare as free. */
export const essence = (registry: Registry, { name, pipeline }: Plan): Plan => {
  const sources = new Set(registry.ops.filter(({ kind }) => kind.name === 'source').map((spec) => spec.name))
  return {
    name,
    pipeline: pipeline.flatMap((op) => bound(registry, op)).map((op) => withoutPlaces(sources, op) as Op<'stage'>),
  }
}

/** A value that differs between two pipelines; null on the side that hasn't got it. */
export interface Change {
  /** As `--set` takes it: `train.maxBad`. */
  readonly path: string
  readonly from: Json
  readonly to: Json
}

/** All values by their paths. */
const leavesOf = ({ name, pipeline }: Plan): ReadonlyMap<string, Json> => {
  const found = new Map<string, Json>([['name', name]])
  const add = (path: string, value: Json): void => {
    if (isMapping(value) && Object.keys(value).length > 0)
      for (const [key, inner] of Object.entries(value)) add(`${path}.${key}`, inner)
    else if (isList(value) && value.some((item) => isMapping(item) || isList(item)))
      for (const [i, inner] of value.entries()) add(`${path}[${i}]`, inner)
    else found.set(path, value)
  }
  const names = pipeline.map(opName)
  for (const [i, op] of pipeline.entries()) {
    const stage = opName(op)
    add(names.indexOf(stage) === names.lastIndexOf(stage) ? stage : `pipeline[${i}].${stage}`, opBody(op) as Json)
  }
  return found
}

/** What differs between two pipelines, in the order of the first. */
export const changesBetween = (before: Plan, after: Plan): readonly Change[] => {
  const [from, to] = [leavesOf(before), leavesOf(after)]
  return [...new Set([...from.keys(), ...to.keys()])]
    .map((path) => ({ path, from: from.get(path) ?? null, to: to.get(path) ?? null }))
    .filter((change) => !isDeepStrictEqual(change.from, change.to))
}

/** How many changes are told. */
const TOLD = 3

/** In words, for a message: `adamw.lr is 0.002, not 0.001`. */
export const changesText = (changes: readonly Change[]): string => {
  const told = changes.slice(0, TOLD).map(({ path, from, to }) => `${path} is ${JSON.stringify(to)}, not ${JSON.stringify(from)}`)
  const more = changes.length - told.length
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}
