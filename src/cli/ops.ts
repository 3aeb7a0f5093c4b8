/** `--ops FILE`: the one way in which a command loads code. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Registry } from '../dsl/registry'
import { registryWith } from '../ops/registry'
import { loadOps } from '../ops/userOps'

/** ibot's ops and those of the modules. */
export const openRegistry = (files: readonly string[] = []): TE.TaskEither<Failure, Registry> =>
  pipe(loadOps(files), TE.chainEitherK(registryWith))
