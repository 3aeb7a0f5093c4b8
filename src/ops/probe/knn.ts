import { stage } from '../../dsl/plan'
import { integer, oneOrMore, optional, positive } from '../../dsl/type'
import type { Picture } from '../../image/picture'
import { resize } from '../../image/resize'
import { classify } from '../../metric/knn'
import { unitRows } from '../../metric/neighbours'
import { inOrder } from '../augmentation/kind'
import { probeSlot } from '../slots'
import { feature, probeFields, share, tested } from './fields'
import { type Baseline, FEATURES, type FeatureMatrix, type Features, type Probe, probe, shareOf } from './kind'

/** Pixels along a side of the pictures that the baseline compares. */
const SIDE = 32

const thumbnail = (picture: Picture): Picture =>
  picture.height <= SIDE && picture.width <= SIDE ? picture : resize({ size: [SIDE, SIDE], interpolation: 'bilinear' })(picture)

const pixelRows = (pictures: readonly Picture[]): FeatureMatrix => {
  const small = pictures.map(thumbnail)
  const width = small[0]!.data.length
  const values = new Float32Array(small.length * width)
  for (const [row, { data }] of small.entries()) values.set(data, row * width)
  return { values, width }
}

/** A number for each k, under the metric's name if there is one k, else below it: `accuracy`, or `accuracy.k10` and others. */
const named = <A>(metric: string, k: readonly number[], value: (k: number, i: number) => A): Readonly<Record<string, A>> =>
  Object.fromEntries(k.map((one, i) => [k.length === 1 ? metric : `${metric}.k${one}`, value(one, i)]))

/** Share of the test pictures that their neighbours classify right, for each k. */
const accuracyOf =
  (metric: string, k: readonly number[], temperature: number): Probe<'train' | 'test', never>['measure'] =>
  async ({ train, test }, { nearest }) => {
    const rows = ({ values, width, labels }: Features) => ({ ...unitRows(values, width), labels })
    const options = { neighbours: k, temperature, nearest: nearest(train.width) }
    const scores = await classify(rows(train), rows(test), options)
    const hits = scores.map(({ ranks }) => ranks.map((rank) => (rank === 0 ? 1 : 0)))
    return { count: test.labels.length, of: (rows) => named(metric, k, (_, i) => shareOf(hits[i]!, rows)) }
  }

export const knn = stage(probeSlot)({
  name: 'knn',
  doc: 'Weighted k-nearest-neighbour classification of the frozen features of the teacher (of the student where there is none), before and after training and in between, next to that of the pixels themselves; needs labels.',
  equation: 'votes of the k nearest pictures, each exp(cosine / T)',
  source: 'Wu et al. 2018 (arXiv 1805.01978); eval_knn.py of the reference implementation',
  needs: ['tokens.cls', 'training'],
  gives: [],
  example: { test: { imageFolder: 'data/val' }, every: '10 epochs' },
  fields: {
    test: tested,
    every: probeFields.every,
    bank: optional(
      integer(1, 100_000_000),
      20000,
      'how many pictures of the data set vote; drawn once, all of them if there are fewer',
    ),
    k: optional(
      oneOrMore(integer(1, 100_000)),
      20,
      'neighbours that vote; of several numbers each is measured: the official code takes 10, 20, 100 and 200',
    ),
    temperature: optional(positive, 0.07, 'temperature T of the votes'),
    feature,
    prepare: probeFields.prepare,
  },
  build: ({ test, every, bank, k, temperature, feature: part, prepare }) => {
    const all = [...new Set(k)]
    const metrics = (metric: string, doc: string) => named(metric, all, (one) => share(`${doc}, by ${one} neighbours`))
    const baseline: Baseline<'train' | 'test', never> = {
      metrics: metrics('pixels', 'the same of the pixels themselves; of pictures larger than 32 × 32, at that size'),
      rows: pixelRows,
      measure: accuracyOf('pixels', all, temperature),
    }
    return probe({
      every,
      sets: { train: { count: bank, labels: true }, test: { source: test, labels: true } },
      features: FEATURES[part],
      prepare: prepare && inOrder(prepare),
      metrics: metrics('accuracy', 'share of the test pictures that are classified right'),
      refuse: ({ train: { count } }) => {
        const most = Math.max(...all)
        return most > count
          ? { message: `asks ${most} neighbours, and there are ${count} pictures`, remedy: `Let 'k' be ${count} at most.` }
          : undefined
      },
      measure: accuracyOf('accuracy', all, temperature),
      baseline,
    })
  },
})
