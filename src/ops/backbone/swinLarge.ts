import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { SWIN_SIZES } from './sizes'
import { buildSwin, refineSwin, sizedSwinDoc, sizedSwinFields } from './swinKind'

export const swinLarge = stage(backboneSlot)({
  name: 'swinLarge',
  doc: sizedSwinDoc('Swin-L', SWIN_SIZES.large),
  source: 'Swin (arXiv 2103.14030); swin_large of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { window: 14 },
  fields: sizedSwinFields(SWIN_SIZES.large),
  refine: refineSwin,
  build: buildSwin,
})
