/** Runs of two processes of which one is killed or stopped again and again, and what becomes of them. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { attempt } from '../../src/base/attempt'
import { random } from '../../src/base/random'
import { BIN, endOf, quiet, type Survived, type Torture } from './kills'
import { PIPELINE } from './pipeline'

/** As many that a run lasts for longer than its start. */
const STEPS = 150
/** What a start takes at most, and what the steps take, in milliseconds. */
const [START, LAST] = [4000, 4000]
const DONE = 'is done: all of its'

/** Which member is killed, by which signal, and when: so long after the start, or after the first step is told. */
interface Kill {
  readonly member: 0 | 1
  readonly signal: 'SIGKILL' | 'SIGSTOP'
  readonly milliseconds: number
  readonly since: 'start' | 'step'
}

const drawn = (seed: number, i: number): Kill => {
  const { uniform: draw } = random(seed, 'kill together', i)
  const since = draw() < 0.25 ? 'start' : 'step'
  // For a member that stops before all have met the others wait for ten minutes, as for one whose machine is yet to come.
  const stops = draw() >= 0.85 && since === 'step'
  return {
    ...{ member: draw() < 0.5 ? 0 : 1, signal: stops ? 'SIGSTOP' : 'SIGKILL', since },
    milliseconds: draw() * (since === 'start' ? START : LAST),
  }
}

/** The members that a launcher has started, in the order of ranks. */
const membersOf = (launcher: number): readonly number[] =>
  attempt(() =>
    execFileSync('pgrep', ['-P', String(launcher)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number),
  ) ?? []

/** Runs `ibot launch`; gives how it ended, and whether a member was there to be killed. */
const launch = async (
  root: string,
  args: readonly string[],
  kill?: Kill,
): Promise<{ readonly code: number | null; readonly said: string; readonly killed: boolean }> => {
  const child = spawn(process.execPath, [BIN, 'launch', '-n', '2', '--threads', '1', ...args, '--json'], {
    cwd: root,
    env: quiet,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [said, killed] = ['', false]
  const killAfter = async ({ milliseconds, member, signal }: Kill) => {
    await setTimeout(milliseconds)
    const pid = membersOf(child.pid!)[member]
    killed = pid !== undefined && pid > 0 && attempt(() => process.kill(pid, signal)) === true
  }
  if (kill?.since === 'start') void killAfter(kill)
  const hear = (text: string): void => {
    const first = kill?.since === 'step' && !said.includes('"event":"step"')
    said += text
    if (first && said.includes('"event":"step"')) void killAfter(kill)
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said, killed }))
  })
}

/** Kills members of runs `kills` times in all, starting each run again until it is done. A run that can't be gone on with is thrown. */
export const tortureTogether = async ({
  root,
  kills,
  seed,
  tell = () => undefined,
}: Omit<Torture, 'backend'>): Promise<Omit<Survived, 'inFiles'> & { readonly stops: number }> => {
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'killed.yaml'), PIPELINE)
  const set = [`train.steps=${STEPS}`, 'train.timeout=5', 'train.workers=0'].flatMap((one) => ['--set', one])
  const begin = (out: string) => ['killed.yaml', '--out', out, '--backend', 'tensorflow', ...set]
  const whole = await launch(root, begin('unbroken'))
  if (whole.code !== 0) throw new Error(`the unbroken run ended with ${whole.code}:\n${whole.said}`)
  const unbroken = endOf(join(root, 'unbroken'))

  const ends: string[] = []
  let [done, stops, starts] = [0, 0, 0]
  /** Starts a run, or goes on with it; gives whether there is more to do. */
  const goesOn = async (name: string): Promise<boolean> => {
    const begun = existsSync(join(root, name, 'resolved.yaml'))
    const kill = done < kills ? drawn(seed, starts++) : undefined
    const { code, said, killed } = await launch(root, begun ? ['--resume', name] : begin(name), kill)
    if (killed) {
      done++
      if (kill?.signal === 'SIGSTOP') stops++
      tell(`kill ${done} of ${kills}: ${name}, exit ${code}, ${JSON.stringify(kill)}`)
    }
    if (code === 0 || said.includes(DONE)) return false
    // Where nobody was killed, a machine with much to do may have let a member wait for too long.
    if (code !== 3) throw new Error(`${name} ended with ${code}:\n${said}`)
    if (!killed) tell(`${name} broke off by itself: ${said.slice(-600)}`)
    return true
  }
  for (let run = 1; done < kills; run++) {
    while (await goesOn(`run-${run}`));
    ends.push(endOf(join(root, `run-${run}`)))
    tell(`run-${run} ended ${ends.at(-1) === unbroken ? 'as' : 'OTHERWISE than'} the unbroken run`)
  }
  return { kills: done, stops, runs: ends.length, unbroken, ends }
}
