/**
 * The JSON Schema (draft-07) of pipeline documents, for completion and checks in editors.
 *
 * It accepts all that decodes. Of what doesn't decode it also accepts what a schema can't tell: relations between
 * values (low ≤ high, an op's `refine`), which step of `stepsThen` is the last, and the facts that stages need.
 */
import * as E from 'fp-ts/Either'
import { DOCUMENT } from './check'
import { decoder } from './decode'
import type { Registry } from './registry'
import { type OpSpec, stageKind } from './spec'
import { type AnyField, type AnyKind, type AnyType, type Fields, type Json, type Node, op } from './type'

type Schema = { readonly [key: string]: Json }

const reference = (kind: AnyKind): Schema => ({ $ref: `#/definitions/${kind.name}` })
/** One of several forms. */
const either = (forms: readonly Json[]): Schema => (forms.length === 1 ? (forms[0] as Schema) : { anyOf: forms })

/** The schema of a whole document. */
export const jsonSchema = (registry: Registry): Json => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'ibot pipeline',
  description: 'A pipeline: a name, and a list of stages that is worked through from top to bottom.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'pipeline'],
  properties: {
    name: { description: 'What the run is called; its folder too.', ...(typeSchema(DOCUMENT.name) as Schema) },
    pipeline: { description: 'The stages in their order.', type: 'array', minItems: 1, items: reference(stageKind) },
  },
  definitions: Object.fromEntries(kindsOf(registry).map((kind) => [kind.name, kindSchema(registry, kind)])),
})

/** The stages first, then all kinds that have ops or that a parameter may take. */
export const kindsOf = (registry: Registry): readonly AnyKind[] => {
  const all = [stageKind, ...registry.ops.flatMap((spec) => [spec.kind, ...fieldKinds(spec.fields)])]
  return all.filter((kind, i) => all.findIndex((other) => other.name === kind.name) === i)
}

const fieldKinds = (fields: Fields): readonly AnyKind[] => Object.values(fields).flatMap((field) => nodeKinds(field.type.node))

const nodeKinds = (node: Node): readonly AnyKind[] => {
  switch (node.tag) {
    case 'leaf':
      return []
    case 'list':
      return nodeKinds(node.item.node)
    case 'struct':
      return fieldKinds(node.fields)
    case 'op':
    case 'numberOr':
      return [node.kind]
    case 'steps':
      return [node.before, node.last]
  }
}

/** Any op of a kind: one key that names it, its bare name where nothing must be set, or the kind's own short form. */
const kindSchema = (registry: Registry, kind: AnyKind): Schema => {
  const specs = registry.ops.filter((spec) => spec.kind.name === kind.name)
  const bare = specs.filter((spec) => E.isRight(decoder(registry, op(kind)).decode(spec.name))).map((spec) => spec.name)
  return either([
    {
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
      properties: Object.fromEntries(specs.map((spec) => [spec.name, bodySchema(spec)])),
    },
    ...(bare.length > 0 ? [{ enum: bare }] : []),
    ...(kind.sugar ? [kind.sugar.schema] : []),
  ])
}

/** The parameters of an op: as a mapping, as nothing where none is required, or the main one alone. */
const bodySchema = (spec: OpSpec): Schema => {
  const { fields, main } = spec
  const optional = (except?: string): boolean => Object.entries(fields).every(([key, field]) => key === except || field.optional)
  const modifiers = Object.entries(spec.kind.modifiers ?? {}).map(([key, modifier]) => [key, modifier.field] as const)
  const mapping = { ...fieldsSchema({ ...Object.fromEntries(modifiers), ...fields }, fields), ...(optional() ? NOTHING_TOO : {}) }
  const alone = main !== undefined && optional(main) ? fields[main]?.type : undefined
  return { description: spec.doc, ...either([mapping, ...(alone && alone.node.tag !== 'struct' ? [typeSchema(alone)] : [])]) }
}

const NOTHING_TOO = { type: ['object', 'null'] }

/** A mapping of fields, of which those in `own` that have no default must be there. */
const fieldsSchema = (fields: Fields, own: Fields): Schema => {
  const needed = Object.entries(own)
    .filter(([, field]) => !field.optional)
    .map(([key]) => key)
  return {
    type: 'object',
    additionalProperties: false,
    ...(needed.length > 0 ? { required: needed } : {}),
    properties: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, fieldSchema(field)])),
  }
}

const fieldSchema = (field: AnyField): Schema => {
  const schema = typeSchema(field.type) as Schema
  return {
    description: field.doc,
    ...(field.fallback === undefined ? {} : { default: field.fallback as Json }),
    // Draft-07 ignores everything beside a $ref.
    ...('$ref' in schema ? { allOf: [schema] } : schema),
  }
}

const typeSchema = (type: AnyType): Json => {
  const node: Node = type.node
  switch (node.tag) {
    case 'leaf':
      return node.schema
    case 'list': {
      const item = typeSchema(node.item)
      const many = {
        type: 'array',
        minItems: node.min,
        ...(node.max === Number.MAX_SAFE_INTEGER ? {} : { maxItems: node.max }),
        items: item,
      }
      return node.single ? either([many, item]) : many
    }
    case 'struct':
      return fieldsSchema(node.fields, node.fields)
    case 'op':
      return reference(node.kind)
    case 'numberOr':
      return either([{ type: 'number' }, reference(node.kind)])
    case 'steps': {
      const last = reference(node.last)
      return either([{ type: 'array', minItems: 1, items: either([reference(node.before), last]), contains: last }, last])
    }
  }
}
