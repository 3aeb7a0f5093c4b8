/** The order of a step's passes over the shares of its batch. */

/** What goes over each share of a round but the last one, where there are several, and what over that. */
export interface RoundOf<Pass> {
  readonly each: Pass | undefined
  readonly last: Pass
}

/** So many rounds over so many shares. */
export const roundsOver = <Pass>(
  rounds: number,
  shares: number,
  passOf: (round: number, last: boolean) => Pass,
): readonly RoundOf<Pass>[] =>
  Array.from({ length: rounds }, (_, i) => ({
    each: shares === 1 ? undefined : passOf(i + 1, false),
    last: passOf(i + 1, true),
  }))

/** Where a pass stands in its step. */
export interface Standing {
  /** Whether its round is the last one, in which features are seen. */
  readonly closing: boolean
  /** Whether it is the last pass of the step, which gives the report. */
  readonly ends: boolean
}

/** What a pass goes over. */
export interface Visit extends Standing {
  /** The number of its share among those of this process. */
  readonly share: number
}

/** Goes over so many shares, round by round; the first one is given, and the others are asked for by their numbers. */
export const overShares = async <Pass, Share>(
  count: number,
  rounds: readonly RoundOf<Pass>[],
  first: Share,
  others: (index: number) => Promise<Share>,
  run: (pass: Pass, share: Share, at: Visit) => Promise<void>,
): Promise<void> => {
  for (const [i, { each, last }] of rounds.entries()) {
    const closing = i === rounds.length - 1
    for (let share = 0; share < count; share++) {
      const isLast = share === count - 1
      const pass = isLast ? last : each!
      await run(pass, share === 0 ? first : await others(share), { share, closing, ends: closing && isLast })
    }
  }
}

/** What passes keep of a step's shares for passes of later rounds, by numbers. */
export interface KeptShares<A> {
  readonly put: (share: number, index: number, one: A) => void
  readonly get: (share: number, index: number) => A
  /** Frees what a pass has taken for the last time. */
  readonly free: (share: number, indices: Iterable<number>) => void
  /** Frees whatever is left. */
  readonly end: () => void
}

export const newKeptShares = <A>(dispose: (one: A) => void): KeptShares<A> => {
  const all = new Map<string, A>()
  const key = (share: number, index: number): string => `${share} ${index}`
  return {
    put: (share, index, one) => all.set(key(share, index), one),
    get: (share, index) => all.get(key(share, index))!,
    free: (share, indices) => {
      for (const index of indices) {
        dispose(all.get(key(share, index))!)
        all.delete(key(share, index))
      }
    },
    end: () => {
      for (const one of all.values()) dispose(one)
      all.clear()
    },
  }
}
