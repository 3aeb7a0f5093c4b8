/** A run with the other processes that train it, if there are any. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { guarded } from '../engine/thrown'
import type { Opened } from '../program/openPlan'
import { join } from './join'
import type { DesignOptions, Tell } from './prepare'
import { type Team, told } from './team'

/** Does something with the other processes, if there are any; all of them are told where it fails. */
export const together = <A>(
  opened: Opened,
  { processes, signal }: DesignOptions,
  tell: Tell,
  use: (team: Team | undefined) => TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> => {
  if (processes === undefined) return use(undefined)
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    join(opened, processes, { notify, signal }),
    TE.chain(({ team, close }) => async () => {
      const result = await guarded(use(team))()
      if (E.isLeft(result)) await team.fail(told(result.left).message)()
      close()
      return result
    }),
  )
}
