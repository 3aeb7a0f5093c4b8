/** How many attention heads a vision transformer has, which the shapes of its weights don't tell. */
import * as E from 'fp-ts/Either'
import type { Known } from './known'

export interface Heads {
  readonly heads: number
  /** Why so many, in half a sentence. */
  readonly reason: string
  readonly isGuess: boolean
}

export interface HeadsKnown {
  /** Said by the user. */
  readonly stated?: readonly number[] | undefined
  readonly known?: Known | undefined
  /** The official name of the network: `vit_small`. */
  readonly arch?: string | undefined
  /** What stands before the names of its weights. */
  readonly prefix?: string | undefined
}

/** Features of a head in nearly every published vision transformer: ViT-Ti, S, B, L, DINOv2's g. */
const FEATURES = 64

/** Published networks whose heads have another number of features. */
const OTHERS: readonly (readonly [name: string, width: number, depth: number, heads: number])[] = [
  ["timm's first ViT-S", 768, 8, 8],
  ['SO400M', 1152, 27, 16],
  ['ViT-H', 1280, 32, 16],
  ['ViT-g', 1408, 40, 16],
  ['ViT-G', 1664, 48, 16],
]

/** MoCo v3's ViT-S has twice as many heads as others' (arXiv 2104.02057, §4); only its names tell it. */
const isMoco = (prefix = ''): boolean => /(?:^|\.)(?:base|momentum)_encoder\.$/.test(prefix)
const MOCO_SMALL = { width: 384, heads: 12 }

/** Heads of the official sizes, for a network that goes by the name of one and has another width. */
const ARCHS: Readonly<Record<string, number>> = { tiny: 3, small: 6, base: 12, large: 16 }

/** The divisor of `width` next to `wanted`, the smaller of two. */
export const divisorNear = (width: number, wanted: number): number => {
  const divisors = Array.from({ length: width }, (_, i) => i + 1).filter((count) => width % count === 0)
  return divisors.reduce((best, count) => (Math.abs(count - wanted) < Math.abs(best - wanted) ? count : best), 1)
}

/** Without being told: the number that published networks of this size have, or a guess. */
const assumed = (width: number, depth: number, { arch = '', prefix }: HeadsKnown): Heads => {
  const size = /^(?:vit|deit)_([a-z]+)/.exec(arch)?.[1]
  const inArch = ARCHS[size ?? '']
  if (isMoco(prefix) && width === MOCO_SMALL.width)
    return { heads: MOCO_SMALL.heads, reason: "as MoCo v3's ViT-S", isGuess: false }
  if (inArch !== undefined && width === inArch * FEATURES) return { heads: inArch, reason: `as ${arch} has`, isGuess: false }
  const other = OTHERS.find((one) => one[1] === width && one[2] === depth)
  if (other !== undefined) return { heads: other[3], reason: `as ${other[0]} of this size has`, isGuess: true }
  if (width % FEATURES === 0)
    return {
      heads: width / FEATURES,
      reason: `${FEATURES} features for each, as nearly all published networks have`,
      isGuess: true,
    }
  if (inArch !== undefined && width % inArch === 0)
    return { heads: inArch, reason: `as ${arch}, whose width is ${inArch * FEATURES} and not ${width}`, isGuess: true }
  return inArch === undefined
    ? { heads: divisorNear(width, width / FEATURES), reason: `about ${FEATURES} features for each`, isGuess: true }
    : {
        heads: divisorNear(width, inArch),
        reason: `next to the ${inArch} of ${arch}, which don't divide the width ${width}`,
        isGuess: true,
      }
}

const isIn = (heads: number, width: number): boolean => Number.isInteger(heads) && heads >= 1 && width % heads === 0

/** The heads of a network of this width and depth; or in half a sentence what contradicts what. */
export const headsOf = (width: number, depth: number, from: HeadsKnown): E.Either<string, Heads> => {
  const { stated, known } = from
  if (stated !== undefined && stated.length !== 1)
    return E.left(`--heads ${stated.join(',')} names ${stated.length} numbers, and a vision transformer has one`)
  const [count] = stated ?? []
  if (count !== undefined && !isIn(count, width)) return E.left(`its width is ${width}, which --heads ${count} doesn't divide`)
  const told = typeof known?.heads === 'number' ? known.heads : undefined
  if (told !== undefined) {
    if (count !== undefined && count !== told)
      return E.left(`it has ${told} heads, as ${known!.source} says, and not --heads ${count}`)
    return isIn(told, width)
      ? E.right({ heads: told, reason: `as ${known!.source} says`, isGuess: false })
      : E.left(
          `${known!.source} says that it has ${told} heads, which don't divide its width ${width}: it belongs to another network`,
        )
  }
  return E.right(count === undefined ? assumed(width, depth, from) : { heads: count, reason: 'as --heads says', isGuess: false })
}
