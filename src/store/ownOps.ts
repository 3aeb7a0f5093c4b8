/**
 * The user's ops that a run was made with, in its record: with them a command can say what it lacks to read the run. They are
 * told, never loaded: a run's folder may come from anybody.
 */
import * as fs from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type * as T from 'fp-ts/Task'
import * as t from 'io-ts'
import { pathHere } from '../base/command'
import type { Registry } from '../dsl/registry'
import { fingerprint } from '../io/fingerprint'
import { ownOpsIn } from '../ops/registry'
import { moduleOf } from '../ops/userOps'
import type { Design } from '../program/design'
import type { About } from './about'

/** Where an op came from: its module, and the fingerprint of that file; null where a program defined it by itself. */
const origin = t.readonly(t.type({ module: t.union([t.string, t.null]), fingerprint: t.union([t.string, t.null]) }))
/** By their kinds, then by their names. */
const ownOps = t.readonly(t.record(t.string, t.readonly(t.record(t.string, origin))))
const record = t.readonly(t.type({ ops: ownOps }))
export type OwnOps = t.TypeOf<typeof ownOps>

export interface OwnOp extends t.TypeOf<typeof origin> {
  readonly kind: string
  readonly name: string
}

const fingerprintOf = async (module: string | undefined): Promise<string | null> =>
  module === undefined
    ? null
    : fs.readFile(module).then(
        (bytes) => fingerprint([bytes]),
        () => null,
      )

/** What a record says of the user's ops in a design; undefined if there are none. */
export const ownOpsOf =
  ({ plan }: Design): T.Task<OwnOps | undefined> =>
  async () => {
    const found: Record<string, Record<string, OwnOps[string][string]>> = {}
    for (const spec of ownOpsIn(plan.pipeline)) {
      const module = moduleOf(spec)
      found[spec.kind.name] ??= {}
      found[spec.kind.name]![spec.name] = { module: module ?? null, fingerprint: await fingerprintOf(module) }
    }
    return Object.keys(found).length === 0 ? undefined : found
  }

/** The user's ops in what run.json holds; none in the record of a run that has none. */
export const recordedOps = (about: About): readonly OwnOp[] =>
  pipe(
    record.decode(about),
    E.match(
      () => [],
      ({ ops }) =>
        Object.entries(ops).flatMap(([kind, byName]) => Object.entries(byName).map(([name, one]) => ({ kind, name, ...one }))),
    ),
  )

const known = (registry: Registry, { kind, name }: OwnOp) =>
  registry.ops.find((spec) => spec.kind.name === kind && spec.name === name)

/** Those that a registry lacks. */
export const unknownOps = (registry: Registry, recorded: readonly OwnOp[]): readonly OwnOp[] =>
  recorded.filter((op) => known(registry, op) === undefined)

/** The modules that aren't what they were when the run began. */
export const changedModules =
  (registry: Registry, recorded: readonly OwnOp[]): T.Task<readonly string[]> =>
  async () => {
    const changed = new Set<string>()
    for (const op of recorded) {
      const spec = known(registry, op)
      const module = spec && moduleOf(spec)
      if (module === undefined || op.fingerprint === null) continue
      if ((await fingerprintOf(module)) !== op.fingerprint) changed.add(module)
    }
    return [...changed]
  }

/** In words, for whoever reads the run with other code. */
export const changedSince = (module: string): string =>
  `${pathHere(module)} has changed since the run began, and so may what it computes`
