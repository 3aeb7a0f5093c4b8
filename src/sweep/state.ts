/** How far the run of a combination has come, as its folder tells. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { isThere } from '../base/isThere'
import { readAbout } from '../store/about'
import { listCheckpoints } from '../store/checkpoints'
import { runFolder } from '../store/folder'

export type RunState = 'absent' | 'begun' | 'done'

/** A run is done when a checkpoint of its last step is there: it is written after the last probes. */
export const runState = (path: string): TE.TaskEither<Failure, RunState> => {
  const folder = runFolder(path)
  return pipe(
    TE.fromTask<boolean, Failure>(() => isThere(folder.resolved)),
    TE.chain((begun): TE.TaskEither<Failure, RunState> => {
      if (!begun) return TE.right('absent')
      return pipe(
        TE.Do,
        TE.bind('about', () => readAbout(folder)),
        TE.bind('checkpoints', () => listCheckpoints(folder.checkpoints)),
        TE.map(({ about: { steps }, checkpoints }): RunState => {
          const saved = checkpoints.at(-1)?.step
          return saved !== undefined && typeof steps === 'number' && saved >= steps ? 'done' : 'begun'
        }),
      )
    }),
  )
}
