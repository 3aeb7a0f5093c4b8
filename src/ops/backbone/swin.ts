import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildSwin, refineSwin, swinFields } from './swinKind'

export const swin = stage(backboneSlot)({
  name: 'swin',
  doc: 'A Swin transformer: attention within windows, every second time shifted, over a map of patches that is halved from stage to stage. The mean of the last map stands in for [CLS]; masks are drawn over that map and cover whole cells of it.',
  source: 'Swin (arXiv 2103.14030); Swin-T is width 96, depths 2, 2, 6, 2, heads 3, 6, 12, 24',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { width: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24], window: 7, dropPath: 0.1 },
  fields: swinFields,
  refine: refineSwin,
  build: buildSwin,
})
