/** Whether threads can make the batches of a pipeline: they load the user's ops anew, each from its module. */
import * as E from 'fp-ts/Either'
import { pathHere } from '../base/command'
import type { Failure } from '../base/failure'
import type { OpSpec } from '../dsl/spec'
import { modulesIn, ownOpsIn, registryWith } from '../ops/registry'
import { loadOps, moduleOf } from '../ops/userOps'
import type { Design } from '../program/design'

/** Why an op can't be loaded by a thread. */
const alone = ({ kind, name }: OpSpec, why: string): string =>
  `${kind.article} '${name}' ${why}, so that batches are made in the main thread; for threads, put it into a file that only exports ops, and name that in its definition: module: import.meta.url (in CommonJS, module: __filename)`

const reason = (failure: Failure): string =>
  failure._tag === 'Rejected' ? failure.problems.map(({ message }) => message).join('; ') : "it can't be loaded"

/** The modules that threads load, or in words why they can't. */
export const threadOps = async ({ dataset, views, masking }: Design): Promise<E.Either<string, readonly string[]>> => {
  const parts = [dataset.op, views.op, masking?.op]
  const own = ownOpsIn(parts)
  const homeless = own.find((spec) => moduleOf(spec) === undefined)
  if (homeless !== undefined) return E.left(alone(homeless, 'has no module of its own'))
  const modules = modulesIn(parts)
  const loaded = await loadOps(modules)()
  const known = E.isLeft(loaded) ? loaded : registryWith(loaded.right)
  if (E.isLeft(known)) return E.left(alone(own[0]!, `has a module that threads can't load (${reason(known.left)})`))
  // What a thread finds under this name must be what the pipeline was made with.
  const other = own.find((spec) => known.right.find(spec.kind, spec.name)?.build !== spec.build)
  return other === undefined ? E.right(modules) : E.left(alone(other, `isn't what ${pathHere(other.module!)} exports`))
}
