/** What ops of one's own are made of: `ibot/define`. A module that exports some is loaded by `--ops FILE`. */
// tfjs's types speak of `Long` and don't say where it comes from.
/// <reference types="long" preserve="true" />

export {
  type Backbone,
  backboneSlot,
  headSlot,
  type Loss,
  lossSlot,
  type Optimizer,
  optimizerSlot,
  type ProjectionHead,
  type Teacher,
  teacherSlot,
} from '../ops/slots'
export { distribution, logitTransform } from '../ops/target/kind'
export * from './data'
