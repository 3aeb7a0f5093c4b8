import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { VIT_SIZES } from './sizes'
import { buildVit, refineVit, sizedVitDoc, sizedVitFields } from './vitKind'

export const vitTiny = stage(backboneSlot)({
  name: 'vitTiny',
  doc: sizedVitDoc('ViT-Ti', VIT_SIZES.tiny),
  source: 'DeiT (arXiv 2012.12877); vit_tiny of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields(VIT_SIZES.tiny),
  refine: refineVit,
  build: buildVit,
})
