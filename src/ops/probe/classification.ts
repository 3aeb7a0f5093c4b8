import { stage } from '../../dsl/plan'
import { placesOf } from '../../metric/topK'
import { inOrder } from '../augmentation/kind'
import { probeSlot } from '../slots'
import { accuracies, probeFields, share, tested } from './fields'
import { probe } from './kind'

export const classification = stage(probeSlot)({
  name: 'classification',
  doc: "What the network's own classifier says of pictures that it wasn't trained on, before and after training and in between: of the teacher, where there is one, which is then an average of the student's weights.",
  source: 'evaluate of the official fine-tuning (top-1 and top-5 accuracy)',
  needs: ['logits.class', 'labels', 'training'],
  gives: [],
  example: { test: { imageFolder: 'data/val' }, every: '10 epochs' },
  fields: { test: tested, ...probeFields },
  build: ({ test, every, prepare }) =>
    probe({
      every,
      // Of the pictures that are trained on nothing but their classes is asked: the classifier has their order.
      sets: { train: { count: 0, labels: true }, test: { source: test, labels: true } },
      features: { cls: 0, mean: false, logits: true },
      prepare: prepare && inOrder(prepare),
      metrics: {
        accuracy: share('share of the test pictures whose class is the most probable'),
        top5: share('share of the test pictures whose class is one of the five most probable; of five classes or more'),
      },
      measure: async ({ test: { values, width, labels } }) => ({
        count: labels.length,
        of: accuracies(placesOf(values, width, labels), width),
      }),
    }),
})
