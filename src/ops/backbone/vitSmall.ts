import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildVit, refineVit, sizedVitFields } from './vitKind'

export const vitSmall = stage(backboneSlot)({
  name: 'vitSmall',
  doc: 'ViT-S: a vision transformer of width 384, depth 12 and 6 heads, with patches of 16 unless it is said otherwise.',
  source: 'DeiT (arXiv 2012.12877); vit_small of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields({ width: 384, depth: 12, heads: 6 }),
  refine: refineVit,
  build: buildVit,
})
