/** Problems as text for a terminal and as data for other programs. */
import type { LocatedProblem, Problem } from '../base/failure'
import { printable } from '../base/printable'
import type { Json } from './type'

/** How the parts of a rendered problem are coloured. */
export interface Paint {
  readonly place: (text: string) => string
  readonly message: (text: string) => string
  readonly gutter: (text: string) => string
  readonly carets: (text: string) => string
  readonly suggestion: (text: string) => string
}

const same = (text: string): string => text
export const PLAIN: Paint = { place: same, message: same, gutter: same, carets: same, suggestion: same }

export const isLocated = (problem: Problem | LocatedProblem): problem is LocatedProblem => 'line' in problem

/** A path as it is written in TypeScript: `pipeline[3].vit.heads`. */
export const shownPath = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (shown, step) => (/^\d+$/.test(String(step)) ? `${shown}[${step}]` : shown === '' ? String(step) : `${shown}.${step}`),
    '',
  )

const placeOf = (problem: Problem | LocatedProblem): string =>
  printable(isLocated(problem) ? `${problem.file}:${problem.line}:${problem.col}` : shownPath(problem.path))

const paintFrame = (frame: string, paint: Paint): string =>
  frame
    .split('\n')
    .map((line) => {
      const [gutter = '', content = ''] = [/^ *\d* \|/.exec(line)?.[0], line.replace(/^ *\d* \|/, '')]
      return paint.gutter(gutter) + (/^ *\d/.test(gutter) ? content : paint.carets(content))
    })
    .join('\n')

/** One problem: where and what, then the line itself, then how to mend it. */
export const renderProblem = (problem: Problem | LocatedProblem, paint: Paint = PLAIN): string => {
  const place = placeOf(problem)
  return [
    `${place === '' ? '' : `${paint.place(place)}  `}${paint.message(printable(problem.message))}`,
    ...(isLocated(problem) ? [paintFrame(problem.frame, paint)] : []),
    ...(problem.suggestion ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${paint.suggestion(printable(line))}`),
  ].join('\n')
}

/** All problems with a blank line between them, and their number. */
export const renderProblems = (problems: readonly (Problem | LocatedProblem)[], paint: Paint = PLAIN): string =>
  [
    ...problems.map((problem) => renderProblem(problem, paint)),
    paint.message(problems.length === 1 ? '1 problem' : `${problems.length} problems`),
  ].join('\n\n')

/** A problem for `--json`; one without a position, from a TypeScript plan, has its path instead. */
export const problemJson = (problem: Problem | LocatedProblem): Json => ({
  ...(isLocated(problem) ? { file: problem.file, line: problem.line, col: problem.col } : { path: shownPath(problem.path) }),
  code: problem.code,
  message: problem.message,
  ...(problem.suggestion === undefined ? {} : { suggestion: problem.suggestion }),
})
