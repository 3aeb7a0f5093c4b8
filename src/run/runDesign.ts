/** A run: opens what the design names, makes or finds its folder, and trains. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { elements } from '../base/shape'
import type { Interpreter } from '../engine/interpreter'
import { guarded } from '../engine/thrown'
import type { OpenedProbe } from '../evaluate/openProbes'
import { modulesIn } from '../ops/registry'
import type { Design } from '../program/design'
import type { Opened } from '../program/openPlan'
import type { Saved } from '../store/checkpoint'
import { newestCheckpoint } from '../store/checkpoints'
import type { Contents } from '../store/contents'
import { abandonRun, checkFree, createRunFolder, type RunFolder, resumeCommand, runFolder, tidyRun } from '../store/folder'
import type { Progress } from '../store/progress'
import { checkRecord, declareMetrics, type ProbeData, writeRecord } from '../store/record'
import { rewindMetrics } from '../store/rewind'
import { locked } from '../store/runLock'
import { unlessStopped } from './abort'
import type { RunOptions, Summary } from './events'
import { openLoggers } from './loggers'
import { train } from './loop'
import { type DesignOptions, prepared, type Ready, type Tell, withData, withInterpreter } from './prepare'
import { freshState, startOf } from './start'
import { tensorboard } from './tensorboard'
import { together } from './together'
import { ownSets, recordData, verifyData } from './verifyData'

/**
 * Trains a design from its beginning, or from the newest checkpoint of the run that `resume` names. Until all is ready for the
 * first step nothing is written, so that a signal ends it at once.
 */
export const runDesign = (design: Design, options: DesignOptions = {}): TE.TaskEither<Failure, Summary> => {
  const tell = options.onEvent ?? (() => undefined)
  return pipe(
    withData(design, options, tell),
    TE.chain((data) =>
      together(data.opened, options, tell, (team) =>
        pipe(
          prepared(data, team, options, tell),
          TE.chain((ready) =>
            options.resume === undefined ? begin(ready, options, tell) : goOn(ready, options.resume, options, tell),
          ),
        ),
      ),
    ),
    guarded,
  )
}

/** A new run; its folder is made when all else is ready. */
const begin = (ready: Ready, options: DesignOptions, tell: Tell): TE.TaskEither<Failure, Summary> => {
  const {
    opened: { design },
    team,
  } = ready
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    freshState(ready.opened, options, notify),
    TE.chainFirst((saved) => (team === undefined ? TE.right(undefined) : TE.map(() => undefined)(startOf(team, saved)))),
    TE.chain((saved) =>
      withInterpreter(ready, saved, options, tell, (interpreter) =>
        pipe(
          unlessStopped(options.signal)(TE.right(undefined)),
          TE.chain(() => createRunFolder(design.plan.name, options.out, modulesIn(design.plan.pipeline))),
          TE.chain((folder) =>
            locked(
              folder,
              pipe(
                recordNew(ready, folder, options, tell),
                TE.chain(() => trainFrom(ready, folder, interpreter, saved.progress, options, tell)),
              ),
            ),
          ),
        ),
      ),
    ),
  )
}

/** The run to go on with. */
const goOn = (ready: Ready, resume: string, options: DesignOptions, tell: Tell): TE.TaskEither<Failure, Summary> => {
  const folder = runFolder(resume, modulesIn(ready.opened.design.plan.pipeline))
  const notify = (message: string) => tell({ event: 'note', message })
  const { opened, probes, team } = ready
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
        withInterpreter(ready, saved, options, tell, (interpreter) =>
          trainFrom(ready, folder, interpreter, saved.progress, options, tell),
        ),
      ),
    ),
  )
}

const trainFrom = (
  { opened, engine, probes, metrics, team }: Ready,
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
    const notify = (message: string) => tell({ event: 'note', message })
    const board = tensorboard(folder, opened, progress.step, notify)
    const loggers = await openLoggers(opened, folder, engine.name, notify)
    const tellAll: Tell = (event) => {
      tell(event)
      board.tell(event)
      loggers.tell(event)
    }
    const result = await guarded(
      train({ ...opened, engine, probes, folder, interpreter, team, tell: tellAll, show: board.show, signal, saveNow, progress }),
      engine.elsewhere,
    )()
    await Promise.all([board.close(), loggers.close(result)])
    return result
  })
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
