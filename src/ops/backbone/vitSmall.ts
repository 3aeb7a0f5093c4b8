import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { VIT_SIZES } from './sizes'
import { buildVit, refineVit, sizedVitDoc, sizedVitFields } from './vitKind'

export const vitSmall = stage(backboneSlot)({
  name: 'vitSmall',
  doc: sizedVitDoc('ViT-S', VIT_SIZES.small),
  source: 'DeiT (arXiv 2012.12877); vit_small of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields(VIT_SIZES.small),
  refine: refineVit,
  build: buildVit,
})
