/** Whether TensorFlow would compute here, and what keeps it from that. */

import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import { gigabytes } from '../../base/gigabytes'
import { findLibrary } from '../../tensorflow/library/find'
import type { Library } from '../../tensorflow/library/library'
import { wheelsFor } from '../../tensorflow/library/wheels'
import { neededBytes } from '../../wheels/wheel'
import { type Complaint, complaintOf } from '../complaint'
import type { Examined, Machine } from '../engine'
import { type ProbeLibrary, probeLibrary } from './libraryFacts'
import { checkProcessor } from './processor'

const lacking = (why: string, complaints: readonly Complaint[], library: Library | null = null): Examined => ({
  verdict: 'lacking',
  why,
  complaints,
  library,
  facts: null,
})

const notThere = ({ host }: Machine): Complaint =>
  pipe(
    wheelsFor(host),
    E.match(complaintOf, () => ({
      message: "TensorFlow's library isn't there, and without it a run uses one core",
      remedy: 'ibot setup',
    })),
  )

const fullDisk = async ({ host, free }: Machine): Promise<readonly Complaint[]> => {
  const set = wheelsFor(host)
  const bytes = await free(host.cache)
  if (E.isLeft(set) || bytes === undefined || bytes >= neededBytes(set.right)) return []
  return [
    {
      message: `the disk of ${host.cache} is too full for TensorFlow's library, which needs ${gigabytes(neededBytes(set.right))}`,
      remedy: 'Free some space, or set IBOT_CACHE to a folder on another disk.',
    },
  ]
}

/** `probe` asks the library what it is; tests ask nobody. */
export const examine =
  (probe: ProbeLibrary = probeLibrary) =>
  async (machine: Machine): Promise<Examined> => {
    const { host, features } = machine
    const found = await findLibrary(host)()
    if (E.isLeft(found))
      return {
        ...lacking('IBOT_TENSORFLOW names no library, so a run stops', [complaintOf(found.left), ...(await fullDisk(machine))]),
        verdict: 'stop',
      }
    if (O.isNone(found.right))
      return lacking("TensorFlow's library isn't there", [notThere(machine), ...(await fullDisk(machine))])
    const library = found.right.value
    const able = checkProcessor(host.arch, features)
    if (E.isLeft(able)) return lacking('this processor cannot run TensorFlow', [complaintOf(able.left)], library)
    const probed = await probe(library)()
    if (E.isLeft(probed)) return lacking("TensorFlow's library does not work", [complaintOf(probed.left)], library)
    return { verdict: 'computes', why: 'its library is there and works', complaints: [], library, facts: probed.right }
  }
