import { stage } from '../../dsl/plan'
import { choice, integer, maybe, optional, positive, required } from '../../dsl/type'
import { augmentations, inOrder } from '../augmentation/kind'
import { duration } from '../schedule/kind'
import { probeSlot } from '../slots'
import { anySource } from '../source/kind'

export const knn = stage(probeSlot)({
  name: 'knn',
  doc: 'Weighted k-nearest-neighbour classification of the frozen features of the teacher (of the student where there is none), before and after training and in between; needs labels.',
  equation: 'votes of the k nearest pictures, each exp(cosine / T)',
  source: 'Wu et al. 2018 (arXiv 1805.01978); eval_knn.py of the reference implementation',
  needs: ['training'],
  gives: [],
  example: { test: { imageFolder: 'data/val' }, every: '10 epochs' },
  fields: {
    test: required(anySource, 'the pictures that are classified, with labels'),
    every: maybe(duration, 'how long between two probes; by default only before and after'),
    bank: optional(
      integer(1, 100_000_000),
      20000,
      'how many pictures of the data set vote; drawn once, all of them if there are fewer',
    ),
    k: optional(integer(1, 100_000), 20, 'neighbours that vote'),
    temperature: optional(positive, 0.07, 'temperature T of the votes'),
    feature: optional(
      choice('cls', 'mean', 'both'),
      'cls',
      'the [CLS] token, the mean of the patch tokens, or one after the other',
    ),
    prepare: maybe(
      augmentations,
      'what is done to each picture first; by default its shorter side is resized to 8/7 of the global views and the middle cut out, unless it has their size already',
    ),
  },
  build: ({ prepare, ...probe }) => ({ ...probe, prepare: prepare && inOrder(prepare) }),
})
