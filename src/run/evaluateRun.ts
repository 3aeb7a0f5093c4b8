/** Measures a run's network, as its newest checkpoint holds it, by probes: those of its pipeline or others. */
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { NetworkName } from '../base/networkName'
import { random } from '../base/random'
import { turn } from '../base/turn'
import { located } from '../dsl/located'
import type { Registry } from '../dsl/registry'
import type { Backend } from '../engine/backends'
import type { Engine } from '../engine/engine'
import { openEngine } from '../engine/openEngine'
import { guarded } from '../engine/thrown'
import { type AskedProbes, askedDesign } from '../evaluate/askedProbes'
import { weightTensors } from '../evaluate/compute'
import { type Measured, measuring } from '../evaluate/measure'
import type { Model } from '../evaluate/model'
import { networkFeatures } from '../evaluate/networkFeatures'
import { openData } from '../evaluate/openData'
import type { OpenedProbe } from '../evaluate/openProbes'
import { readModel } from '../evaluate/readModel'
import type { Source } from '../io/source'
import type { Damaged, Report } from '../loader/damaged'
import { bootstrap, type Interval } from '../metric/bootstrap'
import type { ProbeMetrics } from '../ops/probe/metric'
import type { Design } from '../program/design'
import { below } from '../program/stateNames'
import { type Evaluation, logEvaluation } from '../store/evaluations'
import { runFolder } from '../store/folder'
import { readPipelineIn } from '../store/pipelineFile'
import type { FetchEvent } from '../wheels/events'

/** Without those of settings, which no test picture changes. */
const measuredOnes = (metrics: ProbeMetrics, intervals: Readonly<Record<string, Interval>>): Readonly<Record<string, Interval>> =>
  Object.fromEntries(
    Object.entries(intervals)
      .filter(([name]) => metrics[name]?.better !== null)
      .map(([name, { low, high }]) => [
        name,
        metrics[name]?.format === 'percent' ? { low: Math.max(0, low), high: Math.min(1, high) } : { low, high },
      ]),
  )

/** Pictures that are computed together: what a step of a ViT-L takes fits a machine that trains one. */
const CHUNK = 16

/** The design for pictures of which there may be less than a batch: nothing is trained. */
const ofAnyNumber = (design: Design): Design => ({
  ...design,
  training: { ...design.training, meaning: { ...design.training.meaning, batch: 1 } },
})

/** Draws of the bootstrap, and what its intervals hold. */
const DRAWS = 1000
const CONFIDENCE = 0.95

export type EvaluationEvent = FetchEvent | ({ readonly event: 'evaluation' } & Evaluation)

export interface EvaluateOptions extends AskedProbes {
  readonly network?: NetworkName | undefined
  readonly backend?: Backend | undefined
  readonly download?: boolean | undefined
  readonly tell: (event: EvaluationEvent) => void
  readonly signal: AbortSignal | undefined
}

/** What was measured, in the order of the pipeline, and how it is to be read. */
export interface Evaluated {
  readonly run: string
  readonly design: Design
  readonly evaluations: readonly Evaluation[]
  /** Pictures that couldn't be read, each once. */
  readonly damaged: number
}

interface Ready {
  readonly design: Design
  readonly probes: readonly OpenedProbe[]
  readonly model: Model
  readonly engine: Engine
}

/** Counts pictures that can't be read, each once: all of them, or those of a probe. Probes share what is read. */
const counting = () => {
  const found = new Set<string>()
  const key = (source: Pick<Source, 'fingerprint'>, image: number): string => `${source.fingerprint} ${image}`
  const report: Report = async (source, damaged: readonly Damaged[]) => {
    for (const { image } of damaged) found.add(key(source, image))
    return E.right(undefined)
  }
  const of = ({ sets }: OpenedProbe): number =>
    new Set(
      sets.flatMap(({ source, indices }) =>
        found.size === 0 ? [] : Array.from(indices, (image) => key(source, image)).filter((one) => found.has(one)),
      ),
    ).size
  return { report, of, all: () => found.size }
}

const measureAll = (
  run: string,
  { design, probes, model, engine }: Ready,
  { tell, signal }: EvaluateOptions,
): TE.TaskEither<Failure, Pick<Evaluated, 'evaluations' | 'damaged'>> => {
  const { seed } = design.training.meaning
  const { which } = model
  const held = below(which, weightTensors(model, model.weights))
  const features = networkFeatures(engine, { which, network: model.network }, held, engine.compiles ? CHUNK : 1)
  const damage = counting()
  const due = probes.map((probe) => ({ probe, baseline: probe.meaning.baseline !== undefined }))
  const measure = measuring(due, { features, computer: engine, seed, chunk: CHUNK, report: damage.report, signal })

  const evaluationOf = (probe: OpenedProbe, { numbers, baseline = {}, sampled }: Measured, began: number): Evaluation => {
    const { name, meaning } = probe
    return {
      probe: name,
      stage: design.probes.find((stage) => stage.name === name)!.op,
      network: which,
      step: model.step,
      numbers,
      intervals:
        sampled === undefined
          ? {}
          : measuredOnes(
              meaning.metrics,
              bootstrap(sampled.count, sampled.of, {
                draws: DRAWS,
                confidence: CONFIDENCE,
                random: random('bootstrap', seed, name),
              }),
            ),
      baseline,
      metrics: { ...meaning.metrics, ...meaning.baseline?.metrics },
      damaged: damage.of(probe),
      seconds: (performance.now() - began) / 1000,
      backend: engine.name,
      time: new Date().toISOString(),
    }
  }
  return pipe(
    due,
    TE.traverseSeqArray((one) => {
      const began = performance.now()
      return pipe(
        turn(signal),
        TE.chain(() => measure(one)),
        TE.map((measured) => evaluationOf(one.probe, measured, began)),
        TE.chainFirst((evaluation) => {
          tell({ event: 'evaluation', ...evaluation })
          return logEvaluation(runFolder(run), evaluation)
        }),
      )
    }),
    TE.chainFirstIOK(() => features.dispose),
    TE.map((evaluations) => ({ evaluations, damaged: damage.all() })),
  )
}

/** Measures the run in a folder, which may still be going on; each result is a line of its eval.jsonl. */
export const evaluateRun = (registry: Registry, run: string, options: EvaluateOptions): TE.TaskEither<Failure, Evaluated> => {
  const { tell, signal, backend, download, network } = options
  const notify = (message: string) => tell({ event: 'note', message })
  return pipe(
    TE.Do,
    TE.bind('pipeline', () => readPipelineIn(run)),
    TE.bind('asked', ({ pipeline: { path, text } }) => TE.fromEither(askedDesign(registry, path, text, options))),
    TE.let('design', ({ asked }) => asked.design),
    TE.bind('data', ({ asked: { design, document } }) =>
      TE.mapLeft(located(document))(openData(ofAnyNumber(design), notify, { download })),
    ),
    TE.let('probes', ({ data }) => data.probes),
    TE.bind('model', ({ probes }) =>
      readModel(registry, run, { network, withHead: probes.some(({ meaning }) => meaning.features.logits === true) }),
    ),
    TE.bind('engine', () => openEngine({ backend, download, tell, signal })),
    TE.bind('measured', (ready) => guarded(measureAll(run, ready, options), ready.engine.elsewhere)),
    TE.map(({ design, measured }) => ({ run, design, ...measured })),
  )
}
