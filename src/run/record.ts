/** What a run's folder says about it: written when it begins, compared when it goes on. */
import { arch, platform, release, totalmem } from 'node:os'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { version } from '../base/version'
import type { Plan } from '../dsl/plan'
import { toYaml } from '../dsl/print'
import { readPlan } from '../dsl/read'
import { opBody, opName } from '../dsl/type'
import { BACKENDS, type Backend, type Engine } from '../interpret/backend'
import { readFile, writeAtomically } from '../io/files'
import { cpu } from '../io/machine'
import { registry } from '../ops/registry'
import type { RunFolder } from './folder'
import type { Opened } from './open'

/** Writes the pipeline as given, the pipeline in full, and run.json. */
export const writeRecord = (
  folder: RunFolder,
  { design, source, span }: Opened,
  engine: Engine,
  given: string | undefined,
): TE.TaskEither<Failure, void> => {
  const { model, threads } = cpu()
  const about = {
    name: design.plan.name,
    ibot: version,
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    backend: engine.backend,
    ...(engine.backend === 'tensorflow' ? { tensorflow: engine.tensorflow.version } : {}),
    machine: { cpu: model, threads, memory: `${(totalmem() / 2 ** 30).toFixed(1)} GB` },
    started: new Date().toISOString(),
    seed: design.training.means.seed,
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
  return pipe(
    given === undefined ? TE.right(undefined) : writeAtomically(folder.given, given),
    TE.chain(() => writeAtomically(folder.about, `${JSON.stringify(about, null, 2)}\n`)),
    // The last of them: where it is, a run can go on.
    TE.chain(() => writeAtomically(folder.resolved, toYaml(design.plan))),
  )
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

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

/** A run goes on only with the pipeline and the data that it began with. */
export const checkRecord = (folder: RunFolder, { design, source }: Opened): TE.TaskEither<Failure, void> =>
  pipe(
    TE.Do,
    TE.bind('about', () => readFile(folder.about, "the run's record")),
    TE.bind('resolved', () => readFile(folder.resolved, "the run's pipeline")),
    TE.chainEitherK(({ about, resolved }) => {
      const text = new TextDecoder()
      const began = parsed(text.decode(about)) as { readonly data?: { readonly fingerprint?: string } } | undefined
      // Read and printed again: how a pipeline is laid out may change from version to version.
      const plan = readPlan(registry, folder.resolved, text.decode(resolved))
      if (E.isLeft(plan) || essence(plan.right.plan) !== essence(design.plan))
        return E.left(
          missing(
            `the pipeline is not the one that the run in ${folder.path} began with`,
            `Leave out the file and '--set': ibot run --resume ${folder.path}; or start a new run.`,
          ),
        )
      if (began?.data?.fingerprint !== source.fingerprint)
        return E.left(
          missing(
            `the data (${source.name}) have changed since the run in ${folder.path} began`,
            'Put the data back as they were, or start a new run.',
          ),
        )
      return E.right(undefined)
    }),
  )

/** What a run computed with when it began. */
export const recordedBackend = (folder: RunFolder): TE.TaskEither<Failure, Backend> =>
  pipe(
    readFile(folder.about, "the run's record"),
    TE.map((about) => {
      const record = parsed(new TextDecoder().decode(about)) as { readonly backend?: unknown } | undefined
      return BACKENDS.find((backend) => backend === record?.backend) ?? 'wasm'
    }),
  )
