/** What differs between values of several runs: their pipelines, or what they were made with. */
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../dsl/type'

/** A value of one of the runs; undefined where it hasn't got it. */
export type Held = Json | undefined
type Mapping = { readonly [key: string]: Json }

/** A place at which not all runs hold the same. */
export interface Difference {
  /** `adamw.lr.cosine.from`, `views.global[0].times`; a second stage of a name is `knn.2`. */
  readonly path: string
  /** In the order of the runs. */
  readonly values: readonly Held[]
}

const isMapping = (value: Held): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: Held): value is readonly Json[] => Array.isArray(value)

const keysOf = (values: readonly Mapping[]): readonly string[] => [...new Set(values.flatMap(Object.keys))]

/** Two ops in one place have nothing in common that could be compared part by part. */
const haveCommon = (values: readonly Mapping[]): boolean =>
  keysOf(values).some((key) => values.every((value) => Object.hasOwn(value, key)))

/**
 * The deepest places at which values differ. Mappings are compared by their keys where all have one in common, else they differ as
 * a whole, as two ops do that stand in the same place; lists by their items where they are of the same length and hold more than plain values.
 */
export const differences = (values: readonly Held[], path = ''): readonly Difference[] => {
  const [first, ...others] = values
  if (others.every((other) => isDeepStrictEqual(first, other))) return []
  if (values.every(isMapping) && (path === '' || haveCommon(values)))
    return keysOf(values).flatMap((key) =>
      differences(
        values.map((value) => (Object.hasOwn(value, key) ? value[key] : undefined)),
        path === '' ? key : `${path}.${key}`,
      ),
    )
  if (values.every(isList) && alike(values))
    return values[0]!.flatMap((_, i) =>
      differences(
        values.map((value) => value[i]),
        `${path}[${i}]`,
      ),
    )
  return [{ path, values }]
}

const alike = (values: readonly (readonly Json[])[]): boolean =>
  values.every((value) => value.length === values[0]!.length) &&
  values.some((value) => value.some((item) => typeof item === 'object' && item !== null))

/** The name and the body of an item of a pipeline. */
const stageOf = (item: Json): readonly [string, Json] =>
  isMapping(item) ? (Object.entries(item)[0] ?? ['', {}]) : [String(item), {}]

/** A pipeline's stages by name: a second one of a name is numbered, as its metrics are. */
export const stagesOf = (pipeline: readonly Json[]): Mapping => {
  const met = new Map<string, number>()
  return Object.fromEntries(
    pipeline.map((item) => {
      const [name, body] = stageOf(item)
      const count = 1 + (met.get(name) ?? 0)
      met.set(name, count)
      return [count === 1 ? name : `${name}.${count}`, body]
    }),
  )
}

/** What differs between pipelines; the order of their stages too, where those that all have stand in another one. */
export const pipelineDifferences = (
  plans: readonly { readonly name: Held; readonly pipeline: readonly Json[] }[],
): readonly Difference[] => {
  const stages = plans.map(({ pipeline }) => stagesOf(pipeline))
  const common = keysOf(stages).filter((name) => stages.every((one) => Object.hasOwn(one, name)))
  const order = differences(
    stages.map((one) => Object.keys(one).filter((name) => common.includes(name))),
    'pipeline',
  )
  return [
    ...differences(
      plans.map(({ name }) => name),
      'name',
    ),
    ...order,
    ...differences(stages),
  ]
}
