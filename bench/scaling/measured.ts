/**
 * What `npm run scaling` has measured in several processes, in one go: on a virtual machine with two cores (EPYC), beside much
 * other work, which had 9 to 15 threads waiting for these cores.
 */
import type { CaseOf } from './cases'

export const CASES: readonly CaseOf[] = [
  {
    processes: 2,
    cores: 2,
    clock: { share: 0.0421, exchange: 0.0112, step: 0.107 },
    processor: { share: 0.0435, exchange: 0.0061, step: 0.0648 },
  },
  {
    processes: 3,
    cores: 2,
    clock: { share: 0.0636, exchange: 0.0133, step: 0.1668 },
    processor: { share: 0.0372, exchange: 0.0048, step: 0.0608 },
  },
  {
    processes: 4,
    cores: 2,
    clock: { share: 0.0291, exchange: 0.0213, step: 0.2206 },
    processor: { share: 0.0318, exchange: 0.0056, step: 0.0611 },
  },
]
