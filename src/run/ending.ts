/** Why a training ends before its last step, and what is kept of it. */

import { diverged, type Failure, missing } from '../base/failure'
import { brokenBy, type Circumstances } from '../engine/broken'
import { type RunFolder, resumeCommand } from '../store/folder'
import type { Alarm } from './alarms'

/** How far a run has come: steps done, and those that the newest checkpoint holds. */
export interface Reached {
  done: number
  saved: number | undefined
}

const lastGood = ({ checkpoints }: RunFolder, { saved }: Reached): string =>
  saved === undefined
    ? 'No checkpoint was written before.'
    : `The last good checkpoint is that of step ${saved} in ${checkpoints}.`

/** A training that left the finite numbers; `more` says what else can be done. */
export const nonFiniteFailure = (message: string, folder: RunFolder, reached: Reached, more = ''): Failure =>
  diverged(
    message,
    `${lastGood(folder, reached)}${more} A lower learning rate, a longer warm-up or, with a teacher, a higher temperature of its targets often helps.`,
  )

/** A training that is told to end when an alarm is raised. */
export const collapsed = ({ step, message, remedy }: Alarm, { path }: RunFolder): Failure =>
  diverged(`after step ${step} ${message}`, `${remedy} The run in ${path} is saved; it stopped because of 'onCollapse: stop'.`)

/** What stopped a training that was well, a full disk say: also told is what is kept, and how to go on. */
export const interrupted = (failure: Failure, folder: RunFolder, reached: Reached): Failure =>
  failure._tag === 'Missing' && !failure.remedy.includes('ibot run --resume')
    ? missing(failure.message, `${failure.remedy} ${lastGood(folder, reached)} Go on with: ${resumeCommand(folder)}`)
    : failure

/** What broke a training off, or undefined for other errors: also told is what is kept, and how to go on. */
export const brokenOff = (error: unknown, folder: RunFolder, reached: Reached): Failure | undefined => {
  const circumstances: Circumstances = {
    when: reached.done === 0 ? 'at the first step ' : `after step ${reached.done} `,
    kept: `${lastGood(folder, reached)} `,
    again: `go on with '${resumeCommand(folder)}'`,
  }
  return brokenBy(error, circumstances)
}
