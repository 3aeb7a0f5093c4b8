/** An example of an op for the documentation: as short as it can be written, made up from the descriptions. */
import * as E from 'fp-ts/Either'
import { decoder } from './decode'
import type { Registry } from './registry'
import type { OpSpec } from './spec'
import { type AnyField, type AnyKind, type AnyType, type Json, type Node, op } from './type'

type Written = { readonly [key: string]: Json }

/** An op that decodes, as it would be written; undefined where none could be made up (then the op needs an `example`). */
export const exampleOf = (registry: Registry, spec: OpSpec): Written | undefined => {
  const body = (spec.example as Json | undefined) ?? bodySample(registry, spec, [])
  if (body === undefined) return undefined
  const example = { [spec.name]: body }
  return E.isRight(decoder(registry, op(spec.kind)).decode(example)) ? example : undefined
}

/** `within` are the kinds that an example is being made for already, so that none goes on for ever. */
const bodySample = (registry: Registry, spec: OpSpec, within: readonly AnyKind[]): Json | undefined => {
  const entries = Object.entries(spec.fields)
  const needed = entries.filter(([, field]) => !field.optional)
  const shown = needed.length > 0 ? needed : entries.filter(([, field]) => field.fallback !== undefined).slice(0, 1)
  const samples = shown.map(([key, field]) => [key, fieldSample(registry, field, within)] as const)
  return samples.some(([, sample]) => sample === undefined) ? undefined : (Object.fromEntries(samples) as Json)
}

const fieldSample = (registry: Registry, field: AnyField, within: readonly AnyKind[]): Json | undefined =>
  (field.fallback as Json | undefined) ?? sample(registry, field.type, within)

const sample = (registry: Registry, type: AnyType, within: readonly AnyKind[]): Json | undefined => {
  const node: Node = type.node
  switch (node.tag) {
    case 'leaf':
      return leafSample(node)
    case 'list': {
      const item = sample(registry, node.item, within)
      return item === undefined ? undefined : Array.from({ length: Math.max(1, node.min) }, () => item)
    }
    case 'struct': {
      const samples = Object.entries(node.fields)
        .filter(([, field]) => !field.optional)
        .map(([key, field]) => [key, fieldSample(registry, field, within)] as const)
      return samples.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(samples) as Json)
    }
    case 'op':
      return opSample(registry, node.kind, within)
    case 'numberOr':
      return 0.5
    case 'steps': {
      const last = opSample(registry, node.last, within)
      return last === undefined ? undefined : [last]
    }
  }
}

/** The first op of a kind that leads to no kind begun already. */
const opSample = (registry: Registry, kind: AnyKind, within: readonly AnyKind[]): Json | undefined => {
  if (within.some((one) => one.name === kind.name)) return undefined
  for (const name of registry.names(kind)) {
    const spec = registry.find(kind, name)!
    const body = (spec.example as Json | undefined) ?? bodySample(registry, spec, [...within, kind])
    if (body !== undefined) return { [name]: body }
  }
  return undefined
}

const CANDIDATES: readonly Json[] = ['path/to/images', 0.5, 1, 10, 100, true, [0.5, 1], '10 epochs']

const leafSample = (leaf: Extract<Node, { tag: 'leaf' }>): Json | undefined => {
  const schema = leaf.schema as Written
  const named = [...((schema.examples as readonly Json[]) ?? []), ...((schema.enum as readonly Json[]) ?? [])]
  return [...named, ...CANDIDATES].find((candidate) => leaf.codec.is(candidate))
}
