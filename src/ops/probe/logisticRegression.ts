import { stage } from '../../dsl/plan'
import { flag, integer, oneOrMore, optional, positive } from '../../dsl/type'
import { inOrder } from '../augmentation/kind'
import { probeSlot } from '../slots'
import { accuracies, feature, learnt, learntSet, probeFields, refuseOneClass, setting, share, tested } from './fields'
import { FEATURES, type Numbers, probe, type Sampled } from './kind'
import { type Chosen, chosenFit } from './logisticChoice'

/** Each power of ten of the range that DINOv2 searches in 45 steps. */
const STRENGTHS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5]

/** What was found, as numbers of any of the test pictures. */
const found = (chosen: Chosen | undefined, classes: number): Numbers | Sampled => {
  const settings = { C: chosen?.fit?.C ?? Number.NaN, iterations: chosen?.fit?.iterations ?? Number.NaN }
  if (chosen === undefined) return { accuracy: Number.NaN, top5: Number.NaN, ...settings }
  const of = accuracies(chosen.ranks, classes)
  return { count: chosen.ranks.length, of: (rows) => ({ ...of(rows), ...settings }) }
}

export const logisticRegression = stage(probeSlot)({
  name: 'logisticRegression',
  doc: 'Multinomial logistic regression on the frozen features of the teacher (of the student where there is none), fitted to its optimum by L-BFGS: for each C on nine tenths of the pictures; the C that tells most of the others right is fitted to all, and tested. Needs labels.',
  equation: 'minimise C · Σ -log softmax(Wᵀx + b)ᵧ + ‖W‖² / 2',
  source: 'dinov2/eval/log_regression.py of DINOv2 (arXiv 2304.07193); the same function as LogisticRegression of scikit-learn',
  needs: ['tokens.cls', 'training'],
  gives: [],
  example: { test: { imageFolder: 'data/val' }, every: '10 epochs' },
  fields: {
    test: tested,
    every: probeFields.every,
    train: learnt,
    C: optional(oneOrMore(positive), STRENGTHS, 'inverse strengths of the penalty, of which one is chosen'),
    iterations: optional(integer(1, 1_000_000), 1000, 'steps of L-BFGS at most'),
    feature,
    standardize: optional(
      flag,
      false,
      'whether each feature is divided by its standard deviation first; DINOv2 takes them as they are',
    ),
    prepare: probeFields.prepare,
  },
  build: ({ test, every, train, C, iterations, feature: part, standardize, prepare }) =>
    probe({
      every,
      sets: { train: learntSet(train), test: { source: test, labels: true } },
      features: FEATURES[part],
      prepare: prepare && inOrder(prepare),
      metrics: {
        accuracy: share('share of the test pictures that are classified right'),
        top5: share('share whose class is among the five likeliest; of five classes or more'),
        C: setting('the inverse strength of the penalty that was chosen'),
        iterations: setting('steps that its last fit took'),
      },
      refuse: ({ test: facts }) => refuseOneClass(facts),
      measure: async (sets, tools) =>
        found(
          await chosenFit(sets.train, sets.test, { strengths: C, standardize, iterations, tolerance: 1e-4 }, tools),
          sets.train.classes.length,
        ),
    }),
})
