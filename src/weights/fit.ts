/** Weights from elsewhere, put into the places of a network: which fit, which are lacking, which are left over. */
import { listed } from '../base/listed'
import { elements } from '../base/shape'
import type { WeightSpecs } from '../nn/layer'
import { resizedPositions } from '../nn/position'
import type { Values } from './values'

export interface Fit {
  /** By the network's names. */
  readonly weights: Readonly<Record<string, Float32Array>>
  /** The network's weights that are in the file under no name. */
  readonly missing: readonly string[]
  /** What the file has that the network doesn't. */
  readonly unexpected: readonly string[]
  /** Position tables that were resized, as sentences. */
  readonly resized: readonly string[]
  /** What has another shape and starts anew for it, as sentences. */
  readonly anew: readonly string[]
  /** What else has another shape, as sentences. */
  readonly unfit: readonly string[]
}

/** A module that the official code uses twice stands twice in its state dict, and here once, under its first name. */
const FIRST_NAMES: readonly (readonly [again: RegExp, first: string])[] = [
  [/^head\.last_layer2\./, 'head.last_layer.'],
  [/^head\.mlp\.\d+\./, 'head.mlp.1.'],
]

const isTable = (name: string, { shape }: Values): boolean => name.endsWith('pos_embed') && shape.length === 3 && shape[0] === 1

const side = (tokens: number): number => Math.sqrt(tokens - 1)

const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/** Shapes that hold the same numbers in the same order: they differ by axes of length 1. */
const alike = (a: readonly number[], b: readonly number[]): boolean => {
  const long = (shape: readonly number[]) => shape.filter((size) => size !== 1).join()
  return elements(a) === elements(b) && long(a) === long(b)
}

/** What a pipeline may add to a backbone that was trained without it: it starts as it would without the file. */
const ADDITIONS = /^backbone\.(?:masked_embed|register_tokens|blocks\.\d+\.gamma_[12]|.*\.qkv\.bias)$/
/** What a backbone was trained with and a pipeline may leave out: the mask embedding, which no other token sees. */
const SPARE = /^backbone\.masked_embed$/
/** The last norm, of all tokens or of their mean (`pooling`): the one is left out and the other starts anew. */
const LAST_NORM = /^backbone\.(?:fc_)?norm\.(?:weight|bias)$/

const isBackbone = (name: string): boolean => name.startsWith('backbone.')

const SHOWN = 5

/**
 * Why the weights are no weights for this backbone, in half a sentence: a network that was trained isn't one some of whose
 * layers start at random, or are left out. Undefined where nothing but a head, or an addition to the network, is lacking.
 */
export const mismatch = ({ missing, unexpected, weights }: Fit): string | undefined => {
  const isOther = [missing, unexpected].every((names) => names.some((name) => LAST_NORM.test(name)))
  const matters = (names: readonly string[], but: RegExp): readonly string[] =>
    names.filter((name) => isBackbone(name) && !but.test(name) && !(isOther && LAST_NORM.test(name)))
  const lacking = matters(missing, ADDITIONS)
  const left = matters(unexpected, SPARE)
  const had = matters(Object.keys(weights), SPARE).length
  if (lacking.length > 0) {
    const others = unexpected.filter((name) => !isBackbone(name) || left.includes(name))
    return `it has ${had} of the ${had + matters(missing, SPARE).length} weights of the backbone, and lacks ${listed(lacking, SHOWN)}${
      others.length === 0 ? '' : `; it also has ${listed(others, SHOWN)}`
    }`
  }
  return left.length === 0
    ? undefined
    : `its backbone has ${left.length} weights that this network has no place for: ${listed(left, SHOWN)}`
}

/** Fits weights by their names; some may start anew where the file has them in another shape. Position tables of another number of patches are resized as the official code does for other images. */
export const fitWeights = (
  specs: WeightSpecs,
  weights: ReadonlyMap<string, Values>,
  mayStartAnew: (name: string) => boolean = () => false,
): Fit => {
  const fitted: Record<string, Float32Array> = {}
  const [missing, resized, anew, unfit]: [string[], string[], string[], string[]] = [[], [], [], []]
  for (const [name, { shape }] of Object.entries(specs)) {
    const values = weights.get(name)
    if (values === undefined) missing.push(name)
    else if (alike(values.shape, shape)) fitted[name] = values.data
    else if (
      isTable(name, values) &&
      values.shape[2] === shape[2] &&
      [values.shape[1]!, shape[1]!].map(side).every(Number.isInteger)
    ) {
      fitted[name] = resizedPositions(values.data, side(values.shape[1]!), side(shape[1]!), shape[2]!)
      resized.push(`${name} from ${text(values.shape)} to ${text(shape)}`)
    } else (mayStartAnew(name) ? anew : unfit).push(`${name} is ${text(values.shape)}, not ${text(shape)}`)
  }
  const isKnown = (name: string): boolean =>
    specs[name] !== undefined ||
    FIRST_NAMES.some(([again, first]) => again.test(name) && specs[name.replace(again, first)] !== undefined)
  return { weights: fitted, missing, resized, anew, unfit, unexpected: [...weights.keys()].filter((name) => !isKnown(name)) }
}
