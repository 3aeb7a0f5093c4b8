import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { SWIN_SIZES } from './sizes'
import { buildSwin, refineSwin, sizedSwinDoc, sizedSwinFields } from './swinKind'

export const swinTiny = stage(backboneSlot)({
  name: 'swinTiny',
  doc: sizedSwinDoc('Swin-T', SWIN_SIZES.tiny),
  source: 'Swin (arXiv 2103.14030); swin_tiny of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { window: 14 },
  fields: sizedSwinFields(SWIN_SIZES.tiny),
  refine: refineSwin,
  build: buildSwin,
})
