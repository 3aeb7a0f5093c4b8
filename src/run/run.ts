/** A run: opens what the plan names, makes or finds its folder, and trains. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'
import { elements } from '../base/shape'
import type { Plan, Runnable } from '../dsl/plan'
import type { Backend } from '../interpret/backend'
import { openInterpreter } from '../interpret/open'
import { listCheckpoints, loadCheckpoint, type Saved } from './checkpoint'
import { openEngine } from './engine'
import type { RunOptions, Summary } from './events'
import { createRunFolder, type RunFolder, rewindMetrics, runFolder } from './folder'
import { train } from './loop'
import { checkMemory, type Opened, openPlan } from './open'
import { openProbe, type Probe } from './probe'
import { checkRecord, recordedBackend, writeRecord } from './record'

/** Trains a plan from its beginning, or from the newest checkpoint of the run that `resume` names. */
export const runPlan = (plan: Plan<Runnable>, options: RunOptions = {}): TE.TaskEither<Failure, Summary> => {
  const tell = options.onEvent ?? (() => undefined)
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    TE.Do,
    TE.bind('opened', () => openPlan(plan, notify)),
    TE.bind('asked', () => backendOf(options)),
    TE.bind('engine', ({ asked }) =>
      openEngine({ backend: asked, download: options.download, tell: tell, signal: options.signal }),
    ),
    TE.let('backend', ({ engine }) => engine.backend),
    TE.chainFirst(({ opened, backend }) => TE.fromEither(checkMemory(opened.program, backend))),
    TE.bind('probe', ({ opened }) => openProbes(opened, notify)),
    TE.bind('folder', ({ opened, backend }) => openFolder(opened, backend, options)),
    TE.bind('saved', ({ opened, folder }) => firstState(opened, folder, options)),
    TE.chain(({ opened, engine, backend, probe, folder, saved }) => {
      const { program, source, span } = opened
      const parameters = program.trainable.reduce((sum, name) => sum + elements(program.state[`student.${name}`]!.shape), 0)
      const { steps, stepsPerEpoch, batch } = span
      const { progress } = saved
      tell({
        event: 'start',
        run: folder.path,
        backend,
        steps,
        from: progress.step,
        stepsPerEpoch,
        batch,
        pictures: source.count,
        parameters,
      })
      return async () => {
        const began = performance.now()
        const interpreter = await openInterpreter(engine, program, saved.state)
        if (backend === 'tensorflow') notify(`compiled in ${((performance.now() - began) / 1000).toFixed(1)} s`)
        const result = await guarded(train({ ...opened, probe, folder, interpreter, tell, signal: options.signal, progress }))()
        interpreter.dispose()
        return result
      }
    }),
    guarded,
  )
}

/** What is thrown in spite of all becomes a failure: memory that ran out, or a mistake of ours. */
const guarded =
  <A>(task: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  async () => {
    try {
      return await task()
    } catch (error) {
      return TE.left(failureOf(error))()
    }
  }

const failureOf = (error: unknown): Failure => {
  const message = error instanceof Error ? error.message : String(error)
  const outOfMemory =
    (error instanceof RangeError && /allocation|array length|memory/i.test(message)) ||
    // A WebAssembly.RuntimeError, a name that the types of Node 20 lack.
    (error instanceof Error && error.name === 'RuntimeError' && /memory|OOM|out of bounds|abort/i.test(message))
  return outOfMemory
    ? missing(`the memory isn't enough for a step (${message})`, 'Make the batch or the network smaller.')
    : defect(error)
}

/** A run goes on with what it began with, unless told otherwise. */
const backendOf = ({ backend, resume }: RunOptions): TE.TaskEither<Failure, Backend | undefined> =>
  backend !== undefined || resume === undefined ? TE.right(backend) : recordedBackend(runFolder(resume))

const openProbes = (
  { design, source, program }: Opened,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Probe | undefined> => {
  const [first] = design.probes
  return first === undefined ? TE.right(undefined) : openProbe(design, first.means, source, program.batch.global[0], notify)
}

/** The folder of a new run, with what is known before it; or that of the run to go on with, if it is the same run. */
const openFolder = (opened: Opened, backend: Backend, { resume, out, given }: RunOptions): TE.TaskEither<Failure, RunFolder> =>
  resume === undefined
    ? pipe(
        createRunFolder(opened.design.plan.name, out),
        TE.chainFirst((folder) => writeRecord(folder, opened, backend, given)),
      )
    : pipe(
        TE.right(runFolder(resume)),
        TE.chainFirst((folder) => checkRecord(folder, opened)),
      )

const firstState = ({ design, program, span }: Opened, folder: RunFolder, options: RunOptions): TE.TaskEither<Failure, Saved> => {
  const fresh = (): Saved => ({
    state: program.init(design.training.means.seed),
    progress: { step: 0, before: null, pixels: null },
  })
  if (options.resume === undefined) return TE.fromIO(fresh)
  return pipe(
    listCheckpoints(folder.checkpoints),
    TE.chain((found) => {
      const newest = found[found.length - 1]
      return newest === undefined ? TE.fromIO(fresh) : loadCheckpoint(newest.path, program.state)
    }),
    TE.filterOrElse(
      ({ progress }) => progress.step < span.steps,
      ({ progress }) =>
        missing(
          `the run in ${folder.path} is done: all of its ${progress.step} steps`,
          "Start a new run, or a longer one: '--set train.steps=…' with another '--out'.",
        ),
    ),
    // A first probe that isn't in the checkpoint is made again.
    TE.chainFirst(({ progress }) => rewindMetrics(folder, progress.before === null ? progress.step - 1 : progress.step)),
  )
}
