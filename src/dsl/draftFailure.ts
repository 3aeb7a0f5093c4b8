/** What is wrong with a document and with what it names, as one failure. */
import { type Failure, type FailureAt, problemsAt, rejected } from '../base/failure'
import { type Draft, problemsIn } from './read'

/** All that is wrong, in the order in which it stands; undefined where nothing is. */
export const draftFailure = (draft: Draft, faults: readonly FailureAt[]): Failure | undefined => {
  const { problems, other } = problemsAt(faults)
  const all = problemsIn(draft, problems)
  return other ?? (all.length > 0 ? rejected(all) : undefined)
}
