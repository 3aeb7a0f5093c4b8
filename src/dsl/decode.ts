/**
 * Decoding: what a person wrote → ops with sugar removed and defaults filled in, or every mistake at once.
 *
 * The codecs are io-ts types. Every context key in an error is a key or an index of the document as written (never a
 * slot of a union or an intersection), so that the place of a mistake can be shown; each mistake is reported once.
 */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { Problem } from '../base/failure'
import { defined } from './definition'
import { nearest } from './nearest'
import type { Registry } from './registry'
import type { Objection, OpSpec } from './spec'
import type { AnyField, AnyKind, AnyType, Fields, Json, Node, Op } from './type'

/** An io-ts error that also knows what kind of mistake it is and how to mend it. */
export interface Mistake extends t.ValidationError {
  readonly code: string
  readonly at: 'key' | 'value'
  readonly suggestion?: string | undefined
}

const mistake = (
  code: string,
  value: unknown,
  context: t.Context,
  message: string,
  suggestion?: string,
  at: 'key' | 'value' = 'value',
): Mistake => ({ code, at, value, context, message, suggestion })

/** Shows a written value in a message, shortened. */
export const shown = (value: unknown): string => {
  if (value === undefined || value === null) return 'nothing'
  const json = typeof value === 'number' || typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))
  return json.length > 60 ? `${json.slice(0, 57)}…` : json
}

/** Decodes into ops. Without a registry (in constructors) ops inside ops are taken as they are: they were decoded when made. */
export const decoder = (registry: Registry | undefined, type: AnyType): t.Type<unknown, unknown, unknown> =>
  new t.Type<unknown, unknown, unknown>(
    type.node.tag,
    (u): u is unknown => E.isRight(validate(registry, type, u, [])),
    (u, context) => validate(registry, type, u, context),
    (a) => a,
  )

const isMapping = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null && !Array.isArray(u)
const below = (context: t.Context, key: string, actual: unknown): t.Context => t.appendContext(context, key, t.unknown, actual)

const validate = (registry: Registry | undefined, type: AnyType, u: unknown, context: t.Context): t.Validation<unknown> => {
  const node = type.node
  switch (node.tag) {
    case 'leaf': {
      const leaf = node.codec.validate(u, context)
      return E.isRight(leaf)
        ? leaf
        : t.failures([
            mistake('wrong-value', u, context, `expected ${node.expected}, got ${shown(u)}`, didYouMean(u, node.schema)),
          ])
    }
    case 'list': {
      const written = node.single && !Array.isArray(u) ? undefined : u
      if (written === undefined) return E.Functor.map(validate(registry, node.item, u, context), (a) => [a])
      if (!Array.isArray(u)) return t.failures([mistake('wrong-value', u, context, `expected a list, got ${shown(u)}`)])
      if (u.length < node.min || u.length > node.max)
        return t.failures([mistake('wrong-length', u, context, `expected ${lengths(node.min, node.max)}, got ${u.length}`)])
      return all(u.map((item, i) => validate(registry, node.item, item, below(context, String(i), item))))
    }
    case 'struct':
      return isMapping(u)
        ? validateFields(registry, node.fields, u, context)
        : t.failures([mistake('wrong-value', u, context, `expected a mapping with ${keysOf(node.fields)}, got ${shown(u)}`)])
    case 'numberOr':
      return typeof u === 'number' && Number.isFinite(u)
        ? t.success(u)
        : validateOp(registry, node.kind, u, context, 'a number or ')
    case 'op':
      return validateOp(registry, node.kind, u, context)
    case 'steps': {
      const items = Array.isArray(u) ? u : [u]
      if (items.length === 0) return t.failures([mistake('wrong-length', u, context, `expected ${node.last.article}`)])
      return all(
        items.map((item, i) => {
          const at = Array.isArray(u) ? below(context, String(i), item) : context
          return validateOp(registry, i === items.length - 1 ? node.last : node.before, item, at)
        }),
      )
    }
  }
}

const lengths = (min: number, max: number): string =>
  max === Number.MAX_SAFE_INTEGER
    ? `${min} or more items`
    : min === max
      ? `${min} item${min === 1 ? '' : 's'}`
      : `${min} to ${max} items`
const keysOf = (fields: Fields): string => Object.keys(fields).join(', ')

const all = (results: readonly t.Validation<unknown>[]): t.Validation<unknown> => {
  const errors = results.flatMap((r) => (E.isLeft(r) ? r.left : []))
  return errors.length > 0 ? t.failures(errors) : t.success(results.flatMap((r) => (E.isRight(r) ? [r.right] : [])))
}

const didYouMean = (u: unknown, schema: Json): string | undefined => {
  const words = isMapping(schema) && Array.isArray(schema.enum) ? schema.enum.filter((word) => typeof word === 'string') : []
  const guess = typeof u === 'string' ? nearest(u, words) : undefined
  return guess ? `did you mean '${guess}'?` : undefined
}

const unknownKey = (
  key: string,
  guess: string | undefined,
  known: readonly string[],
  value: unknown,
  context: t.Context,
): Mistake =>
  mistake(
    'unknown-key',
    value,
    below(context, key, value),
    `unknown key '${key}'`,
    guess ? `did you mean '${guess}'?` : known.length > 0 ? `known here: ${known.join(', ')}` : 'nothing can be set here',
    'key',
  )

const validateField = (registry: Registry | undefined, key: string, field: AnyField, u: unknown, context: t.Context) =>
  validate(registry, field.type, u, below(context, key, u))

/** A mapping with exactly these fields; the result has them in the order of their definition. `others` may be set too, elsewhere. */
const validateFields = (
  registry: Registry | undefined,
  fields: Fields,
  u: Readonly<Record<string, unknown>>,
  context: t.Context,
  others: readonly string[] = [],
): t.Validation<Record<string, unknown>> => {
  const errors: t.Errors = []
  const out: Record<string, unknown> = {}
  const names = Object.keys(fields)
  const known = [...names, ...others]
  const free = known.filter((name) => u[name] === undefined)
  const meant = new Set<string>()
  for (const key of Object.keys(u)) {
    if (Object.hasOwn(fields, key) || u[key] === undefined) continue
    // A key that isn't written yet is more likely meant than one that is.
    const guess = nearest(key, free) ?? nearest(key, known)
    if (guess) meant.add(guess)
    errors.push(unknownKey(key, guess, known, u[key], context))
  }
  for (const key of names) {
    const field = fields[key]!
    const given = Object.hasOwn(u, key) ? u[key] : undefined
    if (given === undefined && !field.optional) {
      // A mistyped key isn't missing too.
      if (meant.has(key)) continue
      errors.push(mistake('missing-key', u, context, `missing key '${key}': ${field.doc}`, undefined, 'key'))
    } else if (given !== undefined || field.fallback !== undefined) {
      // `key:` with nothing after it is a slip of the pen, not the default.
      const result = validateField(registry, key, field, given === undefined ? field.fallback : given, context)
      if (E.isLeft(result)) errors.push(...result.left)
      else out[key] = result.right
    }
  }
  return errors.length > 0 ? t.failures(errors) : t.success(out)
}

/** One key, and the key chooses the op: mistakes come from that op only. */
const validateOp = (
  registry: Registry | undefined,
  kind: AnyKind,
  written: unknown,
  context: t.Context,
  alternative = '',
): t.Validation<unknown> => {
  const u = kind.sugar?.remove(written) ?? (typeof written === 'string' ? { [written]: {} } : written)
  const expected = `expected ${alternative}${kind.article}${kind.sugar ? ` (${kind.sugar.expected}, or 'name: { … }')` : ", written as 'name: { … }'"}`
  if (!isMapping(u)) return t.failures([mistake('wrong-value', written, context, `${expected}, got ${shown(written)}`)])
  const keys = Object.keys(u)
  if (keys.length !== 1) {
    const names = keys.map((k) => `'${k}'`).join(', ')
    // A key of '' is the beginning: a stage, which stands in a list.
    const inList = /^\d*$/.test(context[context.length - 1]?.key ?? '')
    const way = inList ? `put each of ${names} into an item of its own` : `keep one of ${names}`
    const hint = keys.length > 1 ? `${way}, or indent what belongs below` : undefined
    return t.failures([
      mistake('wrong-value', written, context, `${expected}, got ${keys.length === 0 ? 'nothing' : `${keys.length} keys`}`, hint),
    ])
  }
  const name = keys[0]!
  if (registry === undefined) return t.success(u)
  const spec = registry.find(kind, name)
  // A bare word that names no op is a value of the wrong type, not a mistyped key.
  const inner = typeof written === 'string' ? context : below(context, name, u[name])
  if (spec === undefined) return t.failures([unknownOp(registry, kind, name, written, inner)])
  return validateBody(registry, spec, u[name] ?? {}, inner)
}

const unknownOp = (registry: Registry, kind: AnyKind, name: string, written: unknown, context: t.Context): Mistake => {
  const known = registry.names(kind)
  const guess = nearest(name, known)
  const elsewhere = registry.kindsOf(name)
  const suggestion = guess
    ? `did you mean '${guess}'?`
    : elsewhere.length > 0
      ? `'${name}' is ${elsewhere.map((k) => k.article).join(' and ')}; here stands ${kind.article}: ${known.join(', ')}`
      : `known: ${known.join(', ')}`
  const what = kind.article.replace(/^an? /, '')
  return mistake('unknown-op', written, context, `unknown ${what} '${name}'`, suggestion, 'key')
}

/** The kinds whose ops a value may be. */
const kindsIn = (node: Node | undefined): readonly AnyKind[] => {
  switch (node?.tag) {
    case 'op':
    case 'numberOr':
      return [node.kind]
    case 'steps':
      return [node.before, node.last]
    case 'list':
      return node.single ? kindsIn(node.item.node) : []
    default:
      return []
  }
}

/** Whether a body is the main parameter alone: it is no mapping, or an op where an op is the main parameter. */
export const isMainAlone = (registry: Registry | undefined, spec: OpSpec, written: unknown): boolean => {
  if (!isMapping(written)) return true
  const main = spec.main === undefined ? undefined : spec.fields[spec.main]
  const kinds = kindsIn(main?.type.node)
  const keys = Object.keys(written)
  const own = [...Object.keys(spec.fields), ...Object.keys(spec.kind.modifiers ?? {})]
  if (kinds.length === 0 || keys.length === 0 || keys.some((key) => own.includes(key))) return false
  if (registry !== undefined && keys.every((key) => kinds.some((kind) => registry.find(kind, key)))) return true
  // A name that is no op, but much like a parameter, is that parameter mistyped.
  return keys.length === 1 && (registry === undefined || nearest(keys[0]!, own) === undefined)
}

const validateBody = (
  registry: Registry | undefined,
  spec: OpSpec,
  written: unknown,
  context: t.Context,
): t.Validation<unknown> => {
  // The place of a mistake in the main parameter written alone is the op itself.
  if (isMainAlone(registry, spec, written)) {
    const main = spec.main === undefined ? undefined : spec.fields[spec.main]
    if (main === undefined)
      return t.failures([
        mistake(
          'wrong-value',
          written,
          context,
          `expected the parameters of '${spec.name}' as a mapping (${keysOf(spec.fields) || 'it has none'}), got ${shown(written)}`,
        ),
      ])
    const rest = validateFields(
      registry,
      Object.fromEntries(Object.entries(spec.fields).filter(([key]) => key !== spec.main)),
      {},
      context,
    )
    const value = validate(registry, main.type, written, context)
    if (E.isLeft(value)) return value
    if (E.isLeft(rest)) return rest
    return refined(spec, ordered(spec.fields, { ...rest.right, [spec.main!]: value.right }), context)
  }
  if (!isMapping(written)) return t.failures([])
  const modifiers = Object.entries(spec.kind.modifiers ?? {}).filter(
    ([key]) => !Object.hasOwn(spec.fields, key) && written[key] !== undefined,
  )
  const own = Object.fromEntries(Object.entries(written).filter(([key]) => !modifiers.some(([m]) => m === key)))
  const others = Object.keys(spec.kind.modifiers ?? {}).filter((key) => !Object.hasOwn(spec.fields, key))
  const free = others.filter((key) => written[key] === undefined)
  const body = validateFields(registry, spec.fields, own, context, free)
  const extras = modifiers.map(([key, modifier]) => validateField(registry, key, modifier.field, written[key], context))
  const errors = [body, ...extras].flatMap((r) => (E.isLeft(r) ? r.left : []))
  if (errors.length > 0 || E.isLeft(body)) return t.failures(errors)
  const result = refined(spec, body.right, context)
  if (E.isLeft(result)) return result
  return t.success(
    modifiers.reduce<unknown>((op, [, modifier], i) => {
      const extra = extras[i]!
      return E.isRight(extra) ? modifier.wrap(extra.right, op as Op) : op
    }, result.right),
  )
}

const ordered = (fields: Fields, values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(fields)
      .filter((key) => values[key] !== undefined)
      .map((key) => [key, values[key]]),
  )

/** Parameters that are given beside one that excludes them. */
const excluding = ({ exclusive = [] }: OpSpec, params: Record<string, unknown>): readonly Objection[] =>
  exclusive.flatMap((group) => {
    const [first, second] = group.filter((key) => params[key] !== undefined)
    return second === undefined
      ? []
      : [{ path: [second], message: `both ${first} and ${second} are given`, suggestion: 'keep one of them' }]
  })

const refined = (spec: OpSpec, params: Record<string, unknown>, context: t.Context): t.Validation<unknown> => {
  const both = excluding(spec, params)
  const objections = both.length > 0 ? both : (spec.refine?.(params) ?? [])
  if (objections.length === 0) return t.success(defined(spec, { [spec.name]: params }))
  return t.failures(
    objections.map(({ path, message, suggestion }) =>
      mistake(
        'unfit-value',
        params,
        path.reduce<t.Context>((c, key) => below(c, String(key), undefined), context),
        message,
        suggestion,
      ),
    ),
  )
}

/** Decodes the parameters of one op as given in TypeScript. */
export const decodeBody = (spec: OpSpec, given: unknown): E.Either<t.Errors, Json> =>
  validateBody(undefined, spec, given, []) as E.Either<t.Errors, Json>

/** The mistakes of a decoding as problems, with the path from the root of the document. */
export const problemsOf = (errors: t.Errors, prefix: readonly (string | number)[] = []): readonly Problem[] =>
  errors.map((error) => {
    const { code, at, suggestion } = error as Mistake
    return {
      code,
      at,
      path: [...prefix, ...error.context.map((entry) => entry.key).filter((key) => key !== '')],
      message: error.message ?? `unexpected ${shown(error.value)}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    }
  })
