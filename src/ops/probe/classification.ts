import { stage } from '../../dsl/plan'
import { maybe, required } from '../../dsl/type'
import { placesOf } from '../../metric/topK'
import { augmentations, inOrder } from '../augmentation/kind'
import { period } from '../schedule/kind'
import { probeSlot } from '../slots'
import { anySource } from '../source/kind'
import { type ProbeMetric, probe, shareOf } from './kind'

const share = (doc: string): ProbeMetric => ({ doc, format: 'percent', better: 'higher' })

/** As ImageNet's figures are given. */
const FEW = 5

export const classification = stage(probeSlot)({
  name: 'classification',
  doc: "What the network's own classifier says of pictures that it wasn't trained on, before and after training and in between: of the teacher, where there is one, which is then an average of the student's weights.",
  source: 'evaluate of the official fine-tuning (top-1 and top-5 accuracy)',
  needs: ['logits.class', 'labels', 'training'],
  gives: [],
  example: { test: { imageFolder: 'data/val' }, every: '10 epochs' },
  fields: {
    test: required(anySource, 'the pictures that are classified, with labels'),
    every: maybe(period, 'how long between two probes; by default only before and after'),
    prepare: maybe(
      augmentations,
      'what is done to each picture first, to pictures of one size; by default its shorter side is resized to 8/7 of the global views and the middle cut out, unless it has their size already',
    ),
  },
  build: ({ test, every, prepare }) =>
    probe({
      every,
      // Of the pictures that are trained on nothing but their classes is asked: the classifier has their order.
      sets: { train: { count: 0, labels: true }, test: { source: test, labels: true } },
      features: { cls: 0, mean: false, logits: true },
      prepare: prepare && inOrder(prepare),
      metrics: {
        accuracy: share('share of the test pictures whose class is the most probable'),
        top5: share('share of the test pictures whose class is one of the five most probable'),
      },
      measure: async ({ test: { values, width, labels } }) => {
        const places = placesOf(values, width, labels)
        const within = (most: number): Uint8Array => Uint8Array.from(places, (place) => (place < most ? 1 : 0))
        const [first, few] = [within(1), within(FEW)]
        return {
          count: places.length,
          of: (rows) => ({ accuracy: shareOf(first, rows), top5: shareOf(few, rows) }),
        }
      },
    }),
})
