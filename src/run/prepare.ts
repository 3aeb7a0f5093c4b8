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
import type { Team } from './team'

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
}

export type Tell = (event: RunEvent) => void

/** What a run needs, whoever leads it: its data, what computes, and the other processes where there are some. */
export const prepared = (design: Design, options: DesignOptions, tell: Tell): TE.TaskEither<Failure, Ready> => {
  const { signal, processes } = options
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    TE.Do,
    TE.bind('data', () => unlessStopped(signal)(openData(design, notify, processes?.membership.size))),
    TE.let('probes', ({ data }) => data.probes),
    TE.let('opened', ({ data: { design, source, span, program } }): Opened => ({ design, source, span, program })),
    TE.chainFirstIOK(
      ({ opened }) =>
        () =>
          warningsOf(opened.design, opened.span).forEach(({ path, message, suggestion }) => {
            notify(`${path.slice(2).join('.')}: ${message}; ${suggestion}`)
          }),
    ),
    TE.chainFirst(() => checkOut(options.resume === undefined ? options.out : undefined)),
    // What is fetched for it sees to the signal itself.
    TE.bind('engine', ({ opened }) => engineOf(opened, options, tell)),
    TE.chainFirst(({ opened, engine }) => TE.fromEither(checkMemory(opened.program, engine))),
    TE.chainFirst(({ opened, engine }) =>
      TE.fromEither(checkAbility(opened.design.training.meaning, engine, cpu().features, notify)),
    ),
    TE.let('metrics', ({ opened: { design, program } }) => metricsOf(design, program, loopMonitors(design))),
  )
}

/** A program that is ready to step while it is used. */
export const withInterpreter = <A>(
  { opened: { program }, engine }: Ready,
  team: Team | undefined,
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
  { backend, resume, download, signal }: RunOptions,
  tell: (event: RunEvent) => void,
): TE.TaskEither<Failure, Engine> => {
  const { device, devices } = design.training.meaning
  const open = (asked: Backend | undefined) => openEngine({ backend: asked, download, tell, signal, device, devices })
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
