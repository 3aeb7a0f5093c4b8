/** A failure in words: what, where, why, and how to mend it. */
import pc from 'picocolors'
import type { Failure, LocatedProblem, Problem } from '../base/failure'
import { printable, printableLines } from '../base/printable'
import { version } from '../base/version'
import { type Paint, renderProblem, renderProblems } from '../dsl/render'
import type { Screen } from './terminal'

type Colors = Screen['colors']

const paintOf = (colors: Colors): Paint => ({
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

/** What is right, but seldom meant. */
export const warningsText = (warnings: readonly LocatedProblem[], colors: Colors = pc.createColors(false)): string =>
  warnings.map((warning) => `${colors.bold(colors.yellow('warning'))}  ${renderProblem(warning, paintOf(colors))}`).join('\n\n')

const stackOf = (error: unknown): string => (error instanceof Error && error.stack ? error.stack : String(error))

export const failureText = (failure: Failure, colors: Colors = pc.createColors(false)): string => {
  const { bold, red, yellow, cyan } = colors
  switch (failure._tag) {
    case 'Rejected':
      return renderProblems(failure.problems.map(withoutFrame), paintOf(colors))
    case 'Stopped':
      return `${bold(yellow('stopped'))}  ${printable(failure.message)}\n  ${cyan(printable(failure.remedy))}`
    case 'Missing':
    case 'Diverged':
      return `${bold(red('error'))}  ${printable(failure.message)}\n  ${cyan(printable(failure.remedy))}`
    case 'Defect':
      return [
        `${bold(red('bug'))}  this is a mistake in ibot, not in what you wrote`,
        printableLines(stackOf(failure.error)),
        `  ${cyan('Please report it with the lines above, the command and the pipeline.')}`,
        `  ibot ${version}, Node ${process.version}, ${process.platform} ${process.arch}`,
      ].join('\n')
  }
}
