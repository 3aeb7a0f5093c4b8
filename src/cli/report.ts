/** A failure in words on stderr, and the exit code that the command ends with. */
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { exitCode, type Failure, type LocatedProblem, type Problem } from '../base/failure'
import { version } from '../base/version'
import { type Paint, renderProblems } from '../dsl/render'
import { err, type Screen } from './terminal'

/** What a command comes to: its exit code, everything having been said. */
export type Outcome = () => Promise<number>

const paintOf = ({ colors }: Screen): Paint => ({
  place: colors.bold,
  message: (text) => text,
  gutter: colors.dim,
  carets: colors.red,
  suggestion: colors.cyan,
})

/** A problem with a whole file has no line to show. */
const withoutFrame = (problem: Problem | LocatedProblem): Problem | LocatedProblem => {
  if (!('frame' in problem) || problem.frame !== '') return problem
  const { code, at, message, suggestion, file } = problem
  return { code, at, message, suggestion, path: [file] }
}

const stackOf = (error: unknown): string => (error instanceof Error && error.stack ? error.stack : String(error))

/** The text of a failure, as the screen shows it. */
export const failureText = (failure: Failure, screen: Screen): string => {
  const { bold, red, yellow, cyan } = screen.colors
  switch (failure._tag) {
    case 'Rejected':
      return renderProblems(failure.problems.map(withoutFrame), paintOf(screen))
    case 'Stopped':
      return `${bold(yellow('stopped'))}  ${failure.message}\n  ${cyan(failure.cure)}`
    case 'Missing':
    case 'Diverged':
      return `${bold(red('error'))}  ${failure.message}\n  ${cyan(failure.cure)}`
    case 'Defect':
      return [
        `${bold(red('bug'))}  this is a mistake in ibot, not in what you wrote`,
        stackOf(failure.error),
        `  ${cyan('Please report it with the lines above, the command and the pipeline.')}`,
        `  ibot ${version}, Node ${process.version}, ${process.platform} ${process.arch}`,
      ].join('\n')
  }
}

/** Tells a failure; gives its exit code. */
export const report = (failure: Failure): number => {
  err.write(`${failureText(failure, err)}\n`)
  return exitCode(failure)
}

/** Does a task whose result is told by itself, or tells why it failed. */
export const conclude =
  (task: TaskEither<Failure, void>): Outcome =>
  async () => {
    const result = await task()
    return E.isLeft(result) ? report(result.left) : 0
  }
