/** The training itself: steps, reports, probes and checkpoints, in their order. */
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, type StopSignal, signalOf, stopped } from '../base/failure'
import { isTooManyFiles } from '../base/handles'
import type { Engine } from '../engine/engine'
import type { HostBatch, Interpreter } from '../engine/interpreter'
import type { OpenedProbe } from '../evaluate/openProbes'
import { type DamageList, damageList } from '../loader/damage'
import { type Loader, openLoader, wholeBatch } from '../loader/loader'
import { encodedTogether } from '../program/batch'
import { sharesOf } from '../program/division'
import { seldomMasked } from '../program/masked'
import { architectureOf, imagesOf } from '../program/networks'
import type { Opened } from '../program/openPlan'
import type { Saved } from '../store/checkpoint'
import { RECENT } from '../store/courseCollector'
import { logAlarm, logMetrics, type RunFolder, resumeCommand } from '../store/folder'
import type { Progress } from '../store/progress'
import { description } from '../weights/description'
import { Abort, orAbort } from './abort'
import { type Alarm, alarmWatch } from './alarms'
import { brokenOff, collapsed, interrupted, type Reached } from './ending'
import type { RunEvent, StepReport, Summary } from './events'
import { nonFiniteStep } from './nonFiniteStep'
import { probing } from './probing'
import { recent } from './recent'
import { featureRanks } from './runMonitors'
import { newSaver, type Saver } from './saver'
import { type Policy, policyOf, type Saving, saving } from './saving'
import { metricsLine, nonFiniteIn, stepReport } from './stepReport'
import { firstShare, firstShareOfAll, type StepShares, sharesFor } from './stepShares'
import { type Stopwatch, stopwatch } from './stopwatch'
import { exchanging, Stuck, type Team } from './team'

export interface Training extends Opened {
  readonly folder: RunFolder
  readonly engine: Pick<Engine, 'replay' | 'compiles'>
  readonly interpreter: Interpreter
  readonly probes: readonly OpenedProbe[]
  /** The processes that train this run together, of which this one is the first. */
  readonly team?: Team | undefined
  readonly tell: (event: RunEvent) => void
  readonly signal: AbortSignal | undefined
  readonly saveNow: (() => boolean) | undefined
  /** Shown what is in every checkpoint, once it is written. */
  readonly show: (saved: Saved) => Promise<void>
  /** How far the run had come. */
  readonly progress: Progress
}

/** What a training works with while it lasts. */
interface Parts {
  readonly loader: Loader
  readonly damage: DamageList
  readonly saver: Saver
  readonly policy: Policy
  readonly reached: Reached
}

/** Trains to the end of the run. A failure carries on only what was saved before it. */
export const train =
  (training: Training): TE.TaskEither<Failure, Summary> =>
  async () => {
    const { design, span, program, folder, interpreter, progress, tell, show } = training
    const reached: Reached = { done: progress.step, saved: progress.step === 0 ? undefined : progress.step }
    const policy = policyOf(design.checkpoint?.meaning, span)
    const about = description(architectureOf(design), imagesOf(design))
    const { keep, forGood } = policy
    const saver = newSaver({ folder, specs: program.state, about, keep, forGood, reached, tell, show })
    const notify = (message: string) => tell({ event: 'note', message })
    const damage = await damageList(folder, design.training.meaning.maxBad, notify)
    const loader = await openLoader(training, progress.step, {
      ...{ notify, report: damage.report },
      keepsShares: interpreter.rounds > 1,
    })
    try {
      return E.right(await loop(training, { loader, damage, saver, policy, reached }))
    } catch (error) {
      await saver.settled()
      const failure =
        error instanceof Abort || isTooManyFiles(error)
          ? interrupted(error instanceof Abort ? error.failure : defect(error), folder, reached)
          : brokenOff(error, folder, reached)
      if (failure === undefined) throw error
      return E.left(failure)
    } finally {
      await loader.close()
    }
  }

/** Steps count from 0; `done` steps are behind the loop. */
const loop = async (training: Training, parts: Parts): Promise<Summary> => {
  const { design, span, program, folder, interpreter, progress, team } = training
  const { loader, damage, saver, policy, reached } = parts
  const { steps } = span
  const chunk = encodedTogether(program.batch)
  const { seed } = design.training.meaning
  const probes = probing({
    ...training,
    ...{ frozen: program.frozen, seed, chunk, report: damage.report, known: progress },
    log: (line) => logMetrics(folder, line),
  })
  const saves = saving({ ...training, policy, saver, steps, reached, probes: probes.progress })
  const alarms = alarmWatch({
    views: program.batch.global[0] * sharesOf(program.division),
    seldomMasked: seldomMasked(design, span).length > 0,
  })
  const losses = recent(RECENT)
  const waits = total()
  const ranks = featureRanks(design.backbone.meaning.width)
  const time = stopwatch()

  team?.phase('probe')
  await probes.before(progress.step)
  if (progress.due !== undefined) await saves.again(progress.step)
  await stopIfAsked(training, saves, progress.step)
  time.go()
  for (let step = progress.step; step < steps; step++) {
    const done = step + 1
    const shares = sharesFor(program, loader, step)
    const numbers = program.numbers(step)
    const first = await orSaved(training, saves, step, () => shareOf(training, shares, damage, step))
    if (first === undefined) return stop(training, saves, step)
    // The first step makes kernels, which may take long.
    team?.phase(step === progress.step ? 'preparing' : 'step')
    const metrics = await orSaved(training, saves, step, () =>
      exchanging(team, () => interpreter.step(first, numbers, shares.take)),
    )
    team?.phase('saving')
    const { inputs, dataWait } = shares.seen()
    const nonFinite = nonFiniteIn(program, metrics)
    if (nonFinite !== undefined) {
      await orAbort(saver.settled)
      const batch = await orAbort(() => wholeBatch(training, step))
      throw new Abort(await nonFiniteStep({ ...training, reached, batch, numbers, done, nonFinite }))
    }
    await orAbort(saver.soFar)
    reached.done = done

    const monitors = { ...inputs, ...ranks.after(done, interpreter.features()), dataWait }
    const report = stepReport(program, { done, stepsPerEpoch: span.stepsPerEpoch, numbers, metrics, monitors })
    waits.add(dataWait)
    losses.add({ loss: report.loss, ...report.terms })
    await tellStep(training, report, time)
    for (const alarm of alarms.look(report)) await raise(training, saves, alarm)

    time.pause()
    team?.phase('probe')
    await probes.after(done)
    team?.phase('saving')
    await saves.after(done)
    if (done < steps || probes.isLeft()) await stopIfAsked(training, saves, done)
    time.go()
    // Timers and signals get their turn between two steps.
    await setImmediate()
  }

  if (team !== undefined) {
    // All is saved: whether another member is lost now makes no difference.
    await team.leave()
    if (training.signal?.aborted === true && probes.isLeft()) await stop(training, saves, steps)
  }
  const { loss = null, ...terms } = losses.means()
  const summary: Summary = {
    run: folder.path,
    steps,
    seconds: time.seconds(),
    dataWait: waits.sum(),
    damaged: damage.count(),
    imagesPerSecond: ((steps - progress.step) * span.batch) / time.seconds(),
    loss,
    terms,
    probes: probes.summary(),
    alarms: alarms.raised(),
    sha256: saver.sha256()!,
  }
  training.tell({ event: 'end', ...summary })
  return summary
}

const total = () => {
  let sum = 0
  return {
    add: (value: number): void => {
      sum += value
    },
    sum: () => sum,
  }
}

/** What this process computes first of a step, when all can begin it; undefined if a signal asks to stop. */
const shareOf = async (
  { team, signal, source }: Training,
  shares: StepShares,
  damage: DamageList,
  step: number,
): Promise<HostBatch | undefined> => {
  if (team === undefined) return firstShare(shares, signal)
  const { first, all } = await firstShareOfAll(team, shares, signal, step)
  const damaged = all.flatMap((one) => one.damaged ?? [])
  if (damaged.length > 0) await orAbort(() => damage.report(source, damaged))
  return first
}

/** What was learnt before a step isn't lost with a picture of it, or with another member. */
const orSaved = async <A>(training: Training, saves: Saving, step: number, work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Abort)) throw error
    if (error.failure._tag === 'Stopped') return stop(training, saves, step, error.failure.signal)
    if (step > 0 && !(error instanceof Stuck)) await saves.atOnce(step)
    throw error
  }
}

const tellStep = async ({ span, progress, folder, tell }: Training, report: StepReport, time: Stopwatch): Promise<void> => {
  const perStep = time.seconds() / (report.step - progress.step)
  tell({
    event: 'step',
    ...report,
    imagesPerSecond: span.batch / perStep,
    secondsLeft: perStep * (span.steps - report.step),
  })
  await orAbort(logMetrics(folder, metricsLine(report, time.seconds())))
}

/** Tells an alarm; the run ends with it if the pipeline says so. */
const raise = async ({ design, folder, tell }: Training, saves: Saving, alarm: Alarm): Promise<void> => {
  tell({ event: 'alarm', ...alarm })
  await orAbort(logAlarm(folder, alarm))
  if (design.training.meaning.onCollapse !== 'stop') return
  await saves.atOnce(alarm.step)
  throw new Abort(collapsed(alarm, folder))
}

/** Ends the run after so many steps if a signal has asked for it; members agree on that before the next step. */
const stopIfAsked = async (training: Training, saves: Saving, done: number): Promise<void> => {
  const { signal, team } = training
  if (signal?.aborted === true && team === undefined) await stop(training, saves, done)
}

/** Ends the run after so many steps. */
const stop = async (
  { span, folder, signal, team }: Training,
  saves: Saving,
  done: number,
  asked: StopSignal = signal === undefined ? 'SIGINT' : signalOf(signal),
): Promise<never> => {
  await saves.atOnce(done)
  // The others wait for that.
  await team?.leave()
  const message = `the run is saved after step ${done} of ${span.steps}`
  throw new Abort(stopped(asked, message, `Go on with: ${resumeCommand(folder)}`))
}
