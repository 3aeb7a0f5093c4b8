/** Several processes of `ibot run` on one machine, which train one run together. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The command of this package. */
const IBOT = join(__dirname, '..', '..', 'bin', 'ibot.js')

export interface Launch {
  readonly processes: number
  /** Of each process. */
  readonly threads: number
  /** By which the processes prove to each other that they belong together. */
  readonly secret: string
  /** Of `ibot run`. */
  readonly args: readonly string[]
  /** Hears what members other than the first one say. */
  readonly say: (line: string) => void
}

/** What became of the processes. */
export interface Launched {
  /** The exit code for all: that of the first which failed by itself. */
  readonly exit: number
  /** The exit codes, in the order of ranks; null for a process that a signal ended. */
  readonly codes: readonly (number | null)[]
  /** The folder of the run, if it came to that. */
  readonly run: string | undefined
  /** Whether a signal that isn't of this process has ended a member. */
  readonly killed: boolean
  /** Whether somebody asked to stop. */
  readonly stopped: boolean
}

/** What a member tells whoever started it. */
export type FromMember =
  /** The folder of the run, when it has begun. */
  | { readonly run: string }
  /** Why it ends, in words. The first member has written them itself. */
  | { readonly failure: string }

/** A port on which nobody listens at the moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })

/**
 * How long others may go on after one has failed before they are asked to stop, and as long again before they are ended, in
 * milliseconds. The first member of a run that has begun may have a large state to save.
 */
const grace = (rank: number, begun: boolean): number => (rank === 0 && begun ? 120_000 : 5_000)

/** How long after one has failed others are woken, in milliseconds. */
const WAKE = 500

const STOP_CODES = { SIGINT: 130, SIGTERM: 143 } as const
const KILLED = 3

/** Starts them, and waits until all of them have ended. The first member has this process's output; what others say is told by line. */
export const launchAll = async ({ processes, threads, secret, args, say }: Launch): Promise<Launched> => {
  const leader = `127.0.0.1:${await freePort()}`
  const ends: (number | null)[] = []
  let [run, exit, asked]: [string | undefined, number | undefined, keyof typeof STOP_CODES | undefined] = [
    undefined,
    undefined,
    undefined,
  ]
  let killed = false
  const children: ChildProcess[] = []
  const timers: NodeJS.Timeout[] = []
  const failures: (string | undefined)[] = []
  /** Those that this process has ended. */
  const ended = new Set<number>()
  const end = (child: ChildProcess, signal: NodeJS.Signals): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  }
  const stop = (signal: keyof typeof STOP_CODES): void => {
    asked ??= signal
    for (const child of children) end(child, signal)
  }
  const listeners = (Object.keys(STOP_CODES) as (keyof typeof STOP_CODES)[]).map((name) => {
    const listener = (): void => stop(name)
    process.on(name, listener)
    return { name, listener }
  })
  const save = (): void => void children[0]?.kill('SIGUSR1')
  if (process.platform !== 'win32') process.on('SIGUSR1', save)

  const started = (rank: number): Promise<void> => {
    const child = spawn(process.execPath, [...process.execArgv, IBOT, 'run', ...args], {
      env: {
        ...process.env,
        ...{ IBOT_RANK: String(rank), IBOT_SIZE: String(processes), IBOT_LEADER: leader, IBOT_SECRET: secret },
        IBOT_THREADS: String(threads),
      },
      stdio: rank === 0 ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', 'ignore', 'pipe', 'ipc'],
      // In a group of its own it hears of Ctrl-C through this process alone, once.
      detached: process.platform !== 'win32',
    })
    children.push(child)
    child.on('message', (message: FromMember) => {
      if ('run' in message) run = message.run
      else failures[rank] = message.failure
    })
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => say(`[member ${rank}] ${line}`))
    return new Promise((resolve) => {
      const finish = (code: number | null, signal?: NodeJS.Signals | null): void => {
        ends[rank] = ended.has(rank) ? null : code
        if (typeof signal === 'string' && !ended.has(rank)) killed = true
        if (typeof signal === 'string' && asked === undefined) say(`member ${rank} (pid ${child.pid}) was ended by ${signal}`)
        if (code !== 0) {
          exit ??= code ?? KILLED
          // Most often the others hear of it by themselves, and end in order; one that was stopped must go on to hear of it.
          for (const [other, child] of children.entries()) {
            if (process.platform !== 'win32') timers.push(setTimeout(() => end(child, 'SIGCONT'), WAKE))
            const time = grace(other, run !== undefined)
            const cut = (signal: NodeJS.Signals): void => {
              if (ends[other] === undefined) ended.add(other)
              end(child, signal)
            }
            timers.push(
              setTimeout(() => cut('SIGTERM'), time),
              setTimeout(() => cut('SIGKILL'), 2 * time),
            )
          }
        }
        resolve()
      }
      child.on('error', (error) => {
        say(`member ${rank} can't be started: ${error.message}`)
        finish(1)
      })
      child.on('exit', finish)
    })
  }
  await Promise.all(Array.from({ length: processes }, (_, rank) => started(rank)))
  for (const timer of timers) clearTimeout(timer)
  for (const { name, listener } of listeners) process.off(name, listener)
  process.off('SIGUSR1', save)
  // What all know is told once: by the first member, if it could.
  const told = new Set([failures[0]])
  for (const [rank, failure] of failures.entries())
    if (failure !== undefined && !told.has(failure) && asked === undefined) {
      told.add(failure)
      say(`[member ${rank}] ${failure}`)
    }
  return { exit: asked === undefined ? (exit ?? 0) : STOP_CODES[asked], codes: ends, run, killed, stopped: asked !== undefined }
}
