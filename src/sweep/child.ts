/** One run of a sweep, in a process of its own: what it breaks or doesn't free ends with it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { signalOf } from '../base/failure'

/** The command of this package. */
const IBOT = join(__dirname, '..', '..', 'bin', 'ibot.js')
/** How much is kept of what a process said of its end, in letters. */
const KEPT = 2000
/** The exit code of a shell whose terminal has gone away. */
const HANGUP = 129

/** The exit codes of processes that a signal ended before they listened to it. */
const CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 }

/** An event of `ibot run --json`. */
export type ChildEvent = Readonly<Record<string, unknown>> & { readonly event: string }

export interface Ended {
  readonly exit: number
  /** Why, where it failed. */
  readonly message: string
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** What the last of the JSON Lines says of a failure. */
const reasonIn = ({ message, problems }: ChildEvent): string | undefined => {
  const [first, ...others] = Array.isArray(problems) ? (problems as readonly { readonly message?: unknown }[]) : []
  const told = text(message) ?? text(first?.message)
  return others.length === 0 ? told : `${told}, and ${others.length} more`
}

const eventIn = (line: string): ChildEvent | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'event' in value ? (value as ChildEvent) : undefined
  } catch {
    return undefined
  }
}

const windows = process.platform === 'win32'

/**
 * Runs `ibot` with these arguments and `--json`; `signal` asks it to save and stop. In a group of its own, it hears of Ctrl-C
 * through this process alone: from the terminal too, it would take it for the second one, which ends it unsaved. Where this process ends, however it does, it saves and stops.
 */
export const runChild = (args: readonly string[], tell: (event: ChildEvent) => void, signal: AbortSignal): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, IBOT, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: !windows,
    })
    let reason: string | undefined
    let said = ''
    const stop = (): void => {
      // On Windows the console has told all processes in it, and a signal would end one at once.
      if (!windows) child.kill(signalOf(signal))
    }
    // It hears of the end of this process by their channel, and saves; the second time it is told, it ends at once.
    const end = (): void => {
      if (signal.aborted) child.kill('SIGTERM')
    }
    const hangUp = (): void => process.exit(HANGUP)
    const save = (): void => void child.kill('SIGUSR1')
    const lines = createInterface({ input: child.stdout! }).on('line', (line) => {
      const event = eventIn(line)
      if (event === undefined) return
      if (event.event === 'failed') reason = reasonIn(event)
      else tell(event)
    })
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      said = `${said}${part}`.slice(-KEPT)
    })
    signal.addEventListener('abort', stop)
    process.on('exit', end)
    process.on('SIGHUP', hangUp)
    if (!windows) process.on('SIGUSR1', save)
    const finish = (ended: Ended): void => {
      lines.close()
      signal.removeEventListener('abort', stop)
      process.off('exit', end)
      process.off('SIGHUP', hangUp)
      process.off('SIGUSR1', save)
      resolve(ended)
    }
    child.on('error', (error) => finish({ exit: 1, message: `the process can't be started: ${error.message}` }))
    child.on('close', (code, by) =>
      finish({
        exit: code ?? CODES[by ?? ''] ?? 1,
        message: reason ?? (by === null ? said.trim() : `the process was ended by ${by}`),
      }),
    )
    if (signal.aborted) stop()
  })
