/** Shares of a whole, and how `subset` on a source is written. */
import { type Json, leaf, type Type } from '../../dsl/type'

/** '1%' */
export type Share = `${number}%`

const SHARE = /^(100|\d{1,2}(?:\.\d+)?)\s*%$/

const readShare = (u: unknown): Share | undefined => {
  const value = typeof u === 'string' ? Number(SHARE.exec(u)?.[1] ?? 0) : 0
  return value > 0 ? `${value}%` : undefined
}
const schema = { type: 'string', pattern: `^(?=.*[1-9])(?:${SHARE.source})` } as const

/** A share above 0 and up to all, which means a number in (0, 1]. */
export const share = leaf<Share, number>({
  name: 'share',
  expected: "a share above 0: '1%'",
  schema,
  read: readShare,
  mean: (written) => Number.parseFloat(written) / 100,
}) as Type<Share, Share, number>

/** What a subset is, without what it is of. */
type Chosen = ({ readonly share: Share } | { readonly list: string }) & { readonly seed: number }
export type WrittenSubset = Share | (string & {}) | { readonly share: Share; readonly seed?: number } | { readonly list: string }

const isSeed = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) >= 0

const readChosen = (u: unknown): Chosen | undefined => {
  if (typeof u === 'string') {
    const part = readShare(u)
    if (part !== undefined) return { share: part, seed: 0 }
    // What looks like a share is none of the names that a list has.
    return u === '' || /^[\d.\s-]*%$/.test(u) ? undefined : { list: u, seed: 0 }
  }
  if (typeof u !== 'object' || u === null) return undefined
  const { share: written, list, seed = 0, ...rest } = u as Readonly<Record<string, unknown>>
  if (Object.keys(rest).length > 0) return undefined
  if (list !== undefined)
    return typeof list === 'string' && list !== '' && written === undefined && !('seed' in u) ? { list, seed: 0 } : undefined
  const part = readShare(written)
  return part !== undefined && isSeed(seed) ? { share: part, seed } : undefined
}

/** A share, a list's path, or the parameters of `subset` but its source. */
export const chosen = leaf<Chosen & Json>({
  name: 'subset',
  expected: "a share ('1%'), the path of a list of names, { share, seed } or { list }",
  schema: {
    anyOf: [
      { type: 'string', minLength: 1 },
      {
        type: 'object',
        additionalProperties: false,
        required: ['share'],
        properties: { share: schema, seed: { type: 'integer', minimum: 0 } },
      },
      { type: 'object', additionalProperties: false, required: ['list'], properties: { list: { type: 'string', minLength: 1 } } },
    ],
  },
  read: (u) => readChosen(u) as (Chosen & Json) | undefined,
}) as unknown as Type<WrittenSubset, Chosen, Chosen>
