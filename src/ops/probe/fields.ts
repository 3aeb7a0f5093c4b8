/** What probes have in common: fields, and numbers of pictures that are classified. */
import { choice, integer, maybe, optional, required } from '../../dsl/type'
import { augmentations } from '../augmentation/kind'
import { period } from '../schedule/kind'
import { anySource } from '../source/kind'
import { type Numbers, type ProbeMetric, type ProbeSet, type Refusal, type SetFacts, shareOf } from './kind'

/** Of every probe. */
export const probeFields = {
  every: maybe(period, 'how long between two probes; by default only before and after'),
  prepare: maybe(
    augmentations,
    'what is done to each picture first, to pictures of one size; by default its shorter side is resized to 8/7 of the global views and the middle cut out, unless it has their size already',
  ),
} as const

/** Of a probe that takes the last block's features. */
export const feature = optional(
  choice('cls', 'mean', 'both'),
  'cls',
  'the [CLS] token, the mean of the patch tokens, or one after the other',
)

export const tested = required(anySource, 'the pictures that are classified, with labels')

/** Of a probe that learns from pictures of the data set. */
export const learnt = maybe(
  integer(1, 1_000_000_000),
  'how many pictures of the data set are learnt from; drawn once; by default all, and all if there are fewer',
)
export const learntSet = (count: number | undefined): ProbeSet => ({ ...(count === undefined ? {} : { count }), labels: true })

/** Why classes can't be told apart. */
export const refuseOneClass = ({ classes }: SetFacts): Refusal | undefined =>
  classes.length < 2
    ? {
        message: `tells classes apart, and there is only '${classes[0]}'`,
        remedy: 'Use pictures of two classes or more, or leave it out of the pipeline.',
      }
    : undefined

/** A share of the test pictures. */
export const share = (doc: string): ProbeMetric => ({ doc, format: 'percent', better: 'higher' })

/** A setting that was found to be the best: no better where it is higher, nor where it is lower. */
export const setting = (doc: string): ProbeMetric => ({ doc, format: 'number', better: null })

/** Fewer classes have no five likeliest ones. */
const FIVE = 5

/** `accuracy` and `top5` of some test pictures, by how many classes come before the right one of each. */
export const accuracies = (ranks: ArrayLike<number>, classes: number): ((rows: Uint32Array) => Numbers) => {
  const [first, five] = [1, FIVE].map((places) => Uint8Array.from(ranks, (rank) => (rank < places ? 1 : 0)))
  return (rows) => ({ accuracy: shareOf(first!, rows), top5: classes < FIVE ? Number.NaN : shareOf(five!, rows) })
}
