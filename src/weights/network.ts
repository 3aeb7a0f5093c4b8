/** A network's weights from any file that is read here, under the names of the official code: `backbone.…` and `head.…`. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { listed } from '../base/listed'
import type { NetworkName } from '../base/networkName'
import type { Plain } from '../io/torch/plain'
import { type Known, knownOf } from './known'
import { type Library, type Naming, namingOf } from './namings'
import { chosen, type Place, placesIn } from './place'
import { prefixTokens } from './prefixTokens'
import { type Stored, type TensorFile, unusable, withTensors } from './tensors'
import { kindWith } from './unsupported'
import { stacked, type Values, valuesOf } from './values'

export interface NetworkWeights {
  readonly path: string
  /** Whose names the file has. */
  readonly names: Library
  /** What stands before the names of the backbone's weights. */
  readonly prefix: string
  /** Which network it is, where the file tells it. */
  readonly network: NetworkName | undefined
  /** By official names. What the file has besides keeps its own name. */
  readonly weights: ReadonlyMap<string, Values>
  /** What is known of it besides the weights. */
  readonly known: Known | undefined
  /** Epsilon of its layer normalisations, where it isn't that of the official code. */
  readonly layerNormEps: { readonly value: number; readonly reason: string } | undefined
  /** The arguments in its checkpoint. */
  readonly args: Readonly<Record<string, Plain>> | undefined
  /** What was done to have them as they are here, as sentences. */
  readonly notes: readonly string[]
}

const BACKBONE = 'backbone.'

/** What the official code computes anew where it isn't read: tables and counters. */
const COMPUTED =
  /(?:^|\.)(?:relative_position_index|relative_coords_table|attn_mask|num_batches_tracked|position_ids|bias_mask|inv_freq)$/

const FLOATS: readonly Stored['dtype'][] = ['F32', 'F64', 'F16', 'BF16', undefined]

const SHOWN = 5
/** The names below a prefix, without it. */
const below = (prefix: string, names: Iterable<string>): readonly string[] =>
  [...names].flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))

/** What a network has that none here has, in half a sentence. */
const foreign = (naming: Naming, names: readonly string[]): string | undefined => {
  const unknown = names.filter((name) => naming.rename(name) === undefined && !COMPUTED.test(name))
  const inside = unknown.filter(naming.isInside)
  // Beside the backbone there may be other networks, whose kind doesn't matter.
  const found = kindWith([...inside, ...unknown.filter((name) => !name.includes('.') || /^(?:rope|norm_pre|rel_pos)/.test(name))])
  if (found !== undefined) return `it has ${found.kind} (${found.name}), which no network here computes`
  return inside.length === 0
    ? undefined
    : `its backbone has ${inside.length} weights that no network here has: ${listed(inside, SHOWN)}; without them it would compute something else`
}

/** What can't be said of a file without a backbone's first weight. */
const without = (names: readonly string[]): string => {
  const found = kindWith(names)
  if (found !== undefined) return `it has ${found.kind} (${found.name}), which no network here computes`
  const blocks = names.filter((name) =>
    /(?:^|\.)(?:blocks|layers?)\.\d+\.(?:norm1|attn|attention|layernorm_before|ls1)\./.test(name),
  )
  return blocks.length > 0
    ? `it has no embedding of patches, and may be one of several parts of a network: of its ${names.length} weights the first are ${listed(names, SHOWN)}`
    : `none of its ${names.length} weights has a name of a backbone known here (${names.slice(0, 3).join(', ')}, …)`
}

/** Where the head of the official code, and what DINOv2 trains beside an iBOT head that it shares, stands in a file. */
const headName = (name: string, prefix: string, isShared: boolean): string | undefined => {
  const around = prefix.endsWith(BACKBONE) ? prefix.slice(0, -BACKBONE.length) : prefix
  for (const part of ['head.', ...(isShared ? ['dino_head.'] : [])])
    if (name.startsWith(`${around}${part}`)) return `head.${name.slice(around.length + part.length)}`
  return undefined
}

/** Weight normalisation by newer PyTorch: its length and its direction. */
const normalisedName = (name: string): string =>
  name
    .replace(/\.parametrizations\.weight\.original0$/, '.weight_g')
    .replace(/\.parametrizations\.weight\.original1$/, '.weight_v')

interface Picked {
  readonly place: Place
  /** The number of backbones in the file. */
  readonly among: number
  readonly naming: Naming
  /** The names of all of the network's tensors, in the file. */
  readonly names: readonly string[]
}

const picked = (file: TensorFile, wanted: NetworkName | undefined): E.Either<string, Picked> => {
  const all = [...file.tensors.keys()]
  const places = placesIn(all, file.containers)
  if (places.length === 0) return E.left(without(all))
  return pipe(
    chosen(places, wanted),
    E.chain((place) => {
      const inner = below(place.prefix, all)
      const naming = namingOf(inner)
      const why = foreign(naming, inner)
      if (why !== undefined) return E.left(why)
      const others = places.filter((other) => other.prefix !== place.prefix && !place.prefix.startsWith(other.prefix))
      const names = all.filter(
        (name) => name.startsWith(place.base) && !others.some(({ prefix }) => name.startsWith(prefix)) && !COMPUTED.test(name),
      )
      return E.right({ place, among: places.length, naming, names })
    }),
  )
}

/** Official names for all that has one; what comes in parts is put together. */
const renamed = (
  { place: { prefix, base }, naming }: Picked,
  tensors: ReadonlyMap<string, Values>,
): E.Either<string, Map<string, Values>> => {
  const names = [...tensors.keys()]
  const isShared = !names.some((name) => /(?:^|\.)ibot_head\./.test(name))
  // The token of MAE's decoder stands for hidden patches there, not here.
  const hasDecoder = names.some((name) => /(?:^|\.)decoder_/.test(name.slice(base.length)))
  const whole = new Map<string, Values>()
  const pieces = new Map<string, (Values | undefined)[]>()
  for (const [name, values] of tensors) {
    const official = name.startsWith(prefix) ? naming.rename(name.slice(prefix.length)) : undefined
    const isOwn =
      official !== undefined && !(official.name === 'masked_embed' && hasDecoder && name.endsWith(`${prefix}mask_token`))
    if (!isOwn) whole.set(normalisedName(headName(name, prefix, isShared) ?? name.slice(base.length)), values)
    else if (official.parts === 1) {
      if (whole.has(`${BACKBONE}${official.name}`)) return E.left(`two of its tensors are ${official.name}`)
      whole.set(`${BACKBONE}${official.name}`, values)
    } else {
      const own = pieces.get(official.name) ?? Array.from({ length: official.parts }, () => undefined)
      own[official.part] = values
      pieces.set(official.name, own)
    }
  }
  for (const [name, parts] of pieces) {
    const found = parts.filter((part) => part !== undefined)
    if (found.length < parts.length)
      return E.left(`it has only ${found.length} of the ${parts.length} parts of ${name}: queries, keys and values`)
    whole.set(`${BACKBONE}${name}`, stacked(found))
  }
  return E.right(whole)
}

/** How many patches the images have that it was made for, where their size is known. */
const patchesOf = (weights: ReadonlyMap<string, Values>, known: Known | undefined): number | undefined => {
  const patch = weights.get(`${BACKBONE}patch_embed.proj.weight`)?.shape[2]
  return known?.imageSize === undefined || patch === undefined ? undefined : Math.floor(known.imageSize / patch) ** 2
}

/** What contradicts the file in what is said of it, in half a sentence. */
const contradiction = ({ weights, known }: Pick<NetworkWeights, 'weights' | 'known'>): string | undefined => {
  if (known === undefined) return undefined
  if (known.unsupported !== undefined) return `${known.source} says that it has ${known.unsupported}`
  const [width, , patch] = weights.get(`${BACKBONE}patch_embed.proj.weight`)?.shape ?? []
  const blocks = new Set([...weights.keys()].flatMap((name) => /^backbone\.blocks\.(\d+)\./.exec(name)?.[1] ?? [])).size
  const pairs: readonly (readonly [what: string, said: number | undefined, found: number | undefined])[] = [
    ['width', known.width, width],
    ['depth', known.depth, blocks === 0 ? undefined : blocks],
    ['patch size', known.patch, patch],
  ]
  const wrong = pairs.find(([, said, found]) => said !== undefined && found !== undefined && said !== found)
  return wrong === undefined
    ? undefined
    : `${known.source} is another network's: it says that the ${wrong[0]} is ${wrong[1]}, and the weights have ${wrong[2]}`
}

const epsOf = (known: Known | undefined, naming: Naming): NetworkWeights['layerNormEps'] => {
  if (known?.layerNormEps !== undefined) return { value: known.layerNormEps, reason: `as ${known.source} says` }
  return naming.layerNormEps === undefined
    ? undefined
    : { value: naming.layerNormEps, reason: `the usual one of such a network with ${naming.library} names` }
}

const networkIn = (path: string, file: TensorFile, wanted: NetworkName | undefined): TE.TaskEither<Failure, NetworkWeights> => {
  const refused = (why: string): Failure => unusable(path, why)
  return pipe(
    TE.fromEither(picked(file, wanted)),
    TE.mapLeft(refused),
    TE.bindTo('picked'),
    TE.bind('tensors', ({ picked: { names, naming, place } }) =>
      pipe(
        names,
        TE.traverseSeqArray((name) => {
          const { dtype, read } = file.tensors.get(name)!
          if (FLOATS.includes(dtype))
            return TE.map((entry: Parameters<typeof valuesOf>[0]) => [[name, valuesOf(entry)] as const])(read)
          const isOwn = name.startsWith(place.prefix) && naming.rename(name.slice(place.prefix.length)) !== undefined
          return isOwn ? TE.left(refused(`its ${name} is of the type ${dtype}: quantised weights aren't read`)) : TE.right([])
        }),
        TE.map((read) => new Map(read.flat())),
      ),
    ),
    TE.bind('known', () => TE.fromTask(() => knownOf(path, file.metadata))),
    TE.bind('weights', ({ picked, tensors, known }) =>
      pipe(
        renamed(picked, tensors),
        E.chain((weights) =>
          picked.naming.kind === 'vit' ? prefixTokens(weights, patchesOf(weights, known)) : E.right({ weights, notes: [] }),
        ),
        E.mapLeft(refused),
        TE.fromEither,
      ),
    ),
    TE.map(
      ({ picked: { naming, place, among }, weights: { weights, notes }, known }): NetworkWeights => ({
        path,
        names: naming.library,
        prefix: place.prefix,
        network: place.network,
        weights,
        known,
        layerNormEps: epsOf(known, naming),
        args: file.args,
        notes: [
          ...(wanted === undefined && place.network === 'student' ? ['it has no teacher: this is its student'] : []),
          ...(among > 1 && !/teacher|student/.test(place.prefix)
            ? [`of its ${among} networks this is '${place.prefix.slice(0, -1)}'`]
            : []),
          ...notes,
        ],
      }),
    ),
    TE.chainEitherK((network) => {
      const why = contradiction(network)
      return why === undefined ? E.right(network) : E.left(refused(why))
    }),
  )
}

/** Reads the weights of a network; of the one that is asked for, or else the teacher's, where a file has both. */
export const readNetwork = (path: string, network?: NetworkName): TE.TaskEither<Failure, NetworkWeights> =>
  withTensors(path, (file) => networkIn(path, file, network))
