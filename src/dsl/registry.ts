/** The ops that a pipeline can use, as a plain list, and how to find one. */
import type { OpSpec, StageSpec } from './spec'
import type { AnyKind } from './type'

export interface Registry {
  readonly ops: readonly OpSpec[]
  readonly find: (kind: AnyKind, name: string) => OpSpec | undefined
  /** The names of all ops of a kind, in the list's order. */
  readonly names: (kind: AnyKind) => readonly string[]
  /** The kinds that have an op of this name. */
  readonly kindsOf: (name: string) => readonly AnyKind[]
}

export const registryOf = (ops: readonly OpSpec[]): Registry => ({
  ops,
  find: (kind, name) => ops.find((spec) => spec.kind.name === kind.name && spec.name === name),
  names: (kind) => ops.filter((spec) => spec.kind.name === kind.name).map((spec) => spec.name),
  kindsOf: (name) => ops.filter((spec) => spec.name === name).map((spec) => spec.kind),
})

export const isStage = (spec: OpSpec): spec is StageSpec => spec.kind.name === 'stage'
