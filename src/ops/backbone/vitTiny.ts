import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildVit, refineVit, sizedVitFields } from './vitKind'

export const vitTiny = stage(backboneSlot)({
  name: 'vitTiny',
  doc: 'ViT-Ti: a vision transformer of width 192, depth 12 and 3 heads, with patches of 16 unless it is said otherwise.',
  source: 'DeiT (arXiv 2012.12877); vit_tiny of the reference implementation',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { dropPath: 0.1 },
  fields: sizedVitFields({ width: 192, depth: 12, heads: 3 }),
  refine: refineVit,
  build: buildVit,
})
