import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { VIT_SIZES } from './sizes'
import { buildVit, refineVit, sizedVitDoc, sizedVitFields } from './vitKind'

export const vitLarge = stage(backboneSlot)({
  name: 'vitLarge',
  doc: sizedVitDoc('ViT-L', VIT_SIZES.large),
  source: 'ViT (arXiv 2010.11929); vit_large of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields(VIT_SIZES.large),
  refine: refineVit,
  build: buildVit,
})
