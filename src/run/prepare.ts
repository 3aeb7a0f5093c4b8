/** What a run needs before its first step, whoever leads it: its data, what computes, and a program that is ready to step. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { checkAbility } from '../engine/ability'
import type { Backend } from '../engine/backends'
import type { Engine } from '../engine/engine'
import { kindOf } from '../engine/engines'
import type { Interpreter } from '../engine/interpreter'
import { checkMemory } from '../engine/memory'
import { openEngine } from '../engine/openEngine'
import { guarded } from '../engine/thrown'
import { openData } from '../evaluate/openData'
import type { OpenedProbe } from '../evaluate/openProbes'
import { cpu } from '../io/machine'
import { modulesIn } from '../ops/registry'
import type { Design } from '../program/design'
import type { Metric } from '../program/metric'
import { metricsOf } from '../program/metrics'
import type { Opened } from '../program/openPlan'
import { warningsOf } from '../program/warnings'
import { recordedBackend } from '../store/about'
import type { Saved } from '../store/checkpoint'
import { checkOut, type RunFolder, resumeCommand, runFolder } from '../store/folder'
import { unlessStopped } from './abort'
import type { RunEvent, RunOptions } from './events'
import type { Processes } from './join'
import { loopMonitors } from './runMonitors'
import { agreeOn, type Team } from './team'

export interface DesignOptions extends RunOptions {
  /** Does work that keeps the thread busy and leaves nothing behind; where the process can be stopped meanwhile, it sees to that. */
  readonly endable?: (<A>(work: () => A) => Promise<A>) | undefined
  /** The processes that train it together, of which this is one. */
  readonly processes?: Processes | undefined
}

export interface Ready {
  readonly opened: Opened
  readonly engine: Engine
  readonly probes: readonly OpenedProbe[]
  readonly metrics: readonly Metric[]
  /** The processes that train it together. */
  readonly team: Team | undefined
}

export type Tell = (event: RunEvent) => void

/** A design with its data. */
export type WithData = Pick<Ready, 'opened' | 'probes'>

/** Opens the data of a design, and tells what should be known of it. */
export const withData = (design: Design, options: DesignOptions, tell: Tell): TE.TaskEither<Failure, WithData> => {
  const { signal, processes, resume, out, download } = options
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    unlessStopped(signal)(openData(design, notify, { processes: processes?.membership.size, download })),
    TE.map(({ probes, design, source, span, program }) => ({ probes, opened: { design, source, span, program } })),
    TE.chainFirstIOK(
      ({ opened }) =>
        () =>
          warningsOf(opened.design, opened.span).forEach(({ path, message, suggestion }) => {
            notify(`${path.slice(2).join('.')}: ${message}; ${suggestion}`)
          }),
    ),
    TE.chainFirst(() => checkOut(resume === undefined ? out : undefined)),
  )
}

/** Whether what computes can do so with other processes, and is the same in all of them. */
const checkTeam = ({ name, versions, exchanges }: Engine, team: Team | undefined): TE.TaskEither<Failure, void> => {
  if (team === undefined) return TE.right(undefined)
  return exchanges
    ? agreeOn(team, 'engine', JSON.stringify([name, versions]))
    : TE.left(
        missing(
          `the ${name} backend computes in one process, and this run has ${team.size}`,
          "Compute on TensorFlow: '--backend tensorflow'.",
        ),
      )
}

/** What a run needs besides its data, whoever leads it: what computes, for this process and the others with it. */
export const prepared = (
  { opened, probes }: WithData,
  team: Team | undefined,
  options: DesignOptions,
  tell: Tell,
): TE.TaskEither<Failure, Ready> => {
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    // What is fetched for it sees to the signal itself.
    engineOf(opened, team, options, tell),
    TE.bindTo('engine'),
    TE.chainFirst(({ engine }) => checkTeam(engine, team)),
    TE.chainFirst(({ engine }) => TE.fromEither(checkMemory(opened.program, engine))),
    TE.chainFirst(({ engine }) => TE.fromEither(checkAbility(opened.design.training.meaning, engine, cpu().features, notify))),
    TE.map(({ engine }): Ready => {
      const { design, program } = opened
      return { opened, probes, engine, team, metrics: metricsOf(design, program, loopMonitors(design)) }
    }),
  )
}

/** A program that is ready to step while it is used. */
export const withInterpreter = <A>(
  { opened: { program }, engine, team }: Ready,
  { state }: Saved,
  { endable = async (work) => work() }: DesignOptions,
  tell: Tell,
  use: (interpreter: Interpreter) => TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> =>
  guarded(async () => {
    const began = performance.now()
    const interpreter = await endable(() => engine.open(program, state, team?.collective))
    if (engine.compiles)
      tell({
        event: 'note',
        message: `recorded as one graph in ${((performance.now() - began) / 1000).toFixed(1)} s; the first step, which makes its kernels, takes some seconds more`,
      })
    const result = await guarded(use(interpreter), engine.elsewhere)()
    close(interpreter, result)
    return result
  }, engine.elsewhere)

/** Frees what an interpreter holds. After a failure that is what counts: a session that broke off can't be closed either. */
const close = (interpreter: Interpreter, result: E.Either<Failure, unknown>): void => {
  try {
    interpreter.dispose()
  } catch (error) {
    if (E.isRight(result)) throw error
  }
}

/** What computes. A run goes on with what it began with, unless told otherwise. */
const engineOf = (
  { design }: Opened,
  team: Team | undefined,
  { backend, resume, download, signal }: RunOptions,
  tell: (event: RunEvent) => void,
): TE.TaskEither<Failure, Engine> => {
  const { device, devices } = design.training.meaning
  const processes = team && { rank: team.rank, size: team.size, store: team.store }
  const open = (asked: Backend | undefined) => openEngine({ backend: asked, download, tell, signal, device, devices, processes })
  if (backend !== undefined || resume === undefined) return open(backend)
  const folder = runFolder(resume, modulesIn(design.plan.pipeline))
  return pipe(
    recordedBackend(folder),
    TE.chain((began) => TE.mapLeft((failure: Failure) => goneSince(began, folder, failure))(open(began))),
  )
}

/** Why a run can't go on with what it began with. */
const goneSince = (began: Backend | undefined, folder: RunFolder, failure: Failure): Failure => {
  if (began === undefined || failure._tag !== 'Missing') return failure
  const { title, elsewhere } = kindOf(began)
  if (elsewhere === undefined) return failure
  return missing(
    `the run in ${folder.path} began on ${title}, which isn't available now: ${failure.message}`,
    `${failure.remedy} To go on without it: ${resumeCommand(folder, '--backend', elsewhere)}`,
  )
}
