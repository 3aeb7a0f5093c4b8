/** The metrics of a run that goes on from an earlier step, read and written a piece at a time, however long they are. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { writeAtomically } from '../io/files'
import { linesIn } from '../io/lines'
import type { RunFolder } from './folder'

/** The step that a line of the metrics tells of; undefined for one that is garbled or was not written to its end. */
const stepOf = (line: string): number | undefined => {
  try {
    const { step } = JSON.parse(line) as { readonly step?: unknown }
    return typeof step === 'number' ? step : undefined
  } catch {
    return undefined
  }
}

/**
 * Drops the lines of steps after `step`, which a run that goes on from there makes again, and those that can't be read:
 * `notify` hears how many, but for the last line, which a killed process may have cut.
 */
export const rewindMetrics = (
  { metrics }: RunFolder,
  step: number,
  notify: (message: string) => void,
): TE.TaskEither<Failure, void> => {
  let garbled = 0
  let last = false
  const keep = (line: string): boolean => {
    const at = stepOf(line)
    if (last) garbled++
    last = at === undefined && line !== ''
    return at !== undefined && at <= step
  }
  async function* kept(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const lines of linesIn(metrics)) {
        const some = lines.filter(keep)
        if (some.length > 0) yield Buffer.from(`${some.join('\n')}\n`)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return pipe(
    writeAtomically(metrics, kept()),
    TE.chainFirstIOK(() => () => {
      if (garbled > 0) notify(`${metrics} had ${garbled === 1 ? 'a line' : `${garbled} lines`} that can't be read, left out now`)
    }),
  )
}
