/** Monitors that the loop adds to those of a step: the rank of the features, and how long the step waited for its batch. */
import { rankMe } from '../metric/rankMe'
import type { Design } from '../program/design'

/** The names of the monitors that are measured outside of a step. */
export const loopMonitors = ({ masking }: Pick<Design, 'masking'>): readonly string[] => [
  'input.std',
  'input.spread',
  ...(masking === undefined ? [] : ['input.masked']),
  'featureRank',
  'dataWait',
]

/** So many steps lie between two looks at the rank: it moves slowly, and the singular values take some milliseconds. */
const EVERY = 50
/** So many of the newest features are looked at; fewer say less, as no rank is larger than their number. */
const ROWS = 128

export interface Ranks {
  /** Takes in the features [rows, width] of a step that is done; gives `featureRank` if it is measured there. */
  readonly after: (done: number, features: Float32Array) => Readonly<Record<string, number>>
}

/** Follows the rank of features of this width, over as many steps as give enough of them. */
export const featureRanks = (width: number): Ranks => {
  let kept: readonly Float32Array[] = []
  return {
    after: (done, features) => {
      const steps = Math.ceil((ROWS * width) / features.length)
      kept = [...kept, features].slice(-steps)
      // At first, and after a run went on, there aren't enough yet.
      if (done % EVERY !== 0 || kept.length < steps) return {}
      const all = new Float32Array(kept.length * features.length)
      for (const [i, one] of kept.entries()) all.set(one, i * features.length)
      return { featureRank: rankMe(all.subarray(-ROWS * width), width) }
    },
  }
}

/** The monitors among what a step reports, without those that had nothing to measure. */
export const monitorsOf = (
  metrics: Readonly<Record<string, number>>,
  terms: readonly string[],
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(metrics).filter(([name, value]) => name !== 'loss' && !terms.includes(name) && Number.isFinite(value)),
  )
