import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { SWIN_SIZES } from './sizes'
import { buildSwin, refineSwin, sizedSwinDoc, sizedSwinFields } from './swinKind'

export const swinBase = stage(backboneSlot)({
  name: 'swinBase',
  doc: sizedSwinDoc('Swin-B', SWIN_SIZES.base),
  source: 'Swin (arXiv 2103.14030); swin_base of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { window: 14 },
  fields: sizedSwinFields(SWIN_SIZES.base),
  refine: refineSwin,
  build: buildSwin,
})
