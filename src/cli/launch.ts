/** `ibot launch`: trains a pipeline in several processes on this machine, and starts them again where one is lost. */
import { randomBytes } from 'node:crypto'
import { command } from '../base/command'
import { missing } from '../base/failure'
import { threadCount } from '../io/machine'
import { type Launched, launchAll } from '../run/launch'
import type { LaunchOptions } from './command/launch'
import { failedLine, type Outcome } from './report'
import { err, out } from './terminal'
import { plural } from './words'

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
/** Whether starting again may help: a member was killed, or lost in a run that had begun. */
const mayStartAgain = ({ codes, run, stopped }: Launched): boolean =>
  !stopped && codes.every((code) => code === 0 || code === LOST || code === null) && (run !== undefined || codes.includes(null))

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
      const { exit, run, codes } = done
      if (exit === 0 || left === 0 || !mayStartAgain(done)) {
        if (exit === LOST && run !== undefined)
          say(`start all again with: ${command('ibot', 'launch', '-n', String(processes), '--resume', run)}`)
        // A member 0 that was killed has written no last line.
        if (options.json === true && codes[0] === null) out.write(failedLine(missing('member 0 was killed', 'Start all again.')))
        return exit
      }
      if (run !== undefined) args = resumeArguments(run, options)
      say(
        `starting all ${processes} processes again${run === undefined ? '' : ` from the newest checkpoint of ${run}`}; ${plural(left - 1, 'restart')} left`,
      )
    }
  }
