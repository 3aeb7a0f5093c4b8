/**
 * Slurm: processes that one `srun` has started. `sbatch` and `salloc` set many of these variables too, for a script that runs
 * once: only a step has a SLURM_STEP_ID of its own, and those of scripts, shells and what watches over a job are words or
 * numbers from 0xfffffff0 on (slurm.h: SLURM_BATCH_SCRIPT, SLURM_INTERACTIVE_STEP, …).
 * https://slurm.schedmd.com/srun.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Failure } from '../../base/failure'
import { expandHosts } from './hostList'
import type { Membership } from './membership'
import { complaint, digits, type Env, isHost, portIn, rankIn, said, shown, sizeIn, wrong } from './variables'

const REMEDY =
  "Start the members with 'srun ibot run …' in a job, which sets it; or set IBOT_RANK, IBOT_SIZE and IBOT_LEADER=host:port."

/** Numbers of steps from here on are none of steps (NO_VAL and its neighbours). */
const NO_STEP = 0xfffffff0

/**
 * The port where MASTER_PORT doesn't say one: 20000 to 28999, below those that systems give to outgoing connections (32768 on
 * Linux). Steps of a job, and jobs that follow each other on a machine, have ports of their own.
 */
const [FIRST_PORT, PORTS, STEPS] = [20_000, 9000, 16]
export const slurmPort = (job: number, step: number): number => FIRST_PORT + ((job * STEPS + step) % PORTS)

const portOf = (env: Env, step: number): E.Either<Failure, number> => {
  if (said(env, 'MASTER_PORT') !== undefined)
    return portIn(env, 'MASTER_PORT', 'Set a free port of the first machine, or unset it.')
  const text = said(env, 'SLURM_JOB_ID') ?? said(env, 'SLURM_JOBID')
  const job = text === undefined ? undefined : digits(text)
  if (job === undefined)
    return wrong('SLURM_JOB_ID', text === undefined ? 'is not set' : `is ${shown(text)}, not a number`, REMEDY)
  return E.right(slurmPort(job, step))
}

const firstHost = (env: Env): E.Either<Failure, string> => {
  const name = ['SLURM_STEP_NODELIST', 'SLURM_JOB_NODELIST', 'SLURM_NODELIST'].find((one) => said(env, one) !== undefined)
  if (name === undefined) return wrong('SLURM_STEP_NODELIST', 'is not set', REMEDY)
  const list = said(env, name)!
  return pipe(
    expandHosts(list),
    E.filterOrElse(
      ([first]) => first !== undefined && isHost(first),
      () => 'its first name is none of a machine',
    ),
    E.map(([first]) => first!),
    E.mapLeft((what) => complaint(name, `is ${shown(list)}: ${what}`, REMEDY)),
  )
}

/** Undefined outside of a step, and in one of a single process. */
export const slurmMembership = (env: Env, host: string): E.Either<Failure, Membership | undefined> => {
  const step = digits(said(env, 'SLURM_STEP_ID') ?? said(env, 'SLURM_STEPID') ?? '')
  if (step === undefined || step >= NO_STEP || said(env, 'SLURM_PROCID') === undefined) return E.right(undefined)
  // Of the step, where it is told: SLURM_NTASKS may be what the job was asked for.
  const count = ['SLURM_STEP_NUM_TASKS', 'SLURM_NTASKS', 'SLURM_NPROCS'].find((one) => said(env, one) !== undefined)
  if (count === undefined || said(env, count) === '1') return E.right(undefined)
  return pipe(
    E.Do,
    E.bind('size', () => sizeIn(env, count, REMEDY)),
    E.bind('rank', ({ size }) => rankIn(env, 'SLURM_PROCID', size, count, REMEDY)),
    E.bind('at', () => firstHost(env)),
    E.bind('port', () => portOf(env, step)),
    E.map(({ size, rank, at, port }) => ({
      ...{ rank, size, leader: { host: at, port }, source: 'SLURM' as const, host },
      words: `SLURM_PROCID and ${count}`,
    })),
  )
}
