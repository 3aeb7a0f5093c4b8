/** The probes of a pipeline with their pictures: opened, and checked against what each asks for. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { permutation } from '../base/random'
import { type Json, opBody } from '../dsl/type'
import type { Picture } from '../image/picture'
import type { Source } from '../io/source'
import type { Probe, ProbeSet } from '../ops/probe/kind'
import type { OpenSource } from '../ops/source/kind'
import type { Design } from '../program/design'
import { frozenNetwork, type Network, networksOf } from '../program/networks'
import type { Opened } from '../program/openPlan'
import type { BuiltStage } from '../program/stages'
import type { NetworkInput, Pictures } from './features'
import { augmented, EVALUATION_MARGIN, transform } from './transform'

export interface OpenedSet extends Pictures {
  readonly name: string
  /** Whether it has a source of its own. */
  readonly own: boolean
  /** By their numbers; empty where the probe asks for no labels. */
  readonly classes: readonly string[]
  /** The class of a picture of the source, by its place in `classes`. */
  readonly label: (image: number) => number
}

/** Sources and transforms that several probes name are the same values in all of them. */
export interface OpenedProbe {
  readonly name: string
  readonly meaning: Probe
  readonly prepare: (picture: Picture) => Picture
  readonly input: NetworkInput
  readonly sets: readonly OpenedSet[]
}

/** A failure, and the place in the pipeline that it comes from. */
export interface FailureAt {
  readonly failure: Failure
  readonly path: readonly (string | number)[]
}

/** What is the same where the same is written: `make` is called once for each text of a field, and always where there is none. */
const remembered = <A>(known: Map<string, A>, written: Json | undefined, make: () => A): A => {
  if (written === undefined) return make()
  const key = JSON.stringify(written)
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

const fieldOf = ({ op }: BuiltStage<unknown>, name: string): Json | undefined =>
  (opBody(op) as Readonly<Record<string, Json>>)[name]

/** A set whose source is open, and whether its pictures need labels. */
interface SourcedSet extends ProbeSet {
  readonly name: string
  readonly from: Source
}

/** Whether the sets of a probe are what it asks for: pictures with the channels of the pipeline's, labels, the same classes. */
const checkSets = (probe: string, sets: readonly SourcedSet[], dataset: Source): E.Either<Failure, void> => {
  const unlabelled = sets.find(({ labels, from }) => labels && from.classes.length === 0)
  if (unlabelled !== undefined)
    return E.left(
      missing(
        `'${probe}' needs labels, and ${unlabelled.from.name} has none`,
        `Use pictures with labels, or leave '${probe}' out of the pipeline.`,
      ),
    )
  const other = sets.find(({ from }) => from.channels !== dataset.channels)?.from
  if (other !== undefined)
    return E.left(
      missing(
        `${other.name} has ${other.channels} channels, but ${dataset.name} ${dataset.channels}`,
        "Give both sources of the pipeline the same 'channels'.",
      ),
    )
  const [first, ...others] = sets.filter(({ labels }) => labels)
  for (const { from } of others) {
    const unknown = from.classes.find((name) => !first!.from.classes.includes(name))
    if (unknown !== undefined)
      return E.left(
        missing(
          `${from.name} has the class '${unknown}', which ${first!.from.name} doesn't have`,
          'Give the classes the same names in both, or take out the pictures of that class.',
        ),
      )
  }
  return E.right(undefined)
}

/** Whether a network has the blocks whose features a probe takes. */
const checkBlocks = (probe: BuiltStage<Probe>, { backbone }: Network, name: string): E.Either<Failure, void> => {
  const { cls } = probe.meaning.features
  const count = backbone.blocks?.count ?? 1
  return cls <= count
    ? E.right(undefined)
    : E.left(
        missing(
          `'${probe.name}' takes the features of the last ${cls} blocks, and '${name}' ${backbone.blocks === undefined ? "doesn't show its blocks" : `has ${count}`}`,
          count === 1 ? 'Take those of the last one: 1.' : `Take at most ${count}.`,
        ),
      )
}

/** Which pictures of a source: all, or so many that are drawn. */
const indicesOf = (count: number | undefined, source: Source, seed: number): Uint32Array =>
  count === undefined
    ? Uint32Array.from({ length: source.count }, (_, i) => i)
    : permutation(source.count, seed, 'bank').subarray(0, count)

/** Classes go by their names: a source that lacks one has other numbers. */
const openedSet = ({ name, from, source, count, labels }: SourcedSet, classes: readonly string[], seed: number): OpenedSet => {
  const numbers = from.classes.map((one) => classes.indexOf(one))
  return {
    name,
    source: from,
    own: source !== undefined,
    indices: indicesOf(count, from, seed),
    classes: labels ? classes : [],
    label: (image) => numbers[from.label(image) ?? 0]!,
  }
}

/** Whether a probe takes its sets. */
const accepted = ({ name, meaning, sets }: OpenedProbe): E.Either<Failure, void> => {
  const facts = Object.fromEntries(sets.map((set) => [set.name, { count: set.indices.length, classes: set.classes }]))
  const refusal = meaning.refuse?.(facts)
  return refusal === undefined ? E.right(undefined) : E.left(missing(`'${name}' ${refusal.message}`, refusal.remedy))
}

/** Opens the pictures of all probes; they are read whenever a probe is measured. */
export const openProbes = (
  { design, source: dataset }: Pick<Opened, 'design' | 'source'>,
  notify: (message: string) => void,
): TE.TaskEither<FailureAt, readonly OpenedProbe[]> => {
  const network = networksOf(design, dataset.channels)[frozenNetwork(design)]!
  const sources = new Map<string, Source>()
  remembered(sources, fieldOf(design.dataset, 'source'), () => dataset)
  const transforms = new Map<string, OpenedProbe['prepare']>()

  const opened = (stage: BuiltStage<Probe>, name: string, open: OpenSource): TE.TaskEither<FailureAt, Source> => {
    const written = fieldOf(stage, name)
    const known = written === undefined ? undefined : sources.get(JSON.stringify(written))
    if (known !== undefined) return TE.right(known)
    return pipe(
      open(notify),
      TE.map((source) => remembered(sources, written, () => source)),
      TE.mapLeft((failure) => ({ failure, path: [...stage.path, name] })),
    )
  }
  const sourced =
    (stage: BuiltStage<Probe>) =>
    ([name, set]: readonly [string, ProbeSet]): TE.TaskEither<FailureAt, SourcedSet> =>
      TE.map((from: Source) => ({ ...set, name, from }))(
        set.source === undefined ? TE.right(dataset) : opened(stage, name, set.source),
      )
  const open = (stage: BuiltStage<Probe>): TE.TaskEither<FailureAt, OpenedProbe> =>
    pipe(
      TE.traverseSeqArray(sourced(stage))(Object.entries(stage.meaning.sets)),
      TE.chainFirstEitherK((sets) =>
        E.mapLeft((failure: Failure) => ({ failure, path: stage.path }))(checkSets(stage.name, sets, dataset)),
      ),
      TE.chainFirstEitherK(() =>
        E.mapLeft((failure: Failure) => ({ failure, path: stage.path }))(checkBlocks(stage, network, design.backbone.name)),
      ),
      TE.map((sets) => {
        const classes = sets.find(({ labels }) => labels)?.from.classes ?? []
        const { seed } = design.training.meaning
        return {
          name: stage.name,
          meaning: stage.meaning,
          prepare: prepareOf(stage, design, transforms),
          input: inputOf(stage.meaning, design, dataset),
          sets: sets.map((set) => openedSet(set, classes, seed)),
        }
      }),
      TE.chainFirstEitherK((probe) => E.mapLeft((failure: Failure) => ({ failure, path: stage.path }))(accepted(probe))),
    )
  return TE.traverseSeqArray(open)(design.probes)
}

/** Pictures of the global views' size, unless the probe makes another. */
const sizeOf = ({ prepare }: Probe, { sizes }: Design): NetworkInput['size'] => prepare?.size(undefined) ?? sizes[0]!

const inputOf = (probe: Probe, design: Design, { channels }: Source): NetworkInput => {
  const { mean, std } = design.views.meaning
  return { size: sizeOf(probe, design), channels, mean, std }
}

/** Stands for a `prepare` that isn't written. */
const DEFAULT = null

/** How a probe's pictures are prepared: the same value where the same is written, or nothing is. */
const prepareOf = (
  stage: BuiltStage<Probe>,
  design: Design,
  known: Map<string, OpenedProbe['prepare']>,
): OpenedProbe['prepare'] => {
  const { prepare } = stage.meaning
  return prepare === undefined
    ? remembered(known, DEFAULT, () => transform({ size: sizeOf(stage.meaning, design), margin: EVALUATION_MARGIN }))
    : remembered(known, fieldOf(stage, 'prepare'), () => augmented(prepare))
}
