import { stage } from '../../dsl/plan'
import { choice, flag, integer, maybe, oneOrMore, optional, positive } from '../../dsl/type'
import { inOrder } from '../augmentation/kind'
import { probeSlot } from '../slots'
import { classifierFields, setting, share } from './fields'
import { FEATURES, type Numbers, probe } from './kind'
import { type Chosen, chosenFit } from './logisticChoice'

/** Each power of ten of the range that DINOv2 searches in 45 steps. */
const STRENGTHS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5]

/** Fewer classes have no five likeliest ones. */
const FIVE = 5

const numbersOf = (chosen: Chosen | undefined, classes: number): Numbers => ({
  accuracy: chosen?.top1 ?? Number.NaN,
  top5: chosen === undefined || classes < FIVE ? Number.NaN : chosen.top5,
  C: chosen?.fit?.C ?? Number.NaN,
  iterations: chosen?.fit?.iterations ?? Number.NaN,
})

export const logisticRegression = stage(probeSlot)({
  name: 'logisticRegression',
  doc: 'Multinomial logistic regression on the frozen features of the teacher (of the student where there is none), fitted to its optimum by L-BFGS: for each C on nine tenths of the pictures; the C that tells most of the others right is fitted to all, and tested. Needs labels.',
  equation: 'minimise C · Σ -log softmax(Wᵀx + b)ᵧ + ‖W‖² / 2',
  source: 'dinov2/eval/log_regression.py of DINOv2 (arXiv 2304.07193); the same function as LogisticRegression of scikit-learn',
  needs: ['tokens.cls', 'training'],
  gives: [],
  example: { test: { imageFolder: 'data/val' }, every: '10 epochs' },
  fields: {
    test: classifierFields.test,
    every: classifierFields.every,
    train: maybe(
      integer(1, 1_000_000_000),
      'how many pictures of the data set are learnt from; drawn once; by default all, and all if there are fewer',
    ),
    C: optional(oneOrMore(positive), STRENGTHS, 'inverse strengths of the penalty, of which one is chosen'),
    iterations: optional(integer(1, 1_000_000), 1000, 'steps of L-BFGS at most'),
    feature: optional(
      choice('cls', 'mean', 'both'),
      'cls',
      'the [CLS] token, the mean of the patch tokens, or one after the other',
    ),
    standardize: optional(
      flag,
      false,
      'whether each feature is divided by its standard deviation first; DINOv2 takes them as they are',
    ),
    prepare: classifierFields.prepare,
  },
  build: ({ test, every, train, C, iterations, feature, standardize, prepare }) =>
    probe({
      every,
      sets: { train: { ...(train === undefined ? {} : { count: train }), labels: true }, test: { source: test, labels: true } },
      features: FEATURES[feature],
      prepare: prepare && inOrder(prepare),
      metrics: {
        accuracy: share('share of the test pictures that are classified right'),
        top5: share('share whose class is among the five likeliest; of five classes or more'),
        C: setting('the inverse strength of the penalty that was chosen'),
        iterations: setting('steps that its last fit took'),
      },
      measure: async (sets, tools) =>
        numbersOf(
          await chosenFit(sets.train, sets.test, { strengths: C, standardize, iterations, tolerance: 1e-4 }, tools),
          sets.train.classes.length,
        ),
    }),
})
