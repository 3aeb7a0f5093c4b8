/** A run: opens what the design names, makes or finds its folder, and trains. */
import { createHash } from 'node:crypto'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { elements } from '../base/shape'
import { checkAbility } from '../engine/ability'
import type { Backend } from '../engine/backends'
import type { Engine } from '../engine/engine'
import { kindOf } from '../engine/engines'
import type { Interpreter, InterpreterState } from '../engine/interpreter'
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
import { architectureOf, ofClasses } from '../program/networks'
import type { Opened } from '../program/openPlan'
import { warningsOf } from '../program/warnings'
import { recordedBackend } from '../store/about'
import { readCheckpoint, type Saved } from '../store/checkpoint'
import { checkpointPath, newestCheckpoint } from '../store/checkpoints'
import type { Contents } from '../store/contents'
import {
  abandonRun,
  checkFree,
  checkOut,
  createRunFolder,
  type RunFolder,
  resumeCommand,
  runFolder,
  tidyRun,
} from '../store/folder'
import type { Progress } from '../store/progress'
import { checkRecord, declareMetrics, type ProbeData, writeRecord } from '../store/record'
import { rewindMetrics } from '../store/rewind'
import { locked } from '../store/runLock'
import { unlessStopped } from './abort'
import type { RunEvent, RunOptions, Summary } from './events'
import { follow, otherState } from './follow'
import { withInitialWeights } from './initialWeights'
import { join, type Processes } from './join'
import { train } from './loop'
import { loopMonitors } from './runMonitors'
import type { Team } from './team'
import { tensorboard } from './tensorboard'
import { ownSets, recordData, verifyData } from './verifyData'

export interface DesignOptions extends RunOptions {
  /** Does work that keeps the thread busy and leaves nothing behind; where the process can be stopped meanwhile, it sees to that. */
  readonly endable?: (<A>(work: () => A) => Promise<A>) | undefined
  /** The processes that train it together, of which this is one. */
  readonly processes?: Processes | undefined
}

/** What a run needs, whoever leads it: its data, what computes, and the other processes where there are some. */
const prepared = (design: Design, options: DesignOptions, tell: Tell): TE.TaskEither<Failure, Ready> => {
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

/** Does something with the other processes, if there are any; all of them are told where it fails. */
const together = <A>(
  ready: Ready,
  { processes, signal }: DesignOptions,
  tell: Tell,
  use: (team: Team | undefined) => TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> => {
  if (processes === undefined) return use(undefined)
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    join(ready.opened, ready.engine, processes, { notify, signal }),
    TE.chain(({ team, close }) => async () => {
      const result = await guarded(use(team), ready.engine.elsewhere)()
      if (E.isLeft(result)) await team.fail(reasonOf(result.left))()
      close()
      return result
    }),
  )
}

/**
 * Trains a design from its beginning, or from the newest checkpoint of the run that `resume` names. Until all is ready for the
 * first step nothing is written, so that a signal ends it at once.
 */
export const runDesign = (design: Design, options: DesignOptions = {}): TE.TaskEither<Failure, Summary> => {
  const tell = options.onEvent ?? (() => undefined)
  return pipe(
    prepared(design, options, tell),
    TE.chain((ready) =>
      together(ready, options, tell, (team) =>
        options.resume === undefined ? begin(ready, team, options, tell) : goOn(ready, team, options.resume, options, tell),
      ),
    ),
    guarded,
  )
}

/**
 * Trains a design with others, of whom member 0 keeps the run and says what concerns all: this one tells whom it waits for, where
 * nobody sees that at member 0, and what is wrong with its own share.
 */
export const followDesign = (design: Design, options: DesignOptions): TE.TaskEither<Failure, void> => {
  const own = options.onEvent ?? (() => undefined)
  const notify = (message: string) => own({ event: 'note', message })
  const tell = () => undefined
  return pipe(
    prepared(design, options, tell),
    TE.chain((ready) =>
      together(ready, options, options.processes?.launched === true ? tell : own, (some) => {
        const team = some!
        return pipe(
          startOf(team, undefined),
          TE.chain((start) => stateAt(ready.opened, start, options)),
          TE.chain((saved) =>
            withInterpreter(ready, team, saved, options, tell, (interpreter) =>
              follow({ ...ready.opened, team, interpreter, from: saved.progress.step, notify, signal: options.signal }),
            ),
          ),
        )
      }),
    ),
    guarded,
  )
}

/** Where all members begin: the step, and a hash of the state. */
interface Start {
  readonly step: number
  readonly state: string
}

const startAt = ({ state, progress }: Saved): Start => ({ step: progress.step, state: stateHash(state) })

/** Member 0 tells the others where to begin. */
const startOf = (team: Team, saved: Saved | undefined): TE.TaskEither<Failure, Start> =>
  pipe(
    team.agree<Start | null>('where to begin', saved === undefined ? null : startAt(saved)),
    TE.map(([first]) => first!),
  )

/** The state that member 0 begins with. */
const stateAt = (opened: Opened, { step, state: expected }: Start, options: DesignOptions): TE.TaskEither<Failure, Saved> => {
  const { resume } = options
  const { design, program } = opened
  const read =
    step === 0 || resume === undefined
      ? freshState(opened, options, () => undefined)
      : pipe(
          readCheckpoint(checkpointPath(runFolder(resume, modulesIn(design.plan.pipeline)).checkpoints, step), program.state),
          TE.chain((found) => (E.isLeft(found) ? TE.left(otherState('this member')) : TE.right(found.right))),
        )
  return pipe(
    read,
    TE.filterOrElse(
      (saved) => stateHash(saved.state) === expected,
      () => otherState('this member'),
    ),
  )
}

const stateHash = (state: InterpreterState): string => {
  const hash = createHash('sha256')
  for (const values of Object.values(state)) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  return hash.digest('hex')
}

/** What others are told of a failure. */
const reasonOf = (failure: Failure): string =>
  failure._tag === 'Rejected'
    ? failure.problems.map(({ message }) => message).join('; ')
    : failure._tag === 'Defect'
      ? String(failure.error)
      : failure.message

interface Ready {
  readonly opened: Opened
  readonly engine: Engine
  readonly probes: readonly OpenedProbe[]
  readonly metrics: readonly Metric[]
}

type Tell = (event: RunEvent) => void

/** A new run; its folder is made when all else is ready. */
const begin = (ready: Ready, team: Team | undefined, options: DesignOptions, tell: Tell): TE.TaskEither<Failure, Summary> => {
  const { design } = ready.opened
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    freshState(ready.opened, options, notify),
    TE.chainFirst((saved) => (team === undefined ? TE.right(undefined) : TE.map(() => undefined)(startOf(team, saved)))),
    TE.chain((saved) =>
      withInterpreter(ready, team, saved, options, tell, (interpreter) =>
        pipe(
          unlessStopped(options.signal)(TE.right(undefined)),
          TE.chain(() => createRunFolder(design.plan.name, options.out, modulesIn(design.plan.pipeline))),
          TE.chain((folder) =>
            locked(
              folder,
              pipe(
                recordNew(ready, folder, options, tell),
                TE.chain(() => trainFrom(ready, team, folder, interpreter, saved.progress, options, tell)),
              ),
            ),
          ),
        ),
      ),
    ),
  )
}

/** The run to go on with. */
const goOn = (
  ready: Ready,
  team: Team | undefined,
  resume: string,
  options: DesignOptions,
  tell: Tell,
): TE.TaskEither<Failure, Summary> => {
  const folder = runFolder(resume, modulesIn(ready.opened.design.plan.pipeline))
  const notify = (message: string) => tell({ event: 'note', message })
  const { opened, probes } = ready
  const { verifyData: isAsked = false, signal } = options
  const verify = isAsked ? verifyData({ opened, probes, folder, tell, signal }) : () => TE.right(undefined)
  return locked(
    folder,
    pipe(
      checkRecord(folder, opened, ready.engine, probeDataOf(probes), notify, verify),
      TE.chain(() => tidyRun(folder)),
      TE.chain(() => declareMetrics(folder, ready.metrics)),
      TE.chain(() => savedState(ready.opened, folder, options, notify)),
      TE.chainFirst((saved) => (team === undefined ? TE.right(undefined) : TE.map(() => undefined)(startOf(team, saved)))),
      TE.chain((saved) =>
        withInterpreter(ready, team, saved, options, tell, (interpreter) =>
          trainFrom(ready, team, folder, interpreter, saved.progress, options, tell),
        ),
      ),
    ),
  )
}

/** A program that is ready to step while it is used. */
const withInterpreter = <A>(
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

const trainFrom = (
  { opened, engine, probes, metrics }: Ready,
  team: Team | undefined,
  folder: RunFolder,
  interpreter: Interpreter,
  progress: Progress,
  { signal, saveNow }: RunOptions,
  tell: Tell,
): TE.TaskEither<Failure, Summary> => {
  const { program, source, span } = opened
  const parameters = program.trainable.reduce((sum, name) => sum + elements(program.state[`student.${name}`]!.shape), 0)
  const { steps, stepsPerEpoch, batch } = span
  return guarded(async () => {
    tell({
      event: 'start',
      run: folder.path,
      resume: resumeCommand(folder),
      backend: engine.name,
      steps,
      from: progress.step,
      stepsPerEpoch,
      batch,
      pictures: source.count,
      parameters,
      metrics,
    })
    const board = tensorboard(folder, opened, progress.step, (message) => tell({ event: 'note', message }))
    const tellAll: Tell = (event) => {
      tell(event)
      board.tell(event)
    }
    const result = await guarded(
      train({ ...opened, engine, probes, folder, interpreter, team, tell: tellAll, show: board.show, signal, saveNow, progress }),
      engine.elsewhere,
    )()
    await board.close()
    return result
  })
}

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

const probeDataOf = (probes: readonly OpenedProbe[]): ProbeData =>
  Object.fromEntries(ownSets(probes).map(([name, { fingerprint }]) => [name, fingerprint]))

/** Writes what is known before a new run. */
const recordNew = (ready: Ready, folder: RunFolder, options: DesignOptions, tell: Tell): TE.TaskEither<Failure, void> => {
  const { opened, engine, probes, metrics } = ready
  const { given, verifyData: isAsked = false, signal } = options
  return pipe(
    // Until the folder was locked, another process may have begun a run in it.
    checkFree(folder),
    TE.chain(() => tidyRun(folder)),
    TE.chain(() =>
      pipe(
        isAsked ? recordData({ opened, probes, folder, tell, signal }) : TE.right<Failure, Contents | undefined>(undefined),
        TE.chain((contents) => writeRecord(folder, opened, engine, given, metrics, probeDataOf(probes), contents)),
        TE.orElseFirst(() => abandonRun(folder)),
      ),
    ),
  )
}

/** What a new run starts from. */
const freshState = (
  { design, program }: Opened,
  { endable = async (work) => work() }: DesignOptions,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Saved> =>
  pipe(
    TE.fromTask<InterpreterState, Failure>(() => endable(() => program.init(design.training.meaning.seed))),
    TE.chain((state) =>
      design.initialWeights === undefined
        ? TE.right(state)
        : withInitialWeights(design.initialWeights, architectureOf(design), ofClasses(design), program, state, notify),
    ),
    TE.map((state) => ({ state, progress: { step: 0, probes: {} } })),
  )

/** What the newest checkpoint of a run holds. */
const savedState = (
  opened: Opened,
  folder: RunFolder,
  options: DesignOptions,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Saved> => {
  const { design, program, span } = opened
  return pipe(
    newestCheckpoint(folder.checkpoints, program.state, notify),
    TE.chain((newest) => (newest === undefined ? freshState(opened, options, notify) : TE.right(newest))),
    TE.filterOrElse(
      ({ progress }) => progress.step < span.steps || progress.due !== undefined,
      ({ progress }) =>
        missing(
          `the run in ${folder.path} is done: all of its ${progress.step} steps`,
          "Start a new run, or a longer one: '--set train.steps=…' with another '--out'.",
        ),
    ),
    // First probes whose results aren't saved are made again.
    TE.chainFirst(({ progress: { step, probes, due } }) =>
      rewindMetrics(folder, due !== undefined || design.probes.every(({ name }) => name in probes) ? step : step - 1, notify),
    ),
  )
}
