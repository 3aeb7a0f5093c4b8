/** What a command comes to: its failure in words on stderr or as JSON on stdout, and its exit code. */
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

const reasonOf = (
  failure: Exclude<Failure, { readonly _tag: 'Rejected' }>,
): { readonly message: string; readonly suggestion: string } =>
  failure._tag === 'Defect'
    ? { message: `a mistake in ibot: ${failure.error}`, suggestion: 'Please report it with what is written to stderr.' }
    : { message: failure.message, suggestion: failure.remedy }

/**
 * A failure as every `--json` writes it: `{ ok: false, exit, problems }` where places are known at which something is wrong,
 * else `{ ok: false, exit, message, suggestion }`. `exit` is the exit code.
 */
export const failureJson = (failure: Failure): { readonly [key: string]: Json } => ({
  ok: false,
  exit: exitCode(failure),
  ...(failure._tag === 'Rejected' ? { problems: failure.problems.map(problemJson) } : reasonOf(failure)),
})

/** What the last of a run's JSON Lines says of its failure. */
export const failedLine = (failure: Failure): string =>
  `${JSON.stringify({ event: 'failed', failed: failure._tag, ...failureJson(failure) })}\n`

/** Tells why there is no answer, as JSON where that is the form of the answer; gives the exit code. */
export const reportAs = (
  json: boolean,
  failure: Failure,
  { screen = out }: { readonly screen?: Pick<Screen, 'write'> } = {},
): number => {
  if (json) screen.write(`${JSON.stringify(failureJson(failure))}\n`)
  // What is to be reported has its stack, whatever the form of the answer.
  return json && failure._tag !== 'Defect' ? exitCode(failure) : report(failure)
}

/** Does a task whose result is told by itself, or tells why it failed. */
export const conclude =
  (task: TaskEither<Failure, void>, json = false): Outcome =>
  async () => {
    const result = await task()
    return E.isLeft(result) ? reportAs(json, result.left) : 0
  }
