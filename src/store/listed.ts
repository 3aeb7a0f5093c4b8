/** What a run's folder lists beside its metrics: alarms that were raised, pictures that can't be read. */
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { type JsonLine, objectsIn } from '../io/jsonLines'
import type { RunFolder } from './folder'

/** What the lines of a file tell, each once. */
const distinct = (path: string, told: (line: JsonLine) => string | undefined): TE.TaskEither<Failure, readonly string[]> =>
  TE.tryCatch(
    async () => {
      const found = new Set<string>()
      for await (const lines of objectsIn(path))
        for (const line of lines) {
          const one = told(line)
          if (one !== undefined) found.add(one)
        }
      return [...found]
    },
    fileFailure(`cannot read ${path}`),
  )

/** The names of the alarms that a run has raised, in the order in which they were. */
export const readAlarms = ({ alarms }: RunFolder): TE.TaskEither<Failure, readonly string[]> =>
  distinct(alarms, ({ alarm }) => (typeof alarm === 'string' ? alarm : undefined))

/** An alarm as a run has raised it. */
export interface RaisedAlarm {
  readonly alarm: string
  /** Steps done when it was raised. */
  readonly step: number
  readonly message: string
  readonly remedy: string
}

/** The alarms that a run has raised, each where it was first. */
export const readRaisedAlarms = ({ alarms }: RunFolder): TE.TaskEither<Failure, readonly RaisedAlarm[]> =>
  TE.tryCatch(
    async () => {
      const found = new Map<string, RaisedAlarm>()
      for await (const lines of objectsIn(alarms))
        for (const { alarm, step, message, remedy } of lines)
          if (typeof alarm === 'string' && !found.has(alarm))
            found.set(alarm, { alarm, step: Number(step), message: String(message), remedy: String(remedy) })
      return [...found.values()]
    },
    fileFailure(`cannot read ${alarms}`),
  )

/** How many pictures a run couldn't read. */
export const countDamaged = ({ damaged }: RunFolder): TE.TaskEither<Failure, number> =>
  TE.map((pictures: readonly string[]) => pictures.length)(
    distinct(damaged, ({ path, image }) =>
      typeof path === 'string' && typeof image === 'number' ? `${path} ${image}` : undefined,
    ),
  )
