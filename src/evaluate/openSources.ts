/** The data that a pipeline names, opened: what it trains on and what its probes ask for; and all that is wrong with them. */
import * as E from 'fp-ts/Either'
import type * as T from 'fp-ts/Task'
import { type Failure, type FailureAt, missing, rejected } from '../base/failure'
import type { Checked } from '../dsl/check'
import type { Registry } from '../dsl/registry'
import { type Json, opBody } from '../dsl/type'
import type { Reach, Source } from '../io/source'
import type { AugmentedSet, Probe, ProbeSet } from '../ops/probe/kind'
import { datasetSlot, headSlot, lossSlot, probeSlot, trainingSlot, viewsSlot } from '../ops/slots'
import type { OpenSource } from '../ops/source/kind'
import type { Design } from '../program/design'
import { misfits, type UsingStages } from '../program/span'
import { type BuiltStage, builtStages } from '../program/stages'

/** The stages that say which data there are and what they have to be like. In a pipeline with problems some may lack. */
export type DataStages = UsingStages & Pick<Design, 'probes'>

/** Those stages of a pipeline that are right by themselves. */
export const dataStages = (registry: Registry, { stages }: Pick<Checked, 'stages'>): DataStages => ({
  dataset: builtStages(registry, stages, datasetSlot)[0],
  views: builtStages(registry, stages, viewsSlot)[0],
  training: builtStages(registry, stages, trainingSlot)[0],
  head: builtStages(registry, stages, headSlot)[0],
  losses: builtStages(registry, stages, lossSlot),
  probes: builtStages(registry, stages, probeSlot),
})

/** A set whose source is open, and whether its pictures need labels. */
export interface SourcedSet extends ProbeSet, Partial<Pick<AugmentedSet, 'augment'>> {
  readonly name: string
  readonly from: Source
}

/** A probe, and those of its sets whose sources are open. */
export interface SourcedProbe {
  readonly stage: BuiltStage<Probe>
  readonly sets: readonly SourcedSet[]
}

export interface Sources {
  /** Undefined where it can't be opened. */
  readonly source: Source | undefined
  readonly probes: readonly SourcedProbe[]
  readonly faults: readonly FailureAt[]
}

export const fieldOf = ({ op }: BuiltStage<unknown>, name: string): Json | undefined =>
  (opBody(op) as Readonly<Record<string, Json>>)[name]

/** Opens what is written, once; where nothing is written, whenever it is asked for. Once a signal has ended that, nothing more is opened. */
type Open = (written: Json | undefined, open: OpenSource) => Promise<E.Either<Failure, Source>>

const openingOnce = (notify: (message: string) => void, reach: Reach | undefined): Open => {
  const known = new Map<string, E.Either<Failure, Source>>()
  let stopped: E.Either<Failure, Source> | undefined
  const opening = async (open: OpenSource): Promise<E.Either<Failure, Source>> => {
    const opened = stopped ?? (await open(notify, reach)())
    if (E.isLeft(opened) && opened.left._tag === 'Stopped') stopped = opened
    return opened
  }
  return async (written, open) => {
    if (written === undefined) return opening(open)
    const key = JSON.stringify(written)
    const opened = known.get(key) ?? (await opening(open))
    known.set(key, opened)
    return opened
  }
}

/** What the sets of a probe aren't that it asks for: labelled, with the channels of the pipeline's pictures, of the same classes. */
const unfitSets = ({ stage: { name }, sets }: SourcedProbe, dataset: Source | undefined): readonly Failure[] => {
  const labelled = sets.filter(({ labels }) => labels)
  const [first] = labelled
  return [...new Set(sets.map(({ from }) => from))].flatMap((from) => {
    const asked = labelled.some((set) => set.from === from)
    const unlabelled = asked && from.classes.length === 0
    const unknown = asked && !unlabelled ? from.classes.find((one) => !first!.from.classes.includes(one)) : undefined
    return [
      ...(unlabelled
        ? [
            missing(
              `'${name}' needs labels, and ${from.name} has none`,
              `Use pictures with labels, or leave '${name}' out of the pipeline.`,
            ),
          ]
        : []),
      ...(dataset === undefined || from.channels === dataset.channels
        ? []
        : [
            missing(
              `${from.name} has ${from.channels} channels, but ${dataset.name} ${dataset.channels}`,
              "Give both sources of the pipeline the same 'channels'.",
            ),
          ]),
      ...(unknown === undefined || first!.from.classes.length === 0
        ? []
        : [
            missing(
              `${from.name} has the class '${unknown}', which ${first!.from.name} doesn't have`,
              'Give the classes the same names in both, or take out the pictures of that class.',
            ),
          ]),
    ]
  })
}

/** Why a probe doesn't take its sets, all of which are open. */
const refusal = ({ stage: { name, meaning }, sets }: SourcedProbe): readonly Failure[] => {
  const classes = sets.find(({ labels }) => labels)?.from.classes ?? []
  const facts = sets.map(({ name: set, count, from, labels }) => [
    set,
    { count: Math.min(count ?? from.count, from.count), classes: labels ? classes : [] },
  ])
  const refused = meaning.refuse?.(Object.fromEntries(facts))
  return refused === undefined ? [] : [missing(`'${name}' ${refused.message}`, refused.remedy)]
}

/** Opens the sets of a probe; a set of the pipeline's own pictures is left out where these aren't there. */
const openSets = async (stage: BuiltStage<Probe>, dataset: Source | undefined, open: Open): Promise<Sources> => {
  const sets: SourcedSet[] = []
  const faults: FailureAt[] = []
  const asked = Object.entries<ProbeSet>({ ...stage.meaning.augmented, ...stage.meaning.sets })
  for (const [name, set] of asked) {
    const opened = set.source === undefined ? undefined : await open(fieldOf(stage, name), set.source)
    if (opened !== undefined && E.isLeft(opened)) faults.push({ failure: opened.left, path: [...stage.path, name] })
    const from = opened === undefined ? dataset : E.isRight(opened) ? opened.right : undefined
    if (from !== undefined) sets.push({ ...set, name, from })
  }
  const probe = { stage, sets }
  const unfit = unfitSets(probe, dataset)
  const whole = unfit.length === 0 && sets.length === asked.length
  const refused = whole ? refusal(probe) : []
  const all = [...unfit, ...refused].map((failure) => ({ failure, path: stage.path }))
  return { source: dataset, probes: [probe], faults: [...faults, ...all] }
}

/** Opens all data, each once, one after the other. Whether a batch and the normalisation fit them is checked too. */
export const openSources =
  (stages: DataStages, notify: (message: string) => void, reach?: Reach): T.Task<Sources> =>
  async () => {
    const open = openingOnce(notify, reach)
    const { dataset } = stages
    const opened = dataset && (await open(fieldOf(dataset, 'source'), dataset.meaning))
    const source = opened !== undefined && E.isRight(opened) ? opened.right : undefined
    const unfit = source === undefined ? [] : misfits(stages, source)
    let all: Sources = {
      source,
      probes: [],
      faults: [
        ...(dataset !== undefined && opened !== undefined && E.isLeft(opened)
          ? [{ failure: opened.left, path: dataset.path }]
          : []),
        ...(unfit.length === 0 ? [] : [{ failure: rejected(unfit), path: [] }]),
      ],
    }
    for (const stage of stages.probes) {
      const { probes, faults } = await openSets(stage, source, open)
      all = { source, probes: [...all.probes, ...probes], faults: [...all.faults, ...faults] }
    }
    return all
  }
