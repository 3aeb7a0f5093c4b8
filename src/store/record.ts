/** What a run's folder says about it: written when it begins, compared when it goes on. */
import { arch, platform, release, totalmem } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { gigabytes } from '../base/gigabytes'
import { version } from '../base/version'
import type { Plan } from '../dsl/plan'
import { toYaml } from '../dsl/print'
import { readPlan } from '../dsl/read'
import { opBody, opName } from '../dsl/type'
import type { Engine } from '../engine/engine'
import { readFile, writeAtomically } from '../io/files'
import { cpu } from '../io/machine'
import type { Design } from '../program/design'
import type { Metric } from '../program/metric'
import type { Opened } from '../program/openPlan'
import { type About, type Origin, originOf, readAbout, recordedData } from './about'
import { type RunFolder, resumeCommand } from './folder'
import { changedModules, changedSince, ownOpsOf, recordedOps } from './ownOps'

/** What a run began with: what computes, and the data. */
const circumstances = ({ span, source }: Opened, engine: Engine) => {
  const { model, threads } = cpu()
  return {
    backend: engine.name,
    ...engine.versions,
    machine: { cpu: model, threads, memory: gigabytes(totalmem()) },
    started: new Date().toISOString(),
    steps: span.steps,
    stepsPerEpoch: span.stepsPerEpoch,
    batch: span.batch,
    data: {
      source: source.name,
      count: source.count,
      channels: source.channels,
      classes: source.classes,
      fingerprint: source.fingerprint,
    },
  }
}

const beginning = (design: Design) => ({
  name: design.plan.name,
  ibot: version,
  node: process.version,
  system: `${platform()} ${release()} ${arch()}`,
  seed: design.training.meaning.seed,
})

const writeFiles = (folder: RunFolder, about: object, design: Design, given: string | undefined): TE.TaskEither<Failure, void> =>
  pipe(
    given === undefined ? TE.right(undefined) : writeAtomically(folder.given, given),
    TE.chain(() => TE.fromTask(ownOpsOf(design))),
    TE.chain((ops) => writeAtomically(folder.about, `${JSON.stringify({ ...about, ops }, null, 2)}\n`)),
    // The last of them: where it is, a run can go on.
    TE.chain(() => writeAtomically(folder.resolved, toYaml(design.plan))),
  )

/** Writes the pipeline as given, the pipeline in full, and run.json, with what the run measures. */
export const writeRecord = (
  folder: RunFolder,
  opened: Opened,
  engine: Engine,
  given: string | undefined,
  metrics: readonly Metric[],
): TE.TaskEither<Failure, void> =>
  writeFiles(folder, { ...beginning(opened.design), ...circumstances(opened, engine), metrics }, opened.design, given)

/** Writes what a run measures into the run.json of one that goes on, where it says something else or nothing: an older run's. */
export const declareMetrics = (folder: RunFolder, metrics: readonly Metric[]): TE.TaskEither<Failure, void> =>
  pipe(
    readAbout(folder),
    TE.chain((about) =>
      isDeepStrictEqual(about.metrics, metrics)
        ? TE.right(undefined)
        : writeAtomically(folder.about, `${JSON.stringify({ ...about, metrics }, null, 2)}\n`),
    ),
  )

/** The same for a run that began elsewhere: with which data and on what it goes on is written when it does. */
export const writeImported = (folder: RunFolder, design: Design, origin: Origin, given: string): TE.TaskEither<Failure, void> =>
  writeFiles(folder, { ...beginning(design), imported: origin }, design, given)

/** What of `train` makes no difference to what is computed. */
const FREE: readonly string[] = ['workers', 'maxBad']

/** A pipeline in full, as text, without what a run may change when it goes on. */
const essence = (plan: Plan): string =>
  toYaml({
    ...plan,
    pipeline: plan.pipeline.map((op) =>
      opName(op) === 'train'
        ? { train: Object.fromEntries(Object.entries(opBody(op)).filter(([key]) => !FREE.includes(key))) }
        : op,
    ),
  })

/** An imported run takes the data with which it first goes on for its own. */
const adopt = (
  folder: RunFolder,
  opened: Opened,
  engine: Engine,
  about: About,
  { from, epoch, step }: Origin,
  notify: (message: string) => void,
): TE.TaskEither<Failure, void> => {
  const expected = (epoch ?? 0) * opened.span.stepsPerEpoch
  if (epoch !== null && expected !== step)
    notify(
      `${from} is of epoch ${epoch} and step ${step}, and ${epoch} epochs of these data are ${expected} steps; schedules go on from step ${step}`,
    )
  return writeAtomically(folder.about, `${JSON.stringify({ ...about, ...circumstances(opened, engine) }, null, 2)}\n`)
}

/** A run goes on only with the pipeline and the data that it began with. */
export const checkRecord = (
  folder: RunFolder,
  opened: Opened,
  engine: Engine,
  notify: (message: string) => void,
): TE.TaskEither<Failure, void> => {
  const { design, source } = opened
  return pipe(
    TE.Do,
    TE.bind('about', () => readAbout(folder)),
    TE.bind('data', ({ about }) => TE.fromEither(recordedData(folder, about))),
    TE.bind('resolved', () => readFile(folder.resolved, "the run's pipeline")),
    TE.chainFirstTaskK(({ about }) => async () => {
      for (const module of await changedModules(design.registry, recordedOps(about))()) notify(changedSince(module))
    }),
    TE.chainFirstEitherK(({ data, resolved }) => {
      // Read and printed again: how a pipeline is laid out may change from version to version.
      const plan = readPlan(design.registry, folder.resolved, new TextDecoder().decode(resolved))
      if (E.isLeft(plan) || essence(plan.right.plan) !== essence(design.plan))
        return E.left(
          missing(
            `the pipeline is not the one that the run in ${folder.path} began with`,
            `Leave out the file and '--set': ${resumeCommand(folder)}; or start a new run.`,
          ),
        )
      if (data !== undefined && data !== source.fingerprint)
        return E.left(
          missing(
            `the data (${source.name}) have changed since the run in ${folder.path} began`,
            'Put the data back as they were, or start a new run.',
          ),
        )
      return E.right(undefined)
    }),
    TE.chain(({ about, data }) => {
      const origin = originOf(about)
      return data === undefined && origin !== undefined
        ? adopt(folder, opened, engine, about, origin, notify)
        : TE.right(undefined)
    }),
  )
}
