/** The probes of a pipeline with their pictures, as they are measured. */
import { permutation } from '../base/random'
import type { Json } from '../dsl/type'
import type { Picture } from '../image/picture'
import type { Source } from '../io/source'
import type { Augmentation } from '../ops/augmentation/kind'
import type { Probe } from '../ops/probe/kind'
import type { Design } from '../program/design'
import type { BuiltStage } from '../program/stages'
import type { Pictures } from './features'
import type { NetworkInput } from './images'
import { fieldOf, type SourcedProbe, type SourcedSet } from './openSources'
import { EVALUATION_MARGIN, preparing, transform } from './transform'

export interface OpenedSet extends Pictures {
  readonly name: string
  /** Whether it has a source of its own. */
  readonly own: boolean
  /** Of a set that is read again and again: what is drawn anew each time. */
  readonly augment: Augmentation | undefined
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

/** What is the same where the same is written: `make` is called once for each text of a field, and always where there is none. */
const remembered = <A>(known: Map<string, A>, written: Json | undefined, make: () => A): A => {
  if (written === undefined) return make()
  const key = JSON.stringify(written)
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

/** Which pictures of a source: all, or so many that are drawn. */
const indicesOf = (count: number | undefined, source: Source, seed: number): Uint32Array =>
  count === undefined
    ? Uint32Array.from({ length: source.count }, (_, i) => i)
    : permutation(source.count, seed, 'bank').subarray(0, count)

/** Classes go by their names: a source that lacks one has other numbers. */
const openedSet = (
  { name, from, source, count, labels, augment }: SourcedSet,
  classes: readonly string[],
  seed: number,
): OpenedSet => {
  const numbers = from.classes.map((one) => classes.indexOf(one))
  return {
    name,
    source: from,
    own: source !== undefined,
    augment,
    indices: indicesOf(count, from, seed),
    classes: labels ? classes : [],
    label: (image) => numbers[from.label(image) ?? 0]!,
  }
}

/** The probes of a design, whose pictures are open; they are read whenever a probe is measured. */
export const openedProbes = (
  design: Design,
  { source: dataset, probes }: { readonly source: Source; readonly probes: readonly SourcedProbe[] },
): readonly OpenedProbe[] => {
  const transforms = new Map<string, OpenedProbe['prepare']>()
  const { seed } = design.training.meaning
  return probes.map(({ stage, sets }) => {
    const classes = sets.find(({ labels }) => labels)?.from.classes ?? []
    return {
      name: stage.name,
      meaning: stage.meaning,
      prepare: prepareOf(stage, design, transforms),
      input: inputOf(stage.meaning, design, dataset),
      sets: sets.map((set) => openedSet(set, classes, seed)),
    }
  })
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
    : remembered(known, fieldOf(stage, 'prepare'), () => preparing(prepare))
}
