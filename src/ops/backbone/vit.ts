import { stage } from '../../dsl/plan'
import { backboneSlot } from '../slots'
import { buildVit, refineVit, vitFields } from './vitKind'

export const vit = stage(backboneSlot)({
  name: 'vit',
  doc: 'A vision transformer: a [CLS] token and one token a patch, pre-norm blocks, learnt positions that are resized for other sizes.',
  source: 'ViT (arXiv 2010.11929); ViT-S/16 is width 384, depth 12, heads 6, patch 16',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  example: { patch: 16, width: 384, depth: 12, heads: 6, dropPath: 0.1 },
  fields: vitFields,
  refine: refineVit,
  build: buildVit,
})
