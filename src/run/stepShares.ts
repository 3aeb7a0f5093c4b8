/** The shares of a step's batch that this process computes, and whether all others have theirs. */
import { performance } from 'node:perf_hooks'
import type { Failure } from '../base/failure'
import type { HostBatch } from '../engine/interpreter'
import type { Damaged } from '../loader/damaged'
import { newInputMonitors } from '../loader/inputs'
import type { Loader } from '../loader/loader'
import type { Program } from '../program/program'
import { Abort, orAbort, orStopped } from './abort'
import { allReady, type Readiness, readiness, type Team } from './team'

export interface StepShares {
  /** One of them, in their order; those of a step of several rounds again and again. */
  readonly take: (index: number) => Promise<HostBatch>
  /** What there was to see in all of them, and for how many seconds the step waited. */
  readonly seen: () => { readonly inputs: Readonly<Record<string, number>>; readonly dataWait: number }
}

/** This process's shares of a step's batch. */
export const sharesFor = (program: Program, loader: Loader, step: number): StepShares => {
  const inputs = newInputMonitors(program.batch, program.division.microBatches)
  let [waited, looked] = [0, 0]
  return {
    take: async (index) => {
      const asked = performance.now()
      const share = await orAbort(() => loader.share(step, index))
      waited += (performance.now() - asked) / 1000
      if (index === looked) {
        inputs.add(share)
        looked++
      }
      return share
    },
    seen: () => ({ inputs: inputs.values(), dataWait: waited }),
  }
}

/** The first share of a step, or undefined if a signal asks to stop before it is there. */
export const firstShare = (shares: StepShares, signal: AbortSignal | undefined): Promise<HostBatch | undefined> =>
  orStopped(signal, shares.take(0))

/**
 * The first share of the step after `done` others, once all members have theirs, and what they say; the failure that all of them
 * end with where one can't go on. Whoever lacks something says so, lest the others wait for it.
 */
export const firstShareOfAll = async (
  team: Team,
  shares: StepShares,
  signal: AbortSignal | undefined,
  done: number,
  damaged: () => readonly Damaged[] = () => [],
): Promise<{ readonly first: HostBatch; readonly all: readonly Readiness[] }> => {
  team.phase('batch')
  let [first, failure]: [HostBatch | undefined, Failure | undefined] = [undefined, undefined]
  try {
    first = await firstShare(shares, signal)
  } catch (error) {
    if (!(error instanceof Abort)) throw error
    failure = error.failure
  }
  const all = await allReady(team, done, readiness(signal, failure, damaged()))
  return { first: first!, all }
}
