/** A run: opens what the design names, makes or finds its folder, and trains. */
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
import type { Saved } from '../store/checkpoint'
import { newestCheckpoint } from '../store/checkpoints'
import { abandonRun, checkFree, createRunFolder, type RunFolder, resumeCommand, runFolder, tidyRun } from '../store/folder'
import { checkRecord, declareMetrics, type ProbeData, writeRecord } from '../store/record'
import { rewindMetrics } from '../store/rewind'
import { locked } from '../store/runLock'
import type { RunEvent, RunOptions, Summary } from './events'
import { withInitialWeights } from './initialWeights'
import { train } from './loop'
import { loopMonitors } from './runMonitors'
import { tensorboard } from './tensorboard'

/** Trains a design from its beginning, or from the newest checkpoint of the run that `resume` names. */
export const runDesign = (design: Design, options: RunOptions = {}): TE.TaskEither<Failure, Summary> => {
  const tell = options.onEvent ?? (() => undefined)
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    TE.Do,
    TE.bind('data', () => openData(design, notify)),
    TE.let('probes', ({ data }) => data.probes),
    TE.let('opened', ({ data: { design, source, span, program } }): Opened => ({ design, source, span, program })),
    TE.chainFirstIOK(
      ({ opened }) =>
        () =>
          warningsOf(opened.design, opened.span).forEach(({ path, message, suggestion }) => {
            notify(`${path.slice(2).join('.')}: ${message}; ${suggestion}`)
          }),
    ),
    TE.bind('engine', ({ opened }) => engineOf(opened, options, tell)),
    TE.chainFirst(({ opened, engine }) => TE.fromEither(checkMemory(opened.program, engine))),
    TE.chainFirst(({ opened, engine }) =>
      TE.fromEither(checkAbility(opened.design.training.meaning, engine, cpu().features, notify)),
    ),
    TE.let('metrics', ({ opened: { design, program } }) => metricsOf(design, program, loopMonitors(design))),
    TE.bind('folder', ({ opened }) => folderOf(opened, options)),
    TE.chain((ready) =>
      locked(
        ready.folder,
        pipe(
          recorded(ready, options, notify),
          TE.chain(() => firstState(ready.opened, ready.folder, options, notify)),
          TE.chain((saved) => trainFrom(ready, saved, options, tell)),
        ),
      ),
    ),
    guarded,
  )
}

interface Ready {
  readonly opened: Opened
  readonly engine: Engine
  readonly probes: readonly OpenedProbe[]
  readonly metrics: readonly Metric[]
  readonly folder: RunFolder
}

const trainFrom = (
  { opened, engine, probes, metrics, folder }: Ready,
  { state, progress }: Saved,
  { signal, saveNow }: RunOptions,
  tell: (event: RunEvent) => void,
): TE.TaskEither<Failure, Summary> => {
  const { program, source, span } = opened
  const parameters = program.trainable.reduce((sum, name) => sum + elements(program.state[`student.${name}`]!.shape), 0)
  const { steps, stepsPerEpoch, batch } = span
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
  return guarded(async () => {
    const began = performance.now()
    const interpreter = await engine.open(program, state)
    if (engine.compiles)
      tell({
        event: 'note',
        message: `recorded as one graph in ${((performance.now() - began) / 1000).toFixed(1)} s; the first step, which makes its kernels, takes some seconds more`,
      })
    const board = tensorboard(folder, opened, progress.step, (message) => tell({ event: 'note', message }))
    const tellAll = (event: RunEvent): void => {
      tell(event)
      board.tell(event)
    }
    const result = await guarded(
      train({ ...opened, engine, probes, folder, interpreter, tell: tellAll, show: board.show, signal, saveNow, progress }),
      engine.elsewhere,
    )()
    await board.close()
    close(interpreter, result)
    return result
  }, engine.elsewhere)
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
  const open = (asked: Backend | undefined) => openEngine({ backend: asked, download, tell, signal })
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

/** The folder of a new run, or that of the run to go on with. */
const folderOf = ({ design: { plan } }: Opened, { resume, out }: RunOptions): TE.TaskEither<Failure, RunFolder> => {
  const modules = modulesIn(plan.pipeline)
  return resume === undefined ? createRunFolder(plan.name, out, modules) : TE.right(runFolder(resume, modules))
}

const probeDataOf = (probes: readonly OpenedProbe[]): ProbeData =>
  Object.fromEntries(
    probes.flatMap(({ name, sets }) => sets.flatMap((set) => (set.own ? [[`${name}.${set.name}`, set.source.fingerprint]] : []))),
  )

/** Writes what is known before a new run; or makes sure that the run to go on with is the same one. */
const recorded = (
  { opened, engine, probes, folder, metrics }: Ready,
  { resume, given }: RunOptions,
  notify: (message: string) => void,
): TE.TaskEither<Failure, void> =>
  pipe(
    // Until the folder was locked, another process may have begun a run in it.
    resume === undefined ? checkFree(folder) : checkRecord(folder, opened, engine, probeDataOf(probes), notify),
    TE.chain(() => tidyRun(folder)),
    TE.chain(() =>
      resume === undefined
        ? pipe(
            writeRecord(folder, opened, engine, given, metrics, probeDataOf(probes)),
            TE.orElseFirst(() => abandonRun(folder)),
          )
        : declareMetrics(folder, metrics),
    ),
  )

const firstState = (
  { design, program, span }: Opened,
  folder: RunFolder,
  options: RunOptions,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Saved> => {
  const drawn = TE.fromIO<InterpreterState, Failure>(() => program.init(design.training.meaning.seed))
  const fresh: TE.TaskEither<Failure, Saved> = pipe(
    drawn,
    TE.chain((state) =>
      design.initialWeights === undefined
        ? TE.right(state)
        : withInitialWeights(design.initialWeights, architectureOf(design), ofClasses(design), program, state, notify),
    ),
    TE.map((state) => ({ state, progress: { step: 0, probes: {} } })),
  )
  if (options.resume === undefined) return fresh
  return pipe(
    newestCheckpoint(folder.checkpoints, program.state, notify),
    TE.chain((newest) => (newest === undefined ? fresh : TE.right(newest))),
    TE.filterOrElse(
      ({ progress }) => progress.step < span.steps,
      ({ progress }) =>
        missing(
          `the run in ${folder.path} is done: all of its ${progress.step} steps`,
          "Start a new run, or a longer one: '--set train.steps=…' with another '--out'.",
        ),
    ),
    // First probes whose results aren't saved are made again.
    TE.chainFirst(({ progress: { step, probes } }) =>
      rewindMetrics(folder, design.probes.every(({ name }) => name in probes) ? step : step - 1, notify),
    ),
  )
}
