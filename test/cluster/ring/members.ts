/** Members of a ring within one process. */
import * as E from 'fp-ts/Either'
import type { Failure } from '../../../src/base/failure'
import type { Reduction } from '../../../src/base/reduction'
import { openRing, type Ring, type RingOptions } from '../../../src/cluster/ring/ring'

/** Gives everyone's texts once all have given theirs. */
export const exchanges = (size: number): ((rank: number) => (mine: string) => Promise<readonly string[]>) => {
  const texts: string[] = []
  let [count, all]: [number, (texts: readonly string[]) => void] = [0, () => undefined]
  const done = new Promise<readonly string[]>((resolve) => {
    all = resolve
  })
  return (rank) => (mine) => {
    texts[rank] = mine
    if (++count === size) all(texts)
    return done
  }
}

export const SECRET = new TextEncoder().encode('known to all')

/** Opens all members of a ring; `change` says what a member does otherwise. */
export const opening = (
  size: number,
  change: (rank: number) => Partial<RingOptions> = () => ({}),
): Promise<readonly E.Either<Failure, Ring>[]> => {
  const exchange = exchanges(size)
  return Promise.all(
    Array.from({ length: size }, (_, rank) =>
      openRing({
        ...{ rank, size, secret: SECRET, host: '127.0.0.1', exchange: exchange(rank), timeoutSeconds: 20 },
        ...change(rank),
      })(),
    ),
  )
}

/** Members that are on machines of their own, so that they meet over TCP. */
export const apart = (rank: number): Partial<RingOptions> => ({ machine: `machine ${rank}` })

export const opened = async (size: number, change?: (rank: number) => Partial<RingOptions>): Promise<readonly Ring[]> =>
  (await opening(size, change)).map((ring) => {
    if (E.isLeft(ring)) throw new Error(JSON.stringify(ring.left))
    return ring.right
  })

/** What all members' values come to, by the plan's order: a segment's sum begins with the member of its number. */
export const plainly = (all: readonly Float32Array[], reduction: Reduction): Float32Array => {
  const [size, length] = [all.length, all[0]!.length]
  const values = new Float32Array(length)
  for (let k = 0; k < size; k++) {
    for (let i = Math.floor((k * length) / size); i < Math.floor(((k + 1) * length) / size); i++) {
      let value = all[k]![i]!
      for (let n = 1; n < size; n++) {
        const other = all[(k + n) % size]![i]!
        value = reduction === 'max' ? Math.max(value, other) : Math.fround(value + other)
      }
      values[i] = reduction === 'max' ? value : value / size
    }
  }
  return values
}

/** The bits of values, NaN all alike. */
export const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.map((value) => (Number.isNaN(value) ? Number.NaN : value)).buffer)
