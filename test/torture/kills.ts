/** Runs that are killed again and again, and what becomes of them. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { random } from '../../src/base/random'
import type { Backend } from '../../src/engine/backends'
import { PIPELINE, STEPS } from './pipeline'

export interface Torture {
  /** An empty folder to work in. */
  readonly root: string
  readonly backend: Backend
  readonly kills: number
  readonly seed: number
  readonly tell?: (line: string) => void
}

export interface Survived {
  readonly kills: number
  /** How often a run was brought to its end. */
  readonly runs: number
  /** How many of the kills came while a file was being written, renamed, synced or removed. */
  readonly inFiles: number
  /** SHA-256 of all tensors and of the metrics: of the unbroken run, and of those that were killed. */
  readonly unbroken: string
  readonly ends: readonly string[]
}

/** How a run's process is killed. */
type Kill =
  /** By itself, at the n-th thing that it does to a file. */
  | { readonly at: number; readonly after: boolean; readonly share: number }
  /** From outside, this long after it has told of its first step (null: after it was started). */
  | { readonly milliseconds: number; readonly since: 'start' | 'step' }

export const BIN = join(__dirname, '..', '..', 'bin', 'ibot.js')
const killer = join(__dirname, 'killer.cjs')
/** About as many things does a step do to files: a line of the metrics, a checkpoint, an old one. */
const FILE_ACTIONS = 6

const drawn = (seed: number, backend: string, i: number): Kill => {
  const { uniform: draw } = random(seed, 'kill', backend, i)
  if (draw() < 0.7) return { at: 1 + Math.floor(draw() * FILE_ACTIONS * (STEPS / 3)), after: draw() < 0.5, share: draw() }
  return draw() < 0.3 ? { milliseconds: 1500 * draw(), since: 'start' } : { milliseconds: 150 * draw(), since: 'step' }
}

const { NODE_OPTIONS: _options, ...environment } = process.env
export const quiet = environment

/** Runs `ibot`; gives how it ended. */
const ibot = async (
  root: string,
  args: readonly string[],
  kill?: Kill,
): Promise<{ readonly code: number | null; readonly said: string }> => {
  const inside = kill !== undefined && 'at' in kill
  const env = inside
    ? { KILL_FOLDER: root, KILL_AT: String(kill.at), KILL_AFTER: kill.after ? '1' : '0', KILL_SHARE: String(kill.share) }
    : {}
  const child = spawn(process.execPath, [...(inside ? ['--require', killer] : []), BIN, ...args], {
    cwd: root,
    env: { ...quiet, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const killAfter = async (milliseconds: number) => {
    await setTimeout(milliseconds)
    child.kill('SIGKILL')
  }
  if (kill !== undefined && 'since' in kill && kill.since === 'start') void killAfter(kill.milliseconds)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const first = !said.includes('"event":"step"')
    said += text
    if (kill !== undefined && 'since' in kill && kill.since === 'step' && first && said.includes('"event":"step"'))
      void killAfter(kill.milliseconds)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said }))
  })
}

/** What differs from run to run: seconds, and the rank of features, which is of those that a process has seen. */
const TIMED: ReadonlySet<string> = new Set(['seconds', 'dataWait', 'featureRank'])

/**
 * What a run came to: its last checkpoint, which checkpoints there are, and its metrics but for what took how long and the rank of
 * features, which is of those that a process has seen.
 */
export const endOf = (run: string): string => {
  const folder = join(run, 'checkpoints')
  const names = readdirSync(folder).sort()
  // Each process begins an event file of its own, and the report comes after the run's end.
  const files = readdirSync(run)
    .filter((name) => !name.startsWith('events.') && name !== 'report.html')
    .sort()
  const metrics = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.stringify(JSON.parse(line), (key, value) => (TIMED.has(key) ? undefined : value)))
  const hash = createHash('sha256')
    .update([...files, ...names].join())
    .update(metrics.join())
  return hash.update(readFileSync(join(folder, names.at(-1)!))).digest('hex')
}

/** Kills runs `kills` times in all, going on with each until it is done. A run that can't be gone on with is thrown. */
export const torture = async ({ root, backend, kills, seed, tell = () => undefined }: Torture): Promise<Survived> => {
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'killed.yaml'), PIPELINE)
  const begin = (out: string) => ['run', 'killed.yaml', '--out', out, '--json', '--no-download', '--backend', backend]
  const whole = await ibot(root, begin('unbroken'))
  if (whole.code !== 0) throw new Error(`the unbroken run ended with ${whole.code}:\n${whole.said}`)
  const unbroken = endOf(join(root, 'unbroken'))

  const ends: string[] = []
  let [done, inFiles, processes] = [0, 0, 0]
  /** Starts a run's process, or goes on with the run; gives whether it was killed. */
  const killed = async (name: string): Promise<boolean> => {
    const begun = existsSync(join(root, name, 'resolved.yaml'))
    const args = begun ? ['run', '--resume', name, '--json', '--no-download'] : begin(name)
    const kill = done < kills ? drawn(seed, backend, processes++) : undefined
    const { code, said } = await ibot(root, args, kill)
    // Killed between its last checkpoint and its last word, a run is done.
    if (code === 0 || (code === 3 && said.includes('is done: all of its'))) return false
    if (code !== null) throw new Error(`${name} ended with ${code}:\n${said}`)
    done++
    if (kill !== undefined && 'at' in kill) inFiles++
    tell(`kill ${done} of ${kills}: ${name}, ${JSON.stringify(kill)}`)
    return true
  }
  for (let run = 1; done < kills; run++) {
    while (await killed(`run-${run}`));
    ends.push(endOf(join(root, `run-${run}`)))
    tell(`run-${run} ended ${ends.at(-1) === unbroken ? 'as' : 'OTHERWISE than'} the unbroken run`)
  }
  return { kills: done, runs: ends.length, inFiles, unbroken, ends }
}
