import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { SWIN_SIZES } from './sizes'
import { buildSwin, refineSwin, sizedSwinDoc, sizedSwinFields } from './swinKind'

export const swinSmall = stage(backboneSlot)({
  name: 'swinSmall',
  doc: sizedSwinDoc('Swin-S', SWIN_SIZES.small),
  source: 'Swin (arXiv 2103.14030); swin_small of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { window: 14 },
  fields: sizedSwinFields(SWIN_SIZES.small),
  refine: refineSwin,
  build: buildSwin,
})
