/** How a failure leaves the loop, whatever is under way. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'

export class Abort extends Error {
  constructor(readonly failure: Failure) {
    super('aborted')
  }
}

export const orAbort = async <A>(task: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Abort(result.left)
  return result.right
}
