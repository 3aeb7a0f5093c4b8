/** Runs the user's Python. What lies in the current folder is no part of it. */
import { dirname } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import { type Ended, runChild } from '../base/child'
import { defect, type Failure } from '../base/failure'
import { errorCode } from '../base/fileFailure'
import { programOf } from '../base/program'
import type { Host } from './host'

export interface PythonOptions {
  /** Variables besides the host's own. */
  readonly env?: Readonly<Record<string, string>>
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
  /** Ends it after so many milliseconds. */
  readonly timeout?: number
}

const start = (program: string, { env, platform }: Host, args: readonly string[], options: PythonOptions): Promise<Ended> =>
  runChild(program, args, {
    // Python imports from the current folder first: a json.py that lies there would run. It starts in its own folder, and
    // not isolated (-I), as that hides what people have installed for themselves.
    cwd: dirname(program),
    env: { ...env, PYTHONSAFEPATH: '1', ...options.env },
    ...{ platform, signal: options.signal, timeout: options.timeout },
  })

const isNotThere = (error: unknown): boolean => ['ENOENT', 'EACCES', 'ENOTDIR'].includes(errorCode(error) ?? '')

/** Runs python3, else python; gives nothing where there is neither. */
export const runPython = (
  host: Host,
  args: readonly string[],
  options: PythonOptions = {},
): TE.TaskEither<Failure, Ended | undefined> =>
  TE.tryCatch(async () => {
    for (const name of ['python3', 'python']) {
      const program = programOf(name, host)
      if (program === undefined) continue
      try {
        return await start(program, host, args, options)
      } catch (error) {
        if (!isNotThere(error)) throw error
      }
    }
    return undefined
  }, defect)
