/** What records a step needs Node: pipelines that divide their batches are refused before. */
import type * as original from '../../../../../src/engine/record/step'

export const meetingsOf: typeof original.meetingsOf = () => {
  throw new RangeError('batches are whole in a tab')
}
