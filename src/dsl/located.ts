/** Places for problems that are found only later than the rest. */
import { type Failure, missingAt, rejected } from '../base/failure'
import { type Document, locateAll } from './document'
import { isLocated } from './render'

/** The same failure with the places of its problems in a document. */
export const located =
  (document: Document) =>
  (failure: Failure): Failure => {
    if (failure._tag === 'Missing' && failure.path !== undefined)
      return rejected(locateAll(document, [missingAt(failure, failure.path)]))
    if (failure._tag !== 'Rejected') return failure
    const known = failure.problems.filter(isLocated)
    const others = failure.problems.filter((problem) => !isLocated(problem))
    return rejected([...known, ...locateAll(document, others)])
  }
