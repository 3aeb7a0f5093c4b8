/** A training from beginning to end: steps, what is told of them, probes, and what is shown. */
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { diverged, type Failure } from '../../src/base/failure'
import { newInputMonitors } from '../../src/loader/inputs'
import type { Numbers } from '../../src/ops/probe/metric'
import { encodedTogether } from '../../src/program/batch'
import { seldomMasked } from '../../src/program/masked'
import { metricsOf } from '../../src/program/metrics'
import { warningsOf } from '../../src/program/warnings'
import { Abort } from '../../src/run/abort'
import { type Alarm, alarmWatch } from '../../src/run/alarms'
import { probing } from '../../src/run/probing'
import { featureRanks, loopMonitors } from '../../src/run/runMonitors'
import { metricsLine, stepReport } from '../../src/run/stepReport'
import { stopwatch } from '../../src/run/stopwatch'
import { courseCollector } from '../../src/store/courseCollector'
import { attentionPart, chartsOf, viewsOf } from './looks'
import type { Told } from './messages'
import { batchesOf, type Run, type Stepped, stepOf } from './run'

export interface Training {
  readonly run: Run
  readonly tell: (told: Told) => void
  /** Ends it after the step that is under way. */
  readonly signal: AbortSignal
  /** Told of each step that is done, before the next one; what it does is waited for. */
  readonly between: (done: number) => Promise<void>
}

/** Milliseconds from one look of the page to the next; what takes long is done for at most one part in so many of the time. */
const PAUSES = { charts: 700, views: 4000, attention: 6000 } as const
const SHARE = 6

/** Does work now and then: when so long a time has passed, and so many times as long as it takes. */
const nowAndThen = (pause: number, work: (done: number) => Promise<void>) => {
  let notBefore = Number.NEGATIVE_INFINITY
  return async (done: number, isDue = false): Promise<void> => {
    const since = performance.now()
    if (since < notBefore && !isDue) return
    await work(done)
    const now = performance.now()
    notBefore = now + Math.max(pause, SHARE * (now - since))
  }
}

/** Trains to the end, or until it is stopped; gives the steps that were done. */
export const train = async ({ run, tell, signal, between }: Training): Promise<E.Either<Failure, number>> => {
  const { opened, interpreter, engine, report } = run
  const { design, span, program, probes: asked } = opened
  const metrics = metricsOf(design, program, loopMonitors(design))
  const collector = courseCollector(span.steps)
  const raised: Alarm[] = []
  const time = stopwatch()
  const note = (message: string): void => tell({ tell: 'note', message })
  for (const { path, message, suggestion } of warningsOf(design, span))
    note(`${path.slice(2).join('.')}: ${message}; ${suggestion}`)
  if (design.checkpoint !== undefined) note('a tab keeps no checkpoints: the network of the last step can be downloaded')

  const batchOf = batchesOf(run)
  const ranks = featureRanks(design.backbone.meaning.width)
  const alarms = alarmWatch({ views: program.batch.global[0], seldomMasked: seldomMasked(design, span).length > 0 })
  const probes = probing({
    ...{ probes: asked, span, interpreter, engine, report, signal },
    frozen: program.frozen,
    seed: design.training.meaning.seed,
    chunk: encodedTogether(program.batch),
    log: ({ step, ...values }) => {
      collector.add({ step, values })
      return TE.right(undefined)
    },
    tell: () => undefined,
    known: { probes: {} },
  })

  const showCharts = nowAndThen(PAUSES.charts, async () =>
    tell({ tell: 'parts', parts: await chartsOf(run, { metrics, course: collector.course(), alarms: raised }) }),
  )
  const showViews = nowAndThen(PAUSES.views, async (done) =>
    tell({ tell: 'parts', parts: [await viewsOf(run, Math.min(done, span.steps - 1))] }),
  )
  const showAttention = nowAndThen(PAUSES.attention, async (done) =>
    tell({ tell: 'parts', parts: [await attentionPart(run, done)] }),
  )
  /** Takes in a step that is done, with what it took and reported. */
  const tellStep = (done: number, numbersAndMetrics: Stepped, monitors: Numbers): void => {
    const report = stepReport(program, { done, stepsPerEpoch: span.stepsPerEpoch, ...numbersAndMetrics, monitors })
    const { step, ...values } = metricsLine(report, time.seconds())
    collector.add({ step, values })
    const perStep = time.seconds() / done
    tell({ tell: 'step', step, imagesPerSecond: span.batch / perStep, secondsLeft: perStep * (span.steps - done) })
    for (const alarm of alarms.look(report)) {
      raised.push(alarm)
      note(`alarm: ${alarm.message}. ${alarm.remedy}`)
    }
  }
  /** The alarm that ends the training, where the pipeline wants to be ended by one. */
  const ending = (): Alarm | undefined => (design.training.meaning.onCollapse === 'stop' ? raised[0] : undefined)

  const loop = async (): Promise<E.Either<Failure, number>> => {
    await showViews(0)
    await probes.before(0)
    await showAttention(0)
    let done = 0
    while (done < span.steps && !signal.aborted) {
      time.go()
      const batch = await batchOf(done)
      if (E.isLeft(batch)) return batch
      const inputs = newInputMonitors(program.batch)
      inputs.add(batch.right)
      const stepped = await stepOf(run, batch.right, done)
      if (E.isLeft(stepped)) return stepped
      time.pause()
      done++
      tellStep(done, stepped.right, { ...inputs.values(), ...ranks.after(done, interpreter.features()) })
      await probes.after(done)
      await between(done)
      await showCharts(done)
      const alarm = ending()
      if (alarm !== undefined)
        return E.left(
          diverged(`after step ${alarm.step} ${alarm.message}`, `${alarm.remedy} It stopped because of 'onCollapse: stop'.`),
        )
      if (done === span.steps) break
      await showViews(done)
      await showAttention(done)
    }
    await showCharts(done, true)
    await showViews(done, true)
    await showAttention(done, true)
    return E.right(done)
  }

  try {
    return await loop()
  } catch (error) {
    if (error instanceof Abort) return E.left(error.failure)
    throw error
  }
}
