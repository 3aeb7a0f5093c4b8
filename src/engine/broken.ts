/** Errors that end a computation through no fault of the pipeline or of ours: memory that isn't enough, a device that broke off. */
import { type Failure, missing } from '../base/failure'
import { ENGINES } from './engines'

/** What a message says of the run that was broken off. */
export interface Circumstances {
  /** When it happened: empty, or ending in a space. */
  readonly when: string
  /** What is kept of the run: empty, or ending in a space. */
  readonly kept: string
  /** How to go on. */
  readonly again: string
}

const NOTHING_BEGUN: Circumstances = { when: '', kept: '', again: 'begin again' }

/** Memory that isn't enough, or a device that broke off, as a failure; undefined for other errors. */
export const brokenBy = (error: unknown, { when, kept, again }: Circumstances = NOTHING_BEGUN): Failure | undefined => {
  if (!(error instanceof Error)) return undefined
  for (const { title, elsewhere, breakageOf } of ENGINES) {
    const breakage = breakageOf(error)
    if (breakage === undefined) continue
    const { what, cause } = breakage
    return what === 'memory'
      ? missing(
          `${when}out of memory (${cause})`,
          `${kept}Compute fewer pictures at once (microBatch), make the network smaller, or free some memory and ${again}.`,
        )
      : missing(
          `${when}${title} failed (${cause})`,
          `${kept}Check that the device still works, and ${again}${elsewhere === undefined ? '' : `; '--backend ${elsewhere}' runs without it`}.`,
        )
  }
  return undefined
}
