/** The ops that a pipeline can use, as a plain list, and how to find one. */
import * as E from 'fp-ts/Either'
import { pathHere } from '../base/command'
import { type Failure, rejected } from '../base/failure'
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

/** A definition may be copied, with the module that it comes from; what it builds with stays the same function. */
const isSame = (a: OpSpec, b: OpSpec): boolean => a.name === b.name && a.build === b.build

const taken = ({ name, kind, module }: OpSpec): Failure =>
  rejected([
    {
      code: 'user-ops',
      path: [],
      at: 'value',
      message: `${module === undefined ? '' : `${pathHere(module)}: `}there is ${kind.article} '${name}' already`,
      suggestion: 'give it another name',
    },
  ])

/** A registry with more ops; a name that would stand for two ops of one kind is refused. */
export const extended = (registry: Registry, more: readonly OpSpec[]): E.Either<Failure, Registry> =>
  more.reduce<E.Either<Failure, Registry>>((result, spec) => {
    if (E.isLeft(result)) return result
    const known = result.right.find(spec.kind, spec.name)
    if (known === undefined) return E.right(registryOf([...result.right.ops, spec]))
    return isSame(known, spec) ? result : E.left(taken(spec))
  }, E.right(registry))

export const isStage = (spec: OpSpec): spec is StageSpec => spec.kind.name === 'stage'
