/** What a command comes to: its failure on stderr, and its exit code. */
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { exitCode, type Failure } from '../base/failure'
import { problemJson } from '../dsl/render'
import type { Json } from '../dsl/type'
import { failureText } from './failureText'
import { err, out, type Screen } from './terminal'

/** Does the work and says what is to be said; gives the exit code. */
export type Outcome = () => Promise<number>

/** Tells a failure; gives its exit code. */
export const report = (failure: Failure): number => {
  err.write(`${failureText(failure, err.colors)}\n`)
  return exitCode(failure)
}

/** What a failure is where the answer is JSON. */
const failureJson = (failure: Failure): Json => ({
  ok: false,
  exit: exitCode(failure),
  ...(failure._tag === 'Rejected'
    ? { problems: failure.problems.map(problemJson) }
    : {
        message: 'message' in failure ? failure.message : 'a mistake in ibot',
        suggestion: 'remedy' in failure ? failure.remedy : null,
      }),
})

/** Tells why there is no answer, as JSON where that is the form of the answer; gives the exit code. */
export const reportAs = (json: boolean, failure: Failure, screen: Pick<Screen, 'write'> = out): number => {
  // A mistake of ours is told as one even where the answer is JSON.
  if (!json || failure._tag === 'Defect') return report(failure)
  screen.write(`${JSON.stringify(failureJson(failure))}\n`)
  return exitCode(failure)
}

/** Does a task whose result is told by itself, or tells why it failed. */
export const conclude =
  (task: TaskEither<Failure, void>): Outcome =>
  async () => {
    const result = await task()
    return E.isLeft(result) ? report(result.left) : 0
  }
