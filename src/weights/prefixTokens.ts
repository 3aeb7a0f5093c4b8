/**
 * The tokens before the patches as a network here has them: [CLS] with a position, registers without. Others give registers
 * positions too (timm), or [CLS] none (DeiT III, FlexiViT), or have DeiT's token of the teacher, which is a register with a
 * position. Each computes the same as a network here with other numbers: a position that is added to a token at every step
 * may as well be a part of it.
 */

import * as E from 'fp-ts/Either'
import { concatenated } from '../base/floats'
import { DIST_TOKEN, REG_TOKEN } from './tables'
import type { Values } from './values'

type Weights = ReadonlyMap<string, Values>

export interface PrefixTokens {
  readonly weights: Weights
  /** What was done, as sentences. */
  readonly notes: readonly string[]
}

const [CLS, POSITIONS, REGISTERS] = ['backbone.cls_token', 'backbone.pos_embed', 'backbone.register_tokens']

const isSquare = (count: number): boolean => count > 0 && Number.isInteger(Math.sqrt(count))

const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + b[i]!)

/** Tensors [1, n, width] after each other. */
const joined = (parts: readonly Float32Array[], width: number): Values => {
  const data = concatenated(parts)
  return { shape: [1, data.length / width, width], data }
}

/** The weights of a vision transformer, its extra tokens and their positions made registers; with the number of patches, if it is known. */
export const prefixTokens = (weights: Weights, patches?: number): E.Either<string, PrefixTokens> => {
  const cls = weights.get(CLS!)
  const table = weights.get(POSITIONS!)
  if (cls === undefined) return E.left('it has no [CLS] token (cls_token)')
  if (table === undefined) return E.left('it has no table of positions (pos_embed)')
  const width = cls.data.length
  const tokens = table.data.length / width
  const dist = weights.get(`backbone.${DIST_TOKEN}`)
  const timm = weights.get(`backbone.${REG_TOKEN}`)
  const extras = [dist, timm].filter((one) => one !== undefined)
  const extra = extras.reduce((count, { data }) => count + data.length / width, 0)
  // As many of the first positions belong to tokens: none (timm's no_embed_class), [CLS]'s, or those of all.
  const counts = [...(dist === undefined ? [] : [1 + extra]), ...(timm === undefined ? [1] : [0, 1 + extra]), 0]
  const placed = counts.find((count) => tokens - count === patches) ?? counts.find((count) => isSquare(tokens - count))
  if (placed === undefined || !Number.isInteger(tokens))
    return E.left(`its position table of ${tokens} tokens is not that of a square and ${1 + extra} tokens before it`)
  const position = (token: number): Float32Array =>
    token < placed ? table.data.subarray(token * width, (token + 1) * width) : new Float32Array(width)
  const own = extras.flatMap(({ data }) =>
    Array.from({ length: data.length / width }, (_, i) => data.subarray(i * width, (i + 1) * width)),
  )
  const registers = own.map((token, i) => sum(token, position(1 + i)))
  const all = new Map(weights)
  all.delete(`backbone.${DIST_TOKEN}`)
  all.delete(`backbone.${REG_TOKEN}`)
  if (registers.length > 0) all.set(REGISTERS!, joined(registers, width))
  if (placed !== 1) all.set(POSITIONS!, joined([position(0), table.data.subarray(placed * width)], width))
  return E.right({
    weights: all,
    notes: [
      ...(dist === undefined ? [] : ['its distillation token is a register here']),
      ...(timm !== undefined && placed > 1 ? ['the positions of its registers are added to them'] : []),
      ...(placed === 0 ? ['its [CLS] token has no position: here one of zeros'] : []),
    ],
  })
}
