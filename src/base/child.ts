/** Programs of the user's that run to their end, and no longer than this process. */
import { spawn } from 'node:child_process'

export interface ChildOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
  /** Ends it after so many milliseconds. */
  readonly timeout?: number | undefined
}

export interface Ended {
  /** None where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** After so many milliseconds, one that was asked to end is made to. */
const PATIENCE = 3000

/** Runs a program, without a shell, and gives what it says; rejects with the error of the system where it can't be started. */
export const runChild = (
  program: string,
  args: readonly string[],
  { cwd, env, platform, signal, timeout: within }: ChildOptions,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const grouped = platform !== 'win32'
    const child = spawn(program, args, {
      ...{ cwd, env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      detached: grouped,
    })
    let [stdout, stderr] = ['', '']
    let patience: NodeJS.Timeout | undefined
    /** It may be a script that starts the real one: a signal goes to both. */
    const send = (name: NodeJS.Signals): void => {
      try {
        if (grouped && child.pid !== undefined) process.kill(-child.pid, name)
        else child.kill(name)
      } catch {
        // It has ended already.
      }
    }
    const end = (): void => {
      // What it has started meanwhile may live on, and hold its streams open.
      child.on('exit', (code) => {
        send('SIGKILL')
        child.stdout.destroy()
        child.stderr.destroy()
        conclude(code)
      })
      send('SIGTERM')
      patience = setTimeout(() => send('SIGKILL'), PATIENCE)
    }
    const timeout = within === undefined ? undefined : setTimeout(end, within)
    // It must not outlive this process, nor write where others clear up at its end.
    const kill = (): void => send('SIGKILL')
    process.prependListener('exit', kill)
    const settle = (): void => {
      clearTimeout(timeout)
      clearTimeout(patience)
      signal?.removeEventListener('abort', end)
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
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end)
  })
