/** The loop of a member that doesn't lead: it computes its shares of each step, and keeps nothing. Member 0 keeps the run. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { defect, diverged, type Failure, missing } from '../base/failure'
import { brokenBy } from '../engine/broken'
import type { Interpreter } from '../engine/interpreter'
import { type Damaged, mostDamaged } from '../loader/damaged'
import { openLoader } from '../loader/loader'
import type { Opened } from '../program/openPlan'
import { Abort, orAbort } from './abort'
import { nonFiniteIn } from './stepReport'
import { firstShareOfAll, sharesFor } from './stepShares'
import { exchanging, type Team } from './team'

export interface Following extends Opened {
  readonly team: Team
  readonly interpreter: Interpreter
  /** Steps done before. */
  readonly from: number
  readonly notify: (message: string) => void
  readonly signal: AbortSignal | undefined
}

/** Computes with the others to the end of the run. */
export const follow =
  (following: Following): TE.TaskEither<Failure, void> =>
  async () => {
    const { program, span, team, interpreter, from, notify, signal } = following
    const met: Damaged[] = []
    const known = new Set<number>()
    const most = mostDamaged(following.design.training.meaning.maxBad, following.source.count)
    const loader = await openLoader(following, from, {
      ...{ notify, rank: team.rank, keepsShares: interpreter.rounds > 1 },
      // Member 0 lists them, and counts those of all. Where there is no picture for a place, there are too many here already.
      report: async (source, damaged) => {
        met.push(...damaged)
        for (const { image } of damaged) known.add(image)
        return known.size <= most
          ? E.right(undefined)
          : E.left(
              missing(
                `${known.size} of the ${source.count} pictures of ${source.name} can't be read, and train.maxBad allows ${most}; the last of them: ${damaged.at(-1)?.reason}`,
                'See whether this member reaches the pictures.',
              ),
            )
      },
    })
    try {
      for (let step = from; step < span.steps; step++) {
        const shares = sharesFor(program, loader, step)
        const { first } = await firstShareOfAll(team, shares, signal, step, () => met.splice(0))
        team.phase(step === from ? 'preparing' : 'step')
        const metrics = await exchanging(team, () => interpreter.step(first, program.numbers(step), shares.take))
        if (nonFiniteIn(program, metrics) !== undefined)
          return E.left(diverged(`at step ${step + 1} the loss or a gradient isn't finite`, 'See what member 0 says of it.'))
      }
      team.phase('saving')
      await orAbort(team.leave)
      return E.right(undefined)
    } catch (error) {
      if (error instanceof Abort) {
        // Whoever reacts to the end of a member must not cut member 0 off while it saves.
        if (error.failure._tag === 'Stopped') {
          team.phase('saving')
          await team.leave()
        }
        return E.left(error.failure)
      }
      return E.left(brokenBy(error) ?? defect(error))
    } finally {
      await loader.close()
    }
  }

/** Why a member that has another state than member 0 can't follow. */
export const otherState = (name: string): Failure =>
  missing(
    `${name} begins with other weights than member 0`,
    'Let all members see the same files: the folder of the run, and the initial weights.',
  )
