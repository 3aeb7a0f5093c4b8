/** `--set path=value`: one value of a document replaced from outside, e.g. `--set vit.depth=6`; and how such paths are followed. */
import * as E from 'fp-ts/Either'
import type { LocatedProblem } from '../base/failure'
import { DOCUMENT } from './check'
import { shown } from './decode'
import type { Document, Step } from './document'
import type { Registry } from './registry'
import { problemAt, readSource } from './source'
import { parameterMeant, respelled, stageMeant } from './spelling'

/** Why a path leads nowhere. */
export interface Dead {
  readonly range: readonly [number, number]
  readonly message: string
  readonly suggestion?: string | undefined
}

/** The steps of a path; undefined if it isn't written as one. */
export const stepsIn = (written: string): readonly Step[] | undefined =>
  PATH.test(written)
    ? [...written.matchAll(/[^.[\]]+/g)].map((match) => ({
        name: match[0],
        range: [match.index, match.index + match[0].length] as const,
      }))
    : undefined

const PATH = /^[^.[\]\s]+(?:\.[^.[\]\s]+|\[\d+\])*$/
const isMapping = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null && !Array.isArray(u)
const isIndex = (name: string): boolean => /^(?:0|[1-9]\d*)$/.test(name)

/** What is wrong with a path, in the argument of an option. */
export const wrongPath =
  (option: string, argument: string) =>
  ({ range, message, suggestion }: Dead): readonly LocatedProblem[] => [
    problemAt({ file: option, text: argument }, range, {
      code: 'wrong-path',
      path: [],
      at: 'key',
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    }),
  ]

/**
 * Sets one value; of parameters that exclude each other it replaces the other one. The path names keys and, from 0, items: `pipeline.3.vit.depth` or `pipeline[3].vit.depth`. A stage
 * may be named by its op, and `pipeline` left out: `vit.depth`. The value is YAML.
 */
export const override = (
  registry: Registry,
  document: Document,
  option: string,
  argument: string,
): E.Either<readonly LocatedProblem[], Document> => {
  const refuse = (dead: Dead) => E.left(wrongPath(option, argument)(dead))
  const equals = argument.indexOf('=')
  const written = equals < 0 ? argument : argument.slice(0, equals)
  const steps = stepsIn(written)
  if (equals < 0 || steps === undefined)
    return refuse({
      range: [0, Math.max(1, written.length)],
      message: `expected path=value, got ${shown(argument)}`,
      suggestion: 'name a stage, its parameter and the new value, as in vit.depth=6',
    })
  const source = readSource(option, argument, equals + 1)
  if (E.isLeft(source)) return source
  const path = resolve(registry, document.value, argument, steps)
  if (E.isLeft(path)) return refuse(path.left)
  const set = replace(registry, document.value, argument, path.right, source.right.value)
  if (E.isLeft(set)) return refuse(set.left)
  const done = { steps: path.right, source: source.right, added: set.right.added }
  return E.right({ ...document, value: set.right.value, overrides: [...document.overrides, done] })
}

/** The full path: from the root of the document, the stage by its index. */
export const resolve = (
  registry: Registry,
  value: unknown,
  argument: string,
  steps: readonly Step[],
): E.Either<Dead, readonly Step[]> => {
  const first = steps[0]!
  const absolute = Object.hasOwn(DOCUMENT, first.name)
  const list = isMapping(value) && Object.hasOwn(value, 'pipeline') ? value.pipeline : undefined
  const [pipeline, stage, rest] = absolute
    ? [first, steps[1], steps.slice(1)]
    : [{ name: 'pipeline', range: first.range }, first, steps]
  const full = (path: readonly Step[]) => E.right(throughMain(registry, value, path))
  if (pipeline.name !== 'pipeline' || stage === undefined || isIndex(stage.name))
    return full(absolute ? steps : [pipeline, ...steps])
  const names = Array.isArray(list) ? list.map(stageName) : []
  const found = names.flatMap((name, index) => (name === stage.name ? [index] : []))
  if (found.length > 1) {
    const spellings = found.map((index) => respelled(`pipeline.${index}.${stage.name}`, argument, stage.range[1]))
    return E.left({
      range: stage.range,
      message: `the pipeline has ${found.length} stages '${stage.name}'`,
      suggestion: `say which one: ${spellings.join(' or ')}`,
    })
  }
  const [stages, parameter] = [{ registry, names }, rest[1]]
  if (found.length === 0) {
    const meant = stageMeant(stages, argument, stage, parameter, absolute ? [] : Object.keys(DOCUMENT))
    return E.left({
      range: stage.range,
      message: `the pipeline has no stage '${stage.name}'`,
      suggestion: meant ?? `its stages: ${names.join(', ') || 'none'}`,
    })
  }
  const meant = parameter === undefined ? undefined : parameterMeant(stages, argument, stage.name, parameter)
  if (meant !== undefined)
    return E.left({
      range: parameter!.range,
      message: `'${stage.name}' has no parameter '${parameter!.name}'`,
      suggestion: meant,
    })
  return full([pipeline, { name: String(found[0]), range: stage.range }, ...rest])
}

/**
 * The path in a document that is written in full, where an op's main parameter may be left out of it as in a pipeline:
 * `dataset.shapes.count` for `dataset.source.shapes.count`.
 */
const throughMain = (
  registry: Registry,
  value: unknown,
  [step, ...rest]: readonly Step[],
  /** The key that leads here: an op, it may be. */
  of?: string,
): readonly Step[] => {
  if (step === undefined) return []
  const main = isMapping(value) ? mainAround(registry, value, of, step.name) : undefined
  if (main !== undefined)
    return [{ name: main, range: step.range }, ...throughMain(registry, opened(value, main)![main], [step, ...rest])]
  const part = Array.isArray(value) ? value[Number(step.name)] : isMapping(value) ? value[step.name] : undefined
  return [step, ...throughMain(registry, part, rest, step.name)]
}

/** The main parameter of an op written in full, in whose value a step leads that is none of its parameters. */
const mainAround = (
  registry: Registry,
  body: Readonly<Record<string, unknown>>,
  of: string | undefined,
  step: string,
): string | undefined => {
  const spec = registry.ops.find(({ name, main }) => name === of && main !== undefined)
  if (spec?.main === undefined || ownOf(spec).includes(step)) return undefined
  const held = body[spec.main]
  const isIn = Array.isArray(held) ? isIndex(step) : isMapping(held) && Object.hasOwn(held, step)
  return isIn ? spec.main : undefined
}

/** Parameters that an op may have. */
const ownOf = ({ fields, kind }: Registry['ops'][number]): readonly string[] => [
  ...Object.keys(fields),
  ...Object.keys(kind.modifiers ?? {}),
]

const stageName = (item: unknown): string =>
  typeof item === 'string' ? item : isMapping(item) ? (Object.keys(item)[0] ?? '') : ''

/** A copy with one value replaced. What is shared through aliases is copied, so that other uses stay as they are. */
const replace = (
  registry: Registry,
  value: unknown,
  argument: string,
  [step, ...rest]: readonly Step[],
  by: unknown,
  depth = 0,
  /** The key that leads here: an op, it may be. */
  of?: string,
): E.Either<Dead, { readonly value: unknown; readonly added: number }> => {
  if (step === undefined) return E.right({ value: by, added: -1 })
  const { name, range } = step
  if (Array.isArray(value)) {
    const index = indexIn(value, argument, step, depth)
    if (E.isLeft(index)) return index
    return E.Functor.map(replace(registry, value[index.right], argument, rest, by, depth + 1), (inner) => ({
      ...inner,
      value: value.with(index.right, inner.value),
    }))
  }
  const mapping = opened(value, name)
  if (mapping === undefined)
    return E.left({
      range,
      message: `${shown(value)} is here, which has no '${name}' in it`,
      suggestion: `set the whole value: ${argument.slice(0, range[0]).replace(/[.[]$/, '')}=…`,
    })
  const has = Object.hasOwn(mapping, name)
  const part = has ? inFull(registry, name, mapping[name], rest[0]?.name) : undefined
  const kept = rest.length > 0 || of === undefined ? mapping : without(mapping, excludedBy(registry, of, name))
  return E.Functor.map(replace(registry, part, argument, rest, by, depth + 1, name), (inner) => ({
    value: { ...kept, [name]: inner.value },
    added: has ? inner.added : depth,
  }))
}

const without = (mapping: Readonly<Record<string, unknown>>, keys: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(mapping).filter(([key]) => !keys.includes(key)))

/** The parameters of an op that can't be given beside another one. */
const excludedBy = (registry: Registry, name: string, parameter: string): readonly string[] =>
  registry.ops
    .filter((spec) => spec.name === name)
    .flatMap(({ exclusive = [] }) => exclusive.filter((group) => group.includes(parameter)).flat())
    .filter((key) => key !== parameter)

/** The index that a step names in a list. `depth` tells how many steps lead there. */
export const indexIn = (
  list: readonly unknown[],
  argument: string,
  { name, range }: Step,
  depth: number,
): E.Either<Dead, number> => {
  const index = isIndex(name) ? Number(name) : -1
  return index >= 0 && index < list.length
    ? E.right(index)
    : E.left({
        range,
        message: `this is a list, and '${name}' is not one of its items`,
        suggestion: `its items: ${itemsOf(list)}${list.length === 0 || depth === 1 ? '' : `, as in ${itemSpelled(argument, range)}`}`,
      })
}

const itemsOf = ({ length }: readonly unknown[]): string =>
  length < 2 ? (['none', '0'] as const)[length]! : `0 to ${length - 1}`

/** The path to the first item of a list, in place of one that isn't there. */
const itemSpelled = (argument: string, [from, to]: readonly [number, number]): string => {
  const before = argument.slice(0, from).replace(/[.[]$/, '')
  return respelled(`${before}[0]`, argument, argument[to] === ']' ? to + 1 : to)
}

/** A value as a mapping: nothing is an empty one, and the bare name of an op stands for the op without parameters. */
export const opened = (value: unknown, name: string): Readonly<Record<string, unknown>> | undefined =>
  isMapping(value) ? value : value === undefined || value === null ? {} : value === name ? { [name]: {} } : undefined

/** The body of an op as a mapping, if the next step is one of its parameters and the main one stands there alone. */
export const inFull = (registry: Registry, name: string, body: unknown, next: string | undefined): unknown => {
  const spec = registry.ops.find((one) => one.name === name && one.main !== undefined)
  if (spec?.main === undefined || next === undefined || body === undefined || body === null) return body
  const own = ownOf(spec)
  const alone = !isMapping(body) || (Object.keys(body).length > 0 && !Object.keys(body).some((key) => own.includes(key)))
  return own.includes(next) && alone ? { [spec.main]: body } : body
}
