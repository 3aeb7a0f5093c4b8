/** The shares of hidden patches that arguments of the official code mean, as its loader reads them (`ImageFolderMask`). */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'

export interface RatioArgs {
  /** One ratio or several, of which one is picked for every view. */
  readonly pred_ratio: number | readonly number[]
  /** How far ratios vary to either side: one number for all of them, or one each; those that have none are never picked. */
  readonly pred_ratio_var: number | readonly number[]
}

/** The ranges of ratios, of which one is picked for every view, all with equal chance. */
export type Ratios = readonly (readonly [low: number, high: number])[]

/** A list of one is that one. */
const plain = (given: number | readonly number[]): number | readonly number[] =>
  typeof given !== 'number' && given.length === 1 ? given[0]! : given

/** Without the last digits, which 0.3 - 0.2 leaves. */
const tidy = (value: number): number => Number(value.toPrecision(12))

/** What the arguments mean; on the left what the official loader fails at. */
export const ratiosOf = ({ pred_ratio, pred_ratio_var }: RatioArgs): E.Either<string, Ratios> => {
  const [ratio, variance] = [plain(pred_ratio), plain(pred_ratio_var)]
  if (typeof ratio === 'number' && typeof variance !== 'number')
    return E.left(`pred_ratio_var has ${variance.length} numbers for one pred_ratio: the official code fails at it`)
  const ratios = typeof ratio === 'number' ? [ratio] : ratio
  const pairs = ratios.flatMap((one, i) => {
    const by = typeof variance === 'number' ? variance : variance[i]
    return by === undefined ? [] : [[one, by] as const]
  })
  const tooFar = pairs.find(([one, by]) => one < by)
  if (tooFar !== undefined)
    return E.left(`pred_ratio ${tooFar[0]} varies by ${tooFar[1]} (pred_ratio_var), to below 0: the official code fails at it`)
  return pipe(
    pairs,
    E.fromPredicate(
      (some) => some.length > 0,
      () => 'pred_ratio or pred_ratio_var is empty',
    ),
    E.map((some) => some.map(([one, by]) => (by > 0 ? ([tidy(one - by), tidy(one + by)] as const) : ([one, one] as const)))),
  )
}
