/** Generators of pipelines, made from the descriptions of a language: whatever may be written, in all its forms. */
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { decoder } from '../../src/dsl/decode'
import type { Registry } from '../../src/dsl/registry'
import { type OpSpec, stageKind } from '../../src/dsl/spec'
import { type AnyKind, type AnyType, type Fields, type Json, type Node, op } from '../../src/dsl/type'

type Arbitrary = fc.Arbitrary<Json>

/** Texts that are hard to write without quotes among ordinary ones. */
const texts = fc.oneof(
  fc.constantFrom(
    'data',
    '10 epochs',
    '5%',
    'a b',
    'true',
    'null',
    '1e-3',
    '~',
    '- a',
    'a: b',
    'a #b',
    '',
    ' ',
    "it's",
    '"',
    '\\',
    '\u2028',
    'é😀',
    '.',
    '---',
    '0x1',
  ),
  fc.string({ unit: 'binary' }),
)
const numbers = fc.oneof(
  fc.constantFrom(0, 1, 0.5, 5e-4, 1e-5, 1e-6, 1e21, 0.1 + 0.2),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

const leafValues = (node: Extract<Node, { tag: 'leaf' }>): Arbitrary => {
  const schema = node.schema as { readonly enum?: readonly Json[] }
  const pool: Arbitrary = fc.oneof(
    ...(schema.enum ? [fc.constantFrom(...schema.enum)] : []),
    fc.integer({ min: 1, max: 50 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    numbers,
    fc.boolean(),
    texts,
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  )
  // The description decides, so that every leaf has values without a generator of its own.
  return pool.filter((value) => node.codec.is(value))
}

/** Values of a type, as they may be written. `depth` bounds ops inside ops. */
export const written = (registry: Registry, type: AnyType, depth: number): Arbitrary => {
  const node: Node = type.node
  switch (node.tag) {
    case 'leaf':
      return leafValues(node)
    case 'list': {
      const item = written(registry, node.item, depth)
      const many = fc.array(item, { minLength: node.min, maxLength: Math.min(node.max, Math.max(3, node.min)) })
      return node.single ? fc.oneof(many, item) : many
    }
    case 'struct':
      return bodies(registry, node.fields, depth)
    case 'op':
      return ops(registry, node.kind, depth)
    case 'numberOr':
      return depth < 0 ? numbers : fc.oneof(numbers, ops(registry, node.kind, depth))
    case 'steps': {
      const [before, last] = [ops(registry, node.before, depth), ops(registry, node.last, depth)]
      return fc.oneof(
        last,
        fc.tuple(fc.array(before, { maxLength: 2 }), last).map(([steps, end]) => [...steps, end]),
      )
    }
  }
}

const bodies = (registry: Registry, fields: Fields, depth: number): fc.Arbitrary<{ readonly [key: string]: Json }> => {
  const needed = Object.keys(fields).filter((key) => !fields[key]!.optional)
  const usable = Object.entries(fields).filter(([, field]) => depth >= 0 || !field.optional || !holdsOps(field.type.node))
  const values = Object.fromEntries(usable.map(([key, field]) => [key, written(registry, field.type, depth)]))
  return fc.record(values, { requiredKeys: needed, noNullPrototype: true }) as fc.Arbitrary<{ readonly [key: string]: Json }>
}

/** Ops in all forms: in full, with modifiers, their main parameter alone, as a bare name, and the kind's own short form. */
export const ops = (registry: Registry, kind: AnyKind, depth: number): Arbitrary => {
  const specs = registry.ops.filter((spec) => spec.kind.name === kind.name)
  const shallow = specs.filter(
    (spec) => !Object.values(spec.fields).some((field) => !field.optional && holdsOps(field.type.node)),
  )
  const usable = depth > 0 || shallow.length === 0 ? specs : shallow
  const sugar = kind.sugar ? [numbers.filter((value) => kind.sugar?.remove(value) !== undefined)] : []
  return fc
    .oneof(...usable.map((spec) => oneOp(registry, spec, depth - 1)), ...sugar)
    .filter((value) => E.isRight(decoder(registry, op(kind)).decode(value)))
}

const oneOp = (registry: Registry, spec: OpSpec, depth: number): Arbitrary => {
  const modifiers = Object.fromEntries(
    Object.entries(spec.kind.modifiers ?? {})
      .filter(([key]) => !Object.hasOwn(spec.fields, key))
      .map(([key, { field }]) => [key, field]),
  )
  const named = (body: Json): Json => ({ [spec.name]: body })
  const main = spec.main === undefined ? undefined : spec.fields[spec.main]
  return fc.oneof(
    bodies(registry, { ...modifiers, ...spec.fields }, depth).map(named),
    ...(main ? [written(registry, main.type, depth).map(named)] : []),
    ...(Object.values(spec.fields).every((field) => field.optional) ? [fc.constant<Json>(spec.name)] : []),
  )
}

const holdsOps = (node: Node): boolean =>
  node.tag === 'op' ||
  node.tag === 'steps' ||
  (node.tag === 'list' && holdsOps(node.item.node)) ||
  (node.tag === 'struct' && Object.values(node.fields).some((field) => holdsOps(field.type.node)))

/** Whole documents with these stages in this order. */
export const documents = (
  registry: Registry,
  stages: readonly string[],
): fc.Arbitrary<{ readonly name: string; readonly pipeline: readonly Json[] }> =>
  fc.record(
    {
      name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
      pipeline: fc.tuple(
        ...stages.map((name) =>
          oneOp(registry, registry.find(stageKind, name)!, 2).filter((value) =>
            E.isRight(decoder(registry, op(stageKind)).decode(value)),
          ),
        ),
      ),
    },
    { noNullPrototype: true },
  )
