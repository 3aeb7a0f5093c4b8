/** Runs the user's Python. What lies in the current folder is no part of it. */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
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

export interface Ended {
  /** None where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** After so many milliseconds, one that was asked to end is made to. */
const PATIENCE = 3000

const start = (program: string, { env, platform }: Host, args: readonly string[], options: PythonOptions): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const grouped = platform !== 'win32'
    const child = spawn(program, args, {
      // Python imports from the current folder first: a json.py that lies there would run. It starts in its own folder, and
      // not isolated (-I), as that hides what people have installed for themselves.
      cwd: dirname(program),
      env: { ...env, PYTHONSAFEPATH: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      detached: grouped,
    })
    let [stdout, stderr] = ['', '']
    let patience: NodeJS.Timeout | undefined
    /** Python may be a script that starts the real one: a signal goes to both. */
    const send = (signal: NodeJS.Signals): void => {
      try {
        if (grouped && child.pid !== undefined) process.kill(-child.pid, signal)
        else child.kill(signal)
      } catch {
        // It has ended already.
      }
    }
    const end = (): void => {
      // What it has started itself may live on and hold its streams open.
      child.on('exit', conclude)
      send('SIGTERM')
      patience = setTimeout(() => send('SIGKILL'), PATIENCE)
    }
    const timeout = options.timeout === undefined ? undefined : setTimeout(end, options.timeout)
    // It must not outlive this process.
    const kill = (): void => send('SIGKILL')
    process.on('exit', kill)
    const settle = (): void => {
      clearTimeout(timeout)
      clearTimeout(patience)
      options.signal?.removeEventListener('abort', end)
      process.off('exit', kill)
    }
    const conclude = (code: number | null): void => {
      settle()
      resolve({ code, stdout, stderr })
    }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    child.on('close', conclude)
    if (options.signal?.aborted) end()
    else options.signal?.addEventListener('abort', end)
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
