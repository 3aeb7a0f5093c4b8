import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { VIT_SIZES } from './sizes'
import { buildVit, refineVit, sizedVitDoc, sizedVitFields } from './vitKind'

export const vitBase = stage(backboneSlot)({
  name: 'vitBase',
  doc: sizedVitDoc('ViT-B', VIT_SIZES.base),
  source: 'ViT (arXiv 2010.11929); vit_base of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields(VIT_SIZES.base),
  refine: refineVit,
  build: buildVit,
})
