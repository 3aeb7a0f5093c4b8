import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildSwin, refineSwin, sizedSwinFields } from './swinKind'

export const swinBase = stage(backboneSlot)({
  name: 'swinBase',
  doc: 'Swin-B: a Swin transformer of width 128 and depths 2, 2, 18, 2, with windows of 7 and drop path 0.2 unless it is said otherwise.',
  source: 'Swin (arXiv 2103.14030); swin_base of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { window: 14 },
  fields: sizedSwinFields({ width: 128, depths: [2, 2, 18, 2], heads: [4, 8, 16, 32], dropPath: 0.2 }),
  refine: refineSwin,
  build: buildSwin,
})
