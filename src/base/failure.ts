/** Why something could not be done: a closed set, each case with its exit code. Failures are values; nothing here throws. */
import { isTooManyFiles, MORE_FILES, tooManyFiles } from './handles'

/** Something wrong in what the user wrote, and where. `path` leads to it from the root of the document. */
export interface Problem {
  readonly code: string
  readonly path: readonly (string | number)[]
  /** Whether the place is a key (an unknown one, say) or the value behind it. */
  readonly at: 'key' | 'value'
  /** What is wrong and what was expected. */
  readonly message: string
  /** How to mend it, where that is known. */
  readonly suggestion?: string | undefined
}

/** A problem whose place in a text is known: 1-based line and column, and the code frame that shows it. */
export interface LocatedProblem extends Problem {
  readonly file: string
  readonly line: number
  readonly col: number
  readonly frame: string
}

/** What asks a process to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

export type Failure =
  /** The file or the arguments are wrong. */
  | { readonly _tag: 'Rejected'; readonly problems: readonly (Problem | LocatedProblem)[] }
  /** Something that is needed isn't there: data, memory, a permission. */
  | {
      readonly _tag: 'Missing'
      readonly message: string
      readonly remedy: string
      /** It lies in the state of the machine, not in what was asked for: later the same may succeed. */
      readonly passing?: true
      /** What in the pipeline asks for it, where that is known: see `Problem`. */
      readonly path?: Problem['path']
    }
  /** The training left the finite numbers. */
  | { readonly _tag: 'Diverged'; readonly message: string; readonly remedy: string }
  /** A signal ended the run, after it was saved. */
  | { readonly _tag: 'Stopped'; readonly signal: StopSignal; readonly message: string; readonly remedy: string }
  /** A mistake of ours. */
  | { readonly _tag: 'Defect'; readonly error: unknown }

export const rejected = (problems: readonly (Problem | LocatedProblem)[]): Failure => ({ _tag: 'Rejected', problems })
export const missing = (message: string, remedy: string): Failure => ({ _tag: 'Missing', message, remedy })
/** What is missing for good. */
export type Lasting = Extract<Failure, { readonly _tag: 'Missing' }>
/** Whether what was asked for is at fault itself: a damaged file, not a machine that has too much open. */
export const isLasting = (failure: Failure): failure is Lasting => failure._tag === 'Missing' && failure.passing !== true
export const diverged = (message: string, remedy: string): Failure => ({ _tag: 'Diverged', message, remedy })
export const stopped = (signal: StopSignal, message: string, remedy: string): Failure => ({
  _tag: 'Stopped',
  signal,
  message,
  remedy,
})
/** The process signal by which an aborted signal was made. */
export const signalOf = ({ reason }: AbortSignal): StopSignal => (reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT')
/** What work comes to that an aborted signal ended. */
export const stoppedBy = (signal: AbortSignal, message: string, remedy: string): Failure =>
  stopped(signalOf(signal), message, remedy)
/** What was thrown though nothing should be: a mistake of ours, unless the machine allows no more open files. */
export const defect = (error: unknown): Failure =>
  isTooManyFiles(error)
    ? { _tag: 'Missing', message: tooManyFiles(error), remedy: MORE_FILES, passing: true }
    : { _tag: 'Defect', error }

/** A failure, and the place in the pipeline that it comes from, where it isn't a problem with a place of its own. */
export interface FailureAt {
  readonly failure: Failure
  readonly path: Problem['path']
}

/** What is missing as a problem of what asks for it. */
export const missingAt = ({ message, remedy }: Lasting, path: Problem['path']): Problem => ({
  ...{ code: 'missing', path, at: 'key' },
  ...{ message, suggestion: remedy },
})

/** Failures as problems with their places, or the first of them that says nothing of the pipeline. */
export const problemsAt = (
  failures: readonly FailureAt[],
): { readonly problems: readonly (Problem | LocatedProblem)[]; readonly other: Failure | undefined } => ({
  problems: failures.flatMap(({ failure, path }): readonly (Problem | LocatedProblem)[] => {
    if (failure._tag === 'Rejected') return failure.problems
    return failure._tag === 'Missing' ? [missingAt(failure, path)] : []
  }),
  other: failures.find(({ failure: { _tag } }) => _tag !== 'Rejected' && _tag !== 'Missing')?.failure,
})

/** Failures as one. One alone stays what it is, and what is missing knows its place. */
export const joined = (failures: readonly FailureAt[]): Failure => {
  if (failures.length === 1) {
    const { failure, path } = failures[0]!
    return isLasting(failure) && path.length > 0 ? { path, ...failure } : failure
  }
  const { problems, other } = problemsAt(failures)
  return other ?? rejected(problems)
}

/** The exit code that a command ends with. */
export const exitCode = (failure: Failure): number => {
  switch (failure._tag) {
    case 'Defect':
      return 1
    case 'Rejected':
      // What isn't there isn't a mistake in what the user wrote.
      return failure.problems.length > 0 && failure.problems.every(({ code }) => code === 'missing') ? 3 : 2
    case 'Missing':
      return 3
    case 'Diverged':
      return 4
    case 'Stopped':
      return failure.signal === 'SIGINT' ? 130 : 143
  }
}
