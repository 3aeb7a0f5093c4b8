/** What `npm run scaling` has measured: on a virtual machine with two cores. */
import type { CaseOf } from './cases'

export const CASES: readonly CaseOf[] = []
