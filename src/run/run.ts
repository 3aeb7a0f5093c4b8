/** A run: opens what the plan names, trains, probes, saves, and says how it went. */
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, diverged, type Failure, missing, stopped } from '../base/failure'
import type { Plan, Runnable } from '../dsl/plan'
import { eager, useBackend } from '../interpret/eager'
import type { Interpreter } from '../interpret/interpreter'
import { batches } from './batches'
import { listCheckpoints, loadCheckpoint, type Progress, pruneCheckpoints, type Saved, saveCheckpoint } from './checkpoint'
import type { RunEvent, RunOptions, Summary } from './events'
import { createRunFolder, logMetrics, type RunFolder, rewindMetrics, runFolder } from './folder'
import { checkMemory, type Opened, openPlan } from './open'
import { openProbe, type Probe } from './probe'
import { recent } from './recent'
import { checkRecord, writeRecord } from './record'

/** How many steps the summary's losses are means of. */
const RECENT = 50
const CHECKPOINTS = { every: '10%', keep: 2 } as const

interface Context extends Opened {
  readonly folder: RunFolder
  readonly interpreter: Interpreter
  readonly probe: Probe | undefined
  readonly tell: (event: RunEvent) => void
  readonly signal: AbortSignal | undefined
  readonly progress: Progress
}

/** Trains a plan from its beginning, or from the newest checkpoint of the run that `resume` names. */
export const runPlan = (plan: Plan<Runnable>, options: RunOptions = {}): TE.TaskEither<Failure, Summary> => {
  const tell = options.onEvent ?? (() => undefined)
  const notify = (message: string) => tell({ event: 'note', message })
  const backend = options.backend ?? 'wasm'
  return pipe(
    TE.Do,
    TE.bind('opened', () => openPlan(plan, notify)),
    TE.chainFirst(({ opened }) => TE.fromEither(checkMemory(opened.program, backend))),
    TE.bind('probe', ({ opened }) => openProbes(opened, notify)),
    TE.bind('folder', ({ opened }) => openFolder(opened, options)),
    TE.bind('saved', ({ opened, folder }) => firstState(opened, folder, options)),
    TE.chainFirst(() => useBackend(backend)),
    TE.chain(({ opened, probe, folder, saved }) => {
      const { design, program, source, span } = opened
      const parameters = program.trainable.reduce((sum, name) => sum + sizeOf(program.state[`student.${name}`]!.shape), 0)
      const { steps, stepsPerEpoch, batch } = span
      const from = saved.progress.step
      tell({ event: 'start', run: folder.path, backend, steps, from, stepsPerEpoch, batch, pictures: source.count, parameters })
      const interpreter = eager(program, saved.state)
      const context = { ...opened, design, probe, folder, interpreter, tell, signal: options.signal, progress: saved.progress }
      return async () => {
        const result = await train(context).catch((error: unknown) => E.left(failureOf(error)))
        interpreter.dispose()
        return result
      }
    }),
  )
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

/** What was thrown in the middle of a step: memory that ran out, or a mistake of ours. */
const failureOf = (error: unknown): Failure => {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof RangeError && /allocation|array length|memory/i.test(message)
    ? missing(`the memory isn't enough for a step (${message})`, 'Make the batch or the network smaller.')
    : defect(error)
}

const openProbes = (
  { design, source, program }: Opened,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Probe | undefined> => {
  const [first] = design.probes
  return first === undefined ? TE.right(undefined) : openProbe(design, first.means, source, program.batch.global[0], notify)
}

/** The folder of a new run, with what is known before it; or that of the run to go on with, if it is the same run. */
const openFolder = (opened: Opened, options: RunOptions): TE.TaskEither<Failure, RunFolder> =>
  options.resume === undefined
    ? pipe(
        createRunFolder(opened.design.plan.name, options.out),
        TE.chainFirst((folder) => writeRecord(folder, opened, options)),
      )
    : pipe(
        TE.right(runFolder(options.resume)),
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
    TE.chainFirst(({ progress }) => rewindMetrics(folder, progress.step)),
  )
}

const unwrap = async <A>(task: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Abort(result.left)
  return result.right
}
/** Carries a failure out of the loop. */
class Abort extends Error {
  constructor(readonly failure: Failure) {
    super('aborted')
  }
}

const train = async (context: Context): Promise<E.Either<Failure, Summary>> => {
  try {
    return E.right(await loop(context))
  } catch (error) {
    if (error instanceof Abort) return E.left(error.failure)
    throw error
  }
}

/** The hot loop. Steps count from 0; `done` steps are behind it. */
const loop = async (context: Context): Promise<Summary> => {
  const { design, source, span, program, folder, interpreter, probe, tell, signal } = context
  const policy = design.checkpoint?.means
  const every = policy === undefined ? Math.round((span.steps * Number.parseFloat(CHECKPOINTS.every)) / 100) : policy.every(span)
  const probeEvery = design.probes[0]?.means.every?.(span) ?? 0
  const batchOf = batches(design, source, program.batch, span)
  const losses = recent(RECENT)
  let { before, pixels } = context.progress
  let after = before
  let trained = 0
  let lastSaved = context.progress.step

  const measure = async (done: number): Promise<number | null> => {
    if (probe === undefined) return null
    const began = performance.now()
    const accuracy = await probe.features(interpreter)
    const first = pixels === null
    pixels ??= await probe.pixels(interpreter)
    const seconds = (performance.now() - began) / 1000
    tell({ event: 'probe', probe: 'knn', step: done, accuracy, ...(first ? { pixels } : {}), seconds })
    await unwrap(logMetrics(folder, { step: done, knn: accuracy, ...(first ? { pixels } : {}) }))
    return accuracy
  }
  const save = async (done: number): Promise<void> => {
    const path = await unwrap(
      saveCheckpoint(folder.checkpoints, program.state, {
        state: await interpreter.read(),
        progress: { step: done, before, pixels },
      }),
    )
    await unwrap(pruneCheckpoints(folder.checkpoints, policy?.keep ?? CHECKPOINTS.keep))
    lastSaved = done
    tell({ event: 'checkpoint', step: done, path })
  }

  const stopIfAsked = async (done: number): Promise<void> => {
    if (signal?.aborted !== true) return
    if (lastSaved !== done || done === 0) await save(done)
    const name = signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'
    throw new Abort(
      stopped(name, `stopped after step ${done} of ${span.steps}; it is saved`, `Go on with: ibot run --resume ${folder.path}`),
    )
  }

  if (before === null) {
    before = await measure(0)
    after = before
  }
  await stopIfAsked(context.progress.step)
  let next = batchOf(context.progress.step)
  for (let step = context.progress.step; step < span.steps; step++) {
    const began = performance.now()
    const batch = await next
    if (E.isLeft(batch)) {
      // What was learnt isn't lost with a picture.
      if (lastSaved !== step) await save(step)
      throw new Abort(batch.left)
    }
    // Files of the next batch are read while this step computes.
    if (step + 1 < span.steps) next = batchOf(step + 1)
    const numbers = program.numbers(step)
    const metrics = await interpreter.step(batch.right, numbers)
    const done = step + 1
    trained += (performance.now() - began) / 1000
    if (!Object.values(metrics).every(Number.isFinite)) throw new Abort(lostNumbers(folder, done, metrics, lastSaved))
    losses.add(metrics)
    const { loss, ...terms } = metrics as { readonly loss: number }
    const perStep = trained / (done - context.progress.step)
    const shown = Object.fromEntries(program.schedules.map((name) => [name, numbers[name]!]))
    const report = {
      step: done,
      epoch: Math.floor(step / span.stepsPerEpoch),
      loss,
      terms,
      numbers: shown,
      imagesPerSecond: span.batch / perStep,
      secondsLeft: perStep * (span.steps - done),
    }
    tell({ event: 'step', ...report })
    await unwrap(logMetrics(folder, { step: done, epoch: report.epoch, loss, ...terms, ...shown, seconds: trained }))
    const last = done === span.steps
    if (last || (probeEvery > 0 && done % probeEvery === 0)) after = await measure(done)
    if (last || (every > 0 && done % every === 0)) await save(done)
    if (!last) await stopIfAsked(done)
    // Timers and signals get their turn between two steps.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const means = losses.means()
  const summary: Summary = {
    run: folder.path,
    steps: span.steps,
    seconds: trained,
    imagesPerSecond: ((span.steps - context.progress.step) * span.batch) / trained,
    loss: means.loss ?? null,
    cls: means.cls ?? null,
    mim: means.mim ?? null,
    knn: before === null || after === null || pixels === null ? null : { before, after, pixels },
  }
  tell({ event: 'end', ...summary })
  return summary
}

const lostNumbers = (folder: RunFolder, done: number, metrics: Readonly<Record<string, number>>, lastSaved: number): Failure => {
  const lost = Object.entries(metrics).filter(([, value]) => !Number.isFinite(value))
  return diverged(
    `at step ${done} ${lost.map(([name, value]) => `${name} is ${value}`).join(', ')}`,
    lastSaved === 0
      ? 'No checkpoint was written before. A lower learning rate, a longer warm-up or a higher teacher temperature often helps.'
      : `The last good checkpoint is that of step ${lastSaved} in ${folder.checkpoints}. A lower learning rate, a longer warm-up or a higher teacher temperature often helps.`,
  )
}
