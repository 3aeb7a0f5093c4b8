import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildVit, refineVit, sizedVitFields } from './vitKind'

export const vitBase = stage(backboneSlot)({
  name: 'vitBase',
  doc: 'ViT-B: a vision transformer of width 768, depth 12 and 12 heads, with patches of 16 unless it is said otherwise.',
  source: 'ViT (arXiv 2010.11929); vit_base of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields({ width: 768, depth: 12, heads: 12 }),
  refine: refineVit,
  build: buildVit,
})
