import { stage } from '../../dsl/plan'
import { integer, list, number, optional, positive, required, struct } from '../../dsl/type'
import { type View, viewsSlot } from '../slots'
import { augmentations, inOrder } from './kind'

const view = struct({
  times: optional(integer(1, 1000), 1, 'how many views are made this way'),
  augment: required(augmentations, 'what makes the view of the picture, in this order'),
})

export const views = stage(viewsSlot)({
  name: 'views',
  doc: 'The views of each picture: global ones for student and teacher, and small local ones for the student only (multi-crop).',
  source: 'iBOT §3.1; multi-crop: SwAV (arXiv 2006.09882)',
  needs: ['images'],
  gives: ['views'],
  example: {
    global: [{ times: 2, augment: [{ randomResizedCrop: { size: 224, scale: [0.25, 1] } }, { horizontalFlip: { p: 0.5 } }] }],
    local: [{ times: 10, augment: [{ randomResizedCrop: { size: 96, scale: [0.05, 0.25] } }] }],
  },
  fields: {
    global: required(list(view), 'views that both networks see; the student sees them masked'),
    local: optional(list(view, { min: 0 }), [], 'views that only the student sees'),
    normalize: optional(
      struct({
        mean: required(list(number), 'what is subtracted from values in [0, 1]: one number a channel'),
        std: required(list(positive), 'what they are divided by then: one number a channel'),
      }),
      { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      'the last thing done to every picture, in training and in probes; by default that of ImageNet',
    ),
  },
  refine: ({ normalize: { mean, std } }) =>
    mean.length === std.length
      ? []
      : [{ path: ['normalize', 'std'], message: `expected as many numbers as in mean (${mean.length}), got ${std.length}` }],
  build: ({ global, local, normalize }) => {
    const made = (kind: View['kind'], specs: typeof global): readonly View[] =>
      specs.flatMap(({ times, augment }, i) =>
        Array.from({ length: times }, () => ({ kind, augment: inOrder(augment), path: [kind, i, 'augment'] })),
      )
    return { views: [...made('global', global), ...made('local', local)], ...normalize }
  },
})
