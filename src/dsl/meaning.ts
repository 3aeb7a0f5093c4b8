/** From data to what it means: every op in a decoded value is replaced by what its definition builds. */

import type { Registry } from './registry'
import type { OpSpec } from './spec'
import { type AnyKind, type AnyType, type Fields, type Json, type Op, opBody, opName } from './type'

/** What an op means. The op must be decoded. */
export const meaningOf = (registry: Registry, kind: AnyKind, op: Op): unknown => {
  const spec = registry.find(kind, opName(op))
  if (spec === undefined) throw new RangeError(`'${opName(op)}' was not decoded with this registry`)
  return buildOp(registry, spec, opBody(op))
}

/** What an op of a known definition means, from its decoded parameters. */
export const buildOp = (registry: Registry, spec: OpSpec, body: Readonly<Record<string, Json>>): unknown =>
  spec.build(meantFields(registry, spec.fields, body))

const meantFields = (registry: Registry, fields: Fields, values: Readonly<Record<string, Json>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, field]) => {
      const value = values[key]
      return [key, value === undefined ? undefined : meant(registry, field.type, value)]
    }),
  )

const meant = (registry: Registry, type: AnyType, value: Json): unknown => {
  const node = type.node
  switch (node.tag) {
    case 'leaf':
      return node.mean(value)
    case 'list':
      return (value as readonly Json[]).map((item) => meant(registry, node.item, item))
    case 'struct':
      return meantFields(registry, node.fields, value as Readonly<Record<string, Json>>)
    case 'op':
      return meaningOf(registry, node.kind, value as Op)
    case 'numberOr':
      return typeof value === 'number' ? value : meaningOf(registry, node.kind, value as Op)
    case 'steps': {
      const steps = value as readonly Op[]
      return steps.map((step, i) => meaningOf(registry, i === steps.length - 1 ? node.last : node.before, step))
    }
  }
}
