/** Failures in the words of the commands, as far as a page has the same to say. */
import type { Failure } from '../../src/base/failure'
import { version } from '../../src/base/version'
import { failureText } from '../../src/cli/failureText'

export const wordsOf = (failure: Failure): string =>
  failure._tag === 'Defect'
    ? `bug  this is a mistake in ibot, not in what you wrote: ${failure.error instanceof Error ? (failure.error.stack ?? failure.error.message) : String(failure.error)}\n  Please report it with these lines, the browser and the pipeline (ibot ${version}).`
    : failureText(failure)
