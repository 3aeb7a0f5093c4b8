import { stage } from '../../dsl/plan'
import { required } from '../../dsl/type'
import { maskSlot } from '../slots'
import { anyMask } from './kind'

export const masking = stage(maskSlot)({
  name: 'masking',
  doc: 'Which patches of the global views the student does not see; a mask is drawn anew for every view.',
  source: 'iBOT §3.1',
  needs: ['views'],
  gives: ['mask'],
  example: { mixture: ['none', { block: { ratio: [0.1, 0.5] } }] },
  fields: { mask: required(anyMask, 'the mask') },
  main: 'mask',
  build: ({ mask }) => mask,
})
