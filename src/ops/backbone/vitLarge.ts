import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildVit, refineVit, sizedVitFields } from './vitKind'

export const vitLarge = stage(backboneSlot)({
  name: 'vitLarge',
  doc: 'ViT-L: a vision transformer of width 1024, depth 24 and 16 heads, with patches of 16 unless it is said otherwise.',
  source: 'ViT (arXiv 2010.11929); vit_large of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields({ width: 1024, depth: 24, heads: 16 }),
  refine: refineVit,
  build: buildVit,
})
