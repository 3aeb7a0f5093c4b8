import { stage } from '../../dsl/plan'
import { integer, maybe, numberIn, optional, positive, required } from '../../dsl/type'
import { classifier as network } from '../../nn/classifier'
import { headSlot } from '../slots'

export const classifier = stage(headSlot)({
  name: 'classifier',
  doc: 'A linear classifier of pictures, over what stands for the whole of one: the [CLS] token, or the mean of the patches of a Swin transformer and of a vision transformer with mean pooling. With `hidden` it stands behind the first layer of a projection head, which initial weights fill.',
  equation: 'logits = W · dropout(token) + b',
  source:
    'fine-tuning of the reference implementation (from BEiT, arXiv 2106.08254); its semi-supervised ClassProjHead, after SimCLR v2 (arXiv 2006.10029, §2)',
  needs: ['tokens.cls'],
  gives: ['logits.class'],
  example: { classes: 1000 },
  fields: {
    classes: required(integer(2, 1_000_000), 'how many classes the pictures have'),
    hidden: maybe(
      integer(1, 1_000_000),
      'features of a hidden layer with GELU, the first one of a projection head, so that fine-tuning begins behind it; by default there is none',
    ),
    dropout: optional(numberIn(0, 0.99), 0, 'dropout of what the last layer takes, in the student'),
    initScale: optional(
      positive,
      0.001,
      "factor of the last layer's first weights, truncated normal with a deviation of 0.02: a small one lets all classes begin alike",
    ),
  },
  build: ({ classes, ...shape }) => ({
    classes,
    student: (inputs) => network({ ...shape, inputs, classes }),
    teacher: (inputs) => network({ ...shape, inputs, classes, dropout: 0 }),
  }),
})
