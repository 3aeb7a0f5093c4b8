/** What is thrown in spite of all becomes a failure. */
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import { unsupportedFailure } from '../program/attribution'
import { brokenBy } from './broken'

/**
 * An op that doesn't fit the engine, memory that ran out, a device that is lost; or a mistake of ours. `elsewhere` is the
 * backend that the user may choose instead, where there is such a choice.
 */
export const failureOf = (error: unknown, elsewhere?: string): Failure =>
  unsupportedFailure(error, elsewhere) ?? brokenBy(error) ?? defect(error)

/** A task that throws nothing. */
export const guarded =
  <A>(task: TE.TaskEither<Failure, A>, elsewhere?: string): TE.TaskEither<Failure, A> =>
  async () => {
    try {
      return await task()
    } catch (error) {
      return TE.left(failureOf(error, elsewhere))()
    }
  }
