import { stage } from '../../dsl/plan'
import { integer, maybe, optional } from '../../dsl/type'
import { period } from '../schedule/kind'
import { checkpointSlot } from '../slots'

export const checkpoint = stage(checkpointSlot)({
  name: 'checkpoint',
  doc: 'How often the whole state is saved, from which the run can go on. The end of a run is always saved; without this stage, every tenth of it is.',
  needs: ['training'],
  gives: ['checkpoints'],
  example: { every: '1 epoch', keep: 3, keepEvery: '40 epochs' },
  fields: {
    every: optional(period, '10%', 'how long between two checkpoints'),
    keep: optional(integer(1), 2, 'how many of the newest are kept'),
    keepEvery: maybe(period, 'how long between two checkpoints that are kept for good; by default only the newest are kept'),
  },
  build: (policy) => policy,
})
