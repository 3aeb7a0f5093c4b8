/** `ibot launch`: trains a pipeline in several processes on this machine, and starts them again where one is lost. */
import { randomBytes } from 'node:crypto'
import { command } from '../base/command'
import { threadCount } from '../io/machine'
import { type Launched, launchAll } from '../run/launch'
import type { LaunchOptions } from './command/launch'
import type { Outcome } from './report'
import { err } from './terminal'

/** The options as `ibot run` takes them. */
const runArguments = (file: string | undefined, options: LaunchOptions): readonly string[] => [
  ...(file === undefined ? [] : [file]),
  ...(options.set ?? []).flatMap((one) => ['--set', one]),
  ...(options.unset ?? []).flatMap((one) => ['--unset', one]),
  ...(options.ops ?? []).flatMap((one) => ['--ops', one]),
  ...(options.out === undefined ? [] : ['--out', options.out]),
  ...(options.resume === undefined ? [] : options.resume === true ? ['--resume'] : ['--resume', options.resume]),
  ...(options.backend === undefined ? [] : ['--backend', options.backend]),
  ...(options.json === true ? ['--json'] : []),
]

/** What goes on with a run that was begun: with its own pipeline, and what was set besides. */
const resumeArguments = (run: string, { ops = [], backend, json }: LaunchOptions): readonly string[] => [
  ...['--resume', run],
  ...ops.flatMap((one) => ['--ops', one]),
  ...(backend === undefined ? [] : ['--backend', backend]),
  ...(json === true ? ['--json'] : []),
]

/** Exit code of a member that is lost, or that lost another one: starting again may help. */
const LOST = 3
/** Signals end processes that are killed, which no exit code tells. */
const mayStartAgain = ({ codes }: Launched): boolean => codes.every((code) => code === 0 || code === LOST || code === null)

export const launch =
  (file: string | undefined, options: LaunchOptions): Outcome =>
  async () => {
    const { processes, restarts, threads = Math.max(1, Math.floor(threadCount() / processes)) } = options
    const say = (text: string): void => {
      err.write(`${text}\n`)
    }
    const start = { processes, threads, secret: randomBytes(32).toString('hex'), say }
    let args = runArguments(file, options)
    for (let left = restarts; ; left--) {
      const done = await launchAll({ ...start, args })
      if (done.exit === 0 || done.stopped || left === 0 || done.run === undefined || !mayStartAgain(done)) {
        if (done.exit === LOST && done.run !== undefined && !done.stopped)
          say(`start all again with: ${command('ibot', 'launch', '-n', String(processes), '--resume', done.run)}`)
        return done.exit
      }
      args = resumeArguments(done.run, options)
      say(`starting all ${processes} processes again from the newest checkpoint of ${done.run}; ${left - 1} restarts are left`)
    }
  }
