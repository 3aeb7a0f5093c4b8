import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildSwin, refineSwin, sizedSwinFields } from './swinKind'

export const swinLarge = stage(backboneSlot)({
  name: 'swinLarge',
  doc: 'Swin-L: a Swin transformer of width 192 and depths 2, 2, 18, 2, with windows of 7 and drop path 0.2 unless it is said otherwise.',
  source: 'Swin (arXiv 2103.14030); swin_large of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { window: 14 },
  fields: sizedSwinFields({ width: 192, depths: [2, 2, 18, 2], heads: [6, 12, 24, 48], dropPath: 0.2 }),
  refine: refineSwin,
  build: buildSwin,
})
