/** What a run's folder says about it: written when it begins, compared when it goes on. */
import { createHash } from 'node:crypto'
import { arch, platform, release, totalmem } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing, rejected } from '../base/failure'
import { gigabytes } from '../base/gigabytes'
import { version } from '../base/version'
import type { Plan } from '../dsl/plan'
import { toYaml } from '../dsl/print'
import { readPlan } from '../dsl/read'
import type { Engine } from '../engine/engine'
import { readFile, writeAtomically } from '../io/files'
import { cpu } from '../io/machine'
import type { Design } from '../program/design'
import type { Metric } from '../program/metric'
import type { Opened } from '../program/openPlan'
import { type About, type Origin, originOf, readAbout, recordedData } from './about'
import { type Change, changesBetween, changesText, essence } from './changes'
import type { Contents } from './contents'
import { type RunFolder, resumeCommand } from './folder'
import { changedModules, changedSince, ownOpsOf, recordedOps } from './ownOps'

/** The fingerprints of the pictures that probes have for themselves, by the probe and its field: `knn.test`. */
export type ProbeData = Readonly<Record<string, string>>

/** What a run began with: what computes, and the data. */
const circumstances = ({ span, source }: Opened, engine: Engine, probeData: ProbeData) => {
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
    probeData,
  }
}

const beginning = (design: Design) => ({
  name: design.plan.name,
  ibot: version,
  node: process.version,
  system: `${platform()} ${release()} ${arch()}`,
  seed: design.training.meaning.seed,
})

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

const writeAbout = ({ about: path }: RunFolder, about: object): TE.TaskEither<Failure, void> =>
  writeAtomically(path, `${JSON.stringify(about, null, 2)}\n`)

const writeFiles = (folder: RunFolder, about: object, design: Design, given: string | undefined): TE.TaskEither<Failure, void> =>
  pipe(
    given === undefined ? TE.right(undefined) : writeAtomically(folder.given, given),
    TE.chain(() => TE.fromTask(ownOpsOf(design))),
    TE.chain((ops) => writeAbout(folder, { ...about, ops, resolved: sha256(toYaml(design.plan)) })),
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
  probeData: ProbeData,
  contents: Contents | undefined,
): TE.TaskEither<Failure, void> =>
  writeFiles(
    folder,
    { ...beginning(opened.design), ...circumstances(opened, engine, probeData), ...(contents && { contents }), metrics },
    opened.design,
    given,
  )

/** Writes what a run measures into the run.json of one that goes on, where it says something else or nothing: an older run's. */
export const declareMetrics = (folder: RunFolder, metrics: readonly Metric[]): TE.TaskEither<Failure, void> =>
  pipe(
    readAbout(folder),
    TE.chain((about) =>
      isDeepStrictEqual(about.metrics, metrics) ? TE.right(undefined) : writeAbout(folder, { ...about, metrics }),
    ),
  )

/** The same for a run that began elsewhere: with which data and on what it goes on is written when it does. */
export const writeImported = (folder: RunFolder, design: Design, origin: Origin, given: string): TE.TaskEither<Failure, void> =>
  writeFiles(folder, { ...beginning(design), imported: origin }, design, given)

/** An imported run takes the data with which it first goes on for its own. */
const adopted = (
  opened: Opened,
  engine: Engine,
  probeData: ProbeData,
  about: About,
  { from, epoch, step }: Origin,
  notify: (message: string) => void,
): About => {
  const expected = (epoch ?? 0) * opened.span.stepsPerEpoch
  if (epoch !== null && expected !== step)
    notify(
      `${from} is of epoch ${epoch} and step ${step}, and ${epoch} epochs of these data are ${expected} steps; schedules go on from step ${step}`,
    )
  return { ...about, ...circumstances(opened, engine, probeData) } as About
}

/** Whether resolved.yaml is what this version wrote; records of older versions don't say what that was. */
const isOurs = (about: About, resolved: Uint8Array): boolean => {
  if (typeof about.resolved !== 'string') return true
  const now = sha256(resolved)
  // A process that was killed while it noted a change has left the one before.
  return now === about.resolved || now === changesOf(about).at(-1)?.resolvedBefore
}

/** What was changed when the run went on, as run.json lists it. */
interface Noted {
  readonly at: string
  /** SHA-256 of resolved.yaml up to then. */
  readonly resolvedBefore: string
  readonly set: readonly Change[]
}

const changesOf = ({ changes }: About): readonly Noted[] =>
  Array.isArray(changes) ? (changes as unknown as readonly Noted[]) : []

/** Keeps what a run that goes on has changed, so that it goes on with it the next time: first in the record, then in the pipeline. */
const noted = (
  folder: RunFolder,
  about: About,
  resolved: Uint8Array,
  before: Plan,
  after: Plan,
): TE.TaskEither<Failure, void> => {
  const set = changesBetween(before, after)
  if (set.length === 0) return TE.right(undefined)
  const one: Noted = { at: new Date().toISOString(), resolvedBefore: sha256(resolved), set }
  const text = toYaml(after)
  return pipe(
    writeAbout(folder, { ...about, resolved: sha256(text), changes: [...changesOf(about), one] }),
    TE.chain(() => writeAtomically(folder.resolved, text)),
  )
}

const edited = ({ resolved }: RunFolder): Failure =>
  missing(
    `${resolved} has been edited since the run began`,
    "Put it back as it was. A run that goes on can change train.workers, train.maxBad, log and where its data lie, with '--set'; for anything else begin a new run.",
  )

const otherPipeline = (folder: RunFolder, changes: readonly Change[]): Failure =>
  missing(
    `the pipeline is not the one that the run in ${folder.path} began with: ${changesText(changes)}`,
    `Leave out the file, '--set' and '--unset': ${resumeCommand(folder)}; or start a new run.`,
  )

const otherData = (name: string, { path }: RunFolder): Failure =>
  missing(`the data (${name}) have changed since the run in ${path} began`, 'Put the data back as they were, or start a new run.')

/** The set of a probe whose pictures aren't those that the run began with; older records tell nothing of them. */
const changedProbeData = ({ probeData }: About, now: ProbeData): string | undefined => {
  const began = typeof probeData === 'object' && probeData !== null ? (probeData as ProbeData) : {}
  return Object.keys(now).find((name) => began[name] !== undefined && began[name] !== now[name])
}

/**
 * A run goes on only with the pipeline and the data that it began with. Where the data lie may change if they are the same by
 * their fingerprints, and so may what makes no difference to what is computed: that is kept in the run's folder.
 *
 * @param verify looks further than fingerprints do; gives what the record is to say of it
 */
export const checkRecord = (
  folder: RunFolder,
  opened: Opened,
  engine: Engine,
  probeData: ProbeData,
  notify: (message: string) => void,
  verify: (about: About) => TE.TaskEither<Failure, Contents | undefined>,
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
    TE.bind('before', ({ about, data, resolved }): TE.TaskEither<Failure, Plan> => {
      if (!isOurs(about, resolved)) return TE.left(edited(folder))
      // Read and printed again: how a pipeline is laid out may change from version to version.
      const plan = readPlan(design.registry, folder.resolved, new TextDecoder().decode(resolved))
      if (E.isLeft(plan)) return TE.left(rejected(plan.left))
      const before = plan.right.plan
      const changes = changesBetween(essence(design.registry, before), essence(design.registry, design.plan))
      if (changes.length > 0) return TE.left(otherPipeline(folder, changes))
      if (data !== undefined && data !== source.fingerprint) return TE.left(otherData(source.name, folder))
      const changed = changedProbeData(about, probeData)
      return changed === undefined ? TE.right(before) : TE.left(otherData(`of ${changed}`, folder))
    }),
    TE.bind('contents', ({ about }) => verify(about)),
    TE.bind('current', ({ about, data, contents }) => {
      const origin = originOf(about)
      const isOwn = data !== undefined || origin === undefined
      if (isOwn && contents === undefined) return TE.right(about)
      const own = isOwn ? about : adopted(opened, engine, probeData, about, origin, notify)
      const whole = contents === undefined ? own : ({ ...own, contents } as unknown as About)
      return TE.map(() => whole)(writeAbout(folder, whole))
    }),
    TE.chain(({ current, resolved, before }) => noted(folder, current, resolved, before, design.plan)),
  )
}
