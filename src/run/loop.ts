/** The training itself: steps, reports, probes and checkpoints, in their order. */
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, stoppedBy } from '../base/failure'
import type { Engine } from '../engine/engine'
import type { Interpreter } from '../engine/interpreter'
import type { Probe } from '../evaluate/knn'
import { type DamageList, damageList } from '../loader/damage'
import { inputMonitors } from '../loader/inputs'
import { type Loader, openLoader } from '../loader/loader'
import type { Checkpoint } from '../ops/slots'
import { architectureOf, imagesOf } from '../program/networks'
import type { Opened } from '../program/openPlan'
import type { Progress, Saved } from '../store/checkpoint'
import { logAlarm, logMetrics, type RunFolder, resumeCommand } from '../store/folder'
import { description } from '../weights/known'
import { type Alarm, type AlarmName, look, nothingSeen } from './alarms'
import { brokenOff, collapsed, interrupted, type Reached } from './ending'
import type { RunEvent, Summary } from './events'
import { featureRanks, monitorsOf } from './monitors'
import { nonFiniteStep } from './nonFiniteStep'
import { recent } from './recent'
import { newSaver, type Saver } from './saver'

/** How many steps the summary's losses are means of. */
const RECENT = 50

/** What is done where no `checkpoint` stage says otherwise. */
const DEFAULT_CHECKPOINTS: Checkpoint = { every: ({ steps }) => Math.ceil(steps / 10), keep: 2, keepEvery: undefined }

export interface Training extends Opened {
  readonly folder: RunFolder
  readonly engine: Pick<Engine, 'replay'>
  readonly interpreter: Interpreter
  readonly probe: Probe | undefined
  readonly tell: (event: RunEvent) => void
  readonly signal: AbortSignal | undefined
  readonly saveNow: (() => boolean) | undefined
  /** Shown what is in every checkpoint, once it is written. */
  readonly show: (saved: Saved) => Promise<void>
  /** How far the run had come. */
  readonly progress: Progress
}

/** Trains to the end of the run. A failure carries on only what was saved before it. */
export const train =
  (training: Training): TE.TaskEither<Failure, Summary> =>
  async () => {
    const { design, span, program, folder, progress, tell, show } = training
    const reached: Reached = { done: progress.step, saved: progress.step === 0 ? undefined : progress.step }
    const policy = design.checkpoint?.meaning ?? DEFAULT_CHECKPOINTS
    const due = (period: number | undefined) => (step: number) => period !== undefined && step % Math.max(1, period) === 0
    const [often, forGood] = [due(policy.every(span)), due(policy.keepEvery?.(span))]
    const about = description(architectureOf(design), imagesOf(design))
    const saver = newSaver({ folder, specs: program.state, about, keep: policy.keep, forGood, reached, tell, show })
    const notify = (message: string) => tell({ event: 'note', message })
    const damage = await damageList(folder, design.training.meaning.maxBad, notify)
    const loader = await openLoader(training, progress.step, { notify, report: damage.report })
    try {
      return E.right(await loop(training, loader, damage, reached, saver, (step) => often(step) || forGood(step)))
    } catch (error) {
      await saver.settled()
      const failure = error instanceof Abort ? interrupted(error.failure, folder, reached) : brokenOff(error, folder, reached)
      if (failure === undefined) throw error
      return E.left(failure)
    } finally {
      await loader.close()
    }
  }

/** Carries a failure out of the loop, through whatever is under way. */
class Abort extends Error {
  constructor(readonly failure: Failure) {
    super('aborted')
  }
}
const orAbort = async <A>(task: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Abort(result.left)
  return result.right
}

/** Steps count from 0; `done` steps are behind the loop. */
const loop = async (
  training: Training,
  loader: Loader,
  damage: DamageList,
  reached: Reached,
  saver: Saver,
  saveDue: (step: number) => boolean,
): Promise<Summary> => {
  const { design, span, program, folder, interpreter, tell } = training
  const first = training.progress.step
  const probePeriod = design.probes[0]?.meaning.every?.(span)
  const probeEvery = probePeriod === undefined ? Number.POSITIVE_INFINITY : Math.max(1, probePeriod)
  const losses = recent(RECENT)
  const ranks = featureRanks(design.backbone.meaning.width)
  const raised: AlarmName[] = []
  let watch = nothingSeen
  const time = stopwatch()
  let { before, pixels } = training.progress
  let after = before

  const measure = async (done: number): Promise<number | null> => {
    const { probe } = training
    if (probe === undefined) return null
    const began = performance.now()
    const accuracy = await orAbort(probe.features(interpreter, damage.report))
    const baseline = pixels === null ? { pixels: await orAbort(probe.pixels(interpreter, damage.report)) } : {}
    pixels ??= baseline.pixels ?? null
    tell({ event: 'probe', probe: 'knn', step: done, accuracy, ...baseline, seconds: (performance.now() - began) / 1000 })
    await orAbort(logMetrics(folder, { step: done, knn: accuracy, ...baseline }))
    return accuracy
  }
  const save = async (done: number): Promise<void> => {
    await orAbort(saver.begin(async () => ({ state: await interpreter.read(), progress: { step: done, before, pixels } })))
    // Where steps take JavaScript's thread, the file would be written between steps only, bit by bit.
    if (!interpreter.concurrent) await orAbort(saver.settled)
  }
  /** The state is on the disk after that. */
  const saveAtOnce = async (done: number): Promise<void> => {
    await orAbort(saver.settled)
    if (reached.saved !== done) await save(done)
    await orAbort(saver.settled)
  }
  const stopIfAsked = async (done: number): Promise<void> => {
    const { signal } = training
    if (signal?.aborted !== true) return
    await saveAtOnce(done)
    const message = `the run is saved after step ${done} of ${span.steps}`
    throw new Abort(stoppedBy(signal, message, `Go on with: ${resumeCommand(folder)}`))
  }

  /** Tells an alarm; the run ends with it if the pipeline says so. */
  const raise = async (alarm: Alarm): Promise<void> => {
    raised.push(alarm.alarm)
    tell({ event: 'alarm', ...alarm })
    await orAbort(logAlarm(folder, alarm))
    if (design.training.meaning.onCollapse !== 'stop') return
    await saveAtOnce(alarm.step)
    throw new Abort(collapsed(alarm, folder))
  }

  if (before === null) {
    before = await measure(first)
    after = before
  }
  await stopIfAsked(first)
  time.go()
  let waited = 0
  for (let step = first; step < span.steps; step++) {
    const asked = performance.now()
    const batch = await loader.batch(step)
    const dataWait = (performance.now() - asked) / 1000
    waited += dataWait
    if (E.isLeft(batch)) {
      // What was learnt isn't lost with a picture.
      if (step > 0) await saveAtOnce(step)
      throw new Abort(batch.left)
    }
    const numbers = program.numbers(step)
    const metrics = await interpreter.step(batch.right, numbers)
    const done = step + 1
    const terms = Object.fromEntries(program.terms.map((name) => [name, metrics[name]!]))
    const { loss } = metrics as { readonly loss: number }
    const { gradientNorm = 0 } = metrics
    const nonFinite = Object.fromEntries(
      Object.entries({ loss, ...terms, gradientNorm }).filter(([, value]) => !Number.isFinite(value)),
    )
    if (Object.keys(nonFinite).length > 0) {
      await orAbort(saver.settled)
      throw new Abort(await nonFiniteStep({ ...training, reached, batch: batch.right, numbers, done, nonFinite }))
    }
    await orAbort(saver.soFar)
    losses.add({ loss, ...terms })
    reached.done = done

    const monitors = {
      ...monitorsOf(metrics, program.terms),
      ...inputMonitors(batch.right, program.batch),
      ...ranks.after(done, interpreter.features()),
      dataWait,
    }
    const epoch = Math.floor(step / span.stepsPerEpoch)
    const shown = Object.fromEntries(program.schedules.map((name) => [name, numbers[name]!]))
    const perStep = time.seconds() / (done - first)
    const speed = { imagesPerSecond: span.batch / perStep, secondsLeft: perStep * (span.steps - done) }
    tell({ event: 'step', step: done, epoch, loss, terms, monitors, numbers: shown, ...speed })
    await orAbort(logMetrics(folder, { step: done, epoch, loss, ...terms, ...monitors, ...shown, seconds: time.seconds() }))

    const looked = look(watch, { step: done, monitors }, program.batch.global[0])
    watch = looked.watch
    for (const alarm of looked.alarms) await raise(alarm)

    time.pause()
    const last = done === span.steps
    if (last || done % probeEvery === 0) after = await measure(done)
    if (last) await saveAtOnce(done)
    else if (training.saveNow?.() === true || saveDue(done)) await save(done)
    if (!last) await stopIfAsked(done)
    time.go()
    // Timers and signals get their turn between two steps.
    await setImmediate()
  }

  const means = losses.means()
  const summary: Summary = {
    run: folder.path,
    steps: span.steps,
    seconds: time.seconds(),
    dataWait: waited,
    damaged: damage.count(),
    imagesPerSecond: ((span.steps - first) * span.batch) / time.seconds(),
    loss: means.loss ?? null,
    cls: means.cls ?? null,
    mim: means.mim ?? null,
    knn: before === null || after === null || pixels === null ? null : { before, after, pixels },
    alarms: raised,
    sha256: saver.sha256()!,
  }
  tell({ event: 'end', ...summary })
  return summary
}

/** Seconds of training: batches and steps, without probes and checkpoints. */
const stopwatch = () => {
  let total = 0
  let began: number | undefined
  const running = (): number => (began === undefined ? 0 : (performance.now() - began) / 1000)
  return {
    go: () => {
      began ??= performance.now()
    },
    pause: () => {
      total += running()
      began = undefined
    },
    seconds: () => total + running(),
  }
}
