import { stage } from '../../dsl/plan'
import { choice, integer, maybe, oneOrMore, optional, positive } from '../../dsl/type'
import { augmentations, inOrder } from '../augmentation/kind'
import { probeSlot } from '../slots'
import { accuracies, learnt, learntSet, probeFields, refuseOneClass, setting, share, tested } from './fields'
import { type Features, type Numbers, type ProbeTools, probe, type Sampled } from './kind'
import { type Best, choiceOf, groupsOf, POOLS, trainSweep } from './linearSweep'

/** Each power of ten once, twice and five times. */
const RATES = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1]

const METRICS = {
  accuracy: share('share of the test pictures that the best classifier of the sweep tells right'),
  top5: share('share whose class is among its five likeliest; of five classes or more'),
  lr: setting('its learning rate, for 256 pictures a step'),
} as const

/** Where classifiers see different features: which of them the best one sees. */
const SEEN = {
  blocks: setting('of how many of the last blocks it sees [CLS]'),
  avgpool: setting('0: it sees [CLS], 1: the mean of the patch tokens, 2: both'),
} as const

/** What there is nothing to tell of. */
const NONE = Number.NaN

/** What was found, as numbers of any of the test pictures. */
const found = (best: Best | undefined, classes: number, differ: boolean): Numbers | Sampled => {
  const seen = best === undefined || best.pool === 'mean' ? NONE : best.blocks
  const settings = {
    lr: best?.lr ?? NONE,
    ...(differ ? { blocks: seen, avgpool: best === undefined ? NONE : POOLS.indexOf(best.pool) } : {}),
  }
  if (best === undefined) return { accuracy: NONE, top5: NONE, ...settings }
  const of = accuracies(best.ranks, classes)
  return { count: best.ranks.length, of: (rows) => ({ ...of(rows), ...settings }) }
}

type Tools = Pick<ProbeTools, 'prepare' | 'seed'>

export const linearProbe = stage(probeSlot)({
  name: 'linearProbe',
  doc: 'Linear classification of the frozen features of the teacher (of the student where there is none): a sweep of classifiers, each with its learning rate, blocks and pool, is trained together by SGD on the cross-entropy; the best of them on the test pictures, at the end of any epoch, counts, as in the reference implementation. Needs labels.',
  equation:
    'θ ← θ - lr · batch/256 · (1 + cos(π · epoch/epochs))/2 · μ, momentum 0.9, no weight decay; weights begin ~ N(0, 0.01²), biases at 0',
  source: 'eval_linear.py and eval_linear_multi.py of the reference implementation, whose 45 learning rates go from 1e-4 to 9',
  needs: ['tokens.cls', 'training'],
  gives: [],
  example: { test: { imageFolder: 'data/val' }, blocks: [1, 4], pool: ['cls', 'both'] },
  fields: {
    test: tested,
    every: probeFields.every,
    train: learnt,
    epochs: optional(integer(1, 100_000), 100, 'passes over them'),
    batch: optional(integer(1, 1_000_000), 128, 'pictures a step; the last step of an epoch has those that are left'),
    lr: optional(
      oneOrMore(positive),
      RATES,
      'learning rates, each that of a classifier: of the first epoch, for 256 pictures a step',
    ),
    blocks: optional(
      oneOrMore(integer(1, 1000)),
      [1],
      'from how many of the last blocks [CLS] tokens are taken, for each number a classifier; the paper takes 4 with ViT-S, 1 with larger ones',
    ),
    pool: optional(
      oneOrMore(choice(...POOLS)),
      ['cls'],
      'the [CLS] tokens, the mean of the last patch tokens, or one after the other, for each a classifier; the paper takes cls with ViT-S, both with larger ones',
    ),
    testEvery: optional(integer(1, 100_000), 1, 'epochs between two looks at the test pictures; there is one at the end'),
    augment: maybe(
      augmentations,
      'what is drawn anew for each picture in each epoch, to the size of the other pictures: randomResizedCrop and horizontalFlip in the reference implementation. Every epoch costs a pass of the pictures through the network then; without it there is one for all epochs',
    ),
    prepare: probeFields.prepare,
  },
  build: ({ test, every, train, epochs, batch, lr, blocks, pool, testEvery, augment, prepare }) => {
    const groups = groupsOf(blocks, pool, lr)
    const differ = groups.length > 1
    const score = async (rowsOf: (epoch: number) => Promise<Features>, pictures: Features, tools: Tools) =>
      found(await trainSweep({ groups, epochs, batch, testEvery }, rowsOf, pictures, tools), pictures.classes.length, differ)
    const common = {
      every,
      features: choiceOf(groups),
      prepare: prepare && inOrder(prepare),
      metrics: { ...METRICS, ...(differ ? SEEN : {}) },
    }
    return augment === undefined
      ? probe({
          ...common,
          sets: { train: learntSet(train), test: { source: test, labels: true } },
          refuse: ({ test: facts }) => refuseOneClass(facts),
          measure: async (sets, tools) => score(async () => sets.train, sets.test, tools),
        })
      : probe({
          ...common,
          sets: { test: { source: test, labels: true } },
          augmented: { train: { ...learntSet(train), augment: inOrder(augment) } },
          refuse: ({ test: facts }) => refuseOneClass(facts),
          measure: async (sets, tools) => score((epoch) => tools.augmented('train', epoch), sets.test, tools),
        })
  },
})
