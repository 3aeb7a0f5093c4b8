/** Checks: how far what was computed is from what the reference says, as a share of what is allowed. */
import type * as tf from '@tensorflow/tfjs-core'
import type { Fixture, Tolerance } from './fixture'

export interface Check {
  readonly tensor: string
  /** Largest error as a share of its tolerance: passed up to 1. */
  readonly share: number
  /** What is wrong, where that is no number. */
  readonly note?: string | undefined
  /** False where the project has nothing yet that could be compared. */
  readonly built?: false
}

export const notBuilt = (tensor: string): Check => ({ tensor, share: 0, built: false })
export const passed = ({ share }: Check): boolean => share <= 1

interface Values {
  readonly values: ArrayLike<number>
  readonly shape?: readonly number[] | undefined
}

/** One error as a share of its tolerance; 0 is allowed where nothing else is. */
const shareOf = (got: number, want: number, { atol, rtol }: Tolerance): number => {
  if (Object.is(got, want) || got === want) return 0
  const share = Math.abs(got - want) / (atol + rtol * Math.abs(want))
  return Number.isNaN(share) ? Number.POSITIVE_INFINITY : share
}

export const wrong = (tensor: string, note: string): Check => ({ tensor, share: Number.POSITIVE_INFINITY, note })
/** Something that holds or doesn't. */
export const holds = (tensor: string, truth: boolean, note: string): Check => (truth ? { tensor, share: 0 } : wrong(tensor, note))

/** A text or a list that must be the same. */
export const same = (tensor: string, got: readonly unknown[], want: readonly unknown[]): Check => {
  const at = got.findIndex((item, i) => JSON.stringify(item) !== JSON.stringify(want[i]))
  const first = at < 0 ? got.length : at
  return holds(
    tensor,
    got.length === want.length && at < 0,
    `item ${first} is ${JSON.stringify(got[first]) ?? 'missing'}, not ${JSON.stringify(want[first]) ?? 'there at all'}`,
  )
}

/** Numbers against numbers. */
export const near = (tensor: string, got: ArrayLike<number>, want: ArrayLike<number>, tolerance: Tolerance): Check => {
  if (got.length !== want.length) return wrong(tensor, `${got.length} numbers, not ${want.length}`)
  let share = 0
  for (let i = 0; i < want.length; i++) share = Math.max(share, shareOf(got[i]!, want[i]!, tolerance))
  return { tensor, share }
}

/** What was computed against the fixture's array of this name, which has another one where `as` says so. */
export const matches = (fixture: Fixture, tensor: string, got: Values): Check => {
  const want = fixture.floats(tensor)
  const shape = fixture.shape(tensor)
  // A scalar has no axes here, and one in the reference files.
  const plain = (sizes: readonly number[]) => (sizes.length === 0 ? '1' : sizes.join(' × '))
  if (got.shape !== undefined && plain(got.shape) !== plain(shape))
    return wrong(tensor, `has the shape ${plain(got.shape)}, not ${plain(shape)}`)
  const excluded = fixture.excluded(tensor)
  const counts = (_: number, i: number) => !excluded.some(([from, to]) => i >= from && i < to)
  return excluded.length === 0
    ? near(tensor, got.values, want, fixture.tolerance(tensor))
    : near(tensor, Array.from(got.values).filter(counts), want.filter(counts), fixture.tolerance(tensor))
}

/**
 * What a tensor comes to, against the fixture's array of this name. Those that are asked for before anything is waited for are computed
 * together: a graph that is run, or even compiled, for each of them would take minutes.
 */
export const gives = async (fixture: Fixture, name: string, tensor: tf.Tensor): Promise<Check> => {
  const { shape } = tensor
  return matches(fixture, name, { values: await tensor.data(), shape })
}
