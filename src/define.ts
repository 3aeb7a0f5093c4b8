/** What ops of one's own are made of: `ibot/define`. A module that exports some is loaded by `--ops FILE`. */

/** tfjs, by which networks and losses compute. */
export * as tf from '@tensorflow/tfjs-core'
export type { Failure } from './base/failure'
export { type Random, random } from './base/random'
export { define } from './dsl/op'
export { stage } from './dsl/plan'
export {
  choice,
  flag,
  integer,
  list,
  maybe,
  nonNegative,
  number,
  numberIn,
  oneOrMore,
  op,
  optional,
  positive,
  probability,
  rangeWithin,
  required,
  struct,
  text,
} from './dsl/type'
export type { Picture } from './image/picture'
export { point, pointTable } from './image/point'
export type { Source } from './io/source'
export type { Architecture, OtherArchitecture } from './nn/architecture'
export { type BlockShape, block } from './nn/block'
export type { Encoder } from './nn/encoder'
export {
  below,
  type Context,
  type Layer,
  pure,
  scope,
  sequence,
  type WeightSpecs,
  type Weights,
  weight,
  within,
} from './nn/layer'
export { linear } from './nn/linear'
export { layerNorm } from './nn/norm'
export { hide, patchEmbed, patchEmbedWeights } from './nn/patchEmbed'
export { pick, type RowIndices } from './nn/pick'
export {
  type Augmentation,
  augmentation,
  augmentations,
  type Drawn,
  inOrder,
  pointwise,
} from './ops/augmentation/kind'
export { anyMask, type Grid, type Mask, mask } from './ops/mask/kind'
export { type Quantity, quantity, type Schedule, type Span, schedule, scheduled } from './ops/schedule/kind'
export {
  type Backbone,
  type BackboneInput,
  backboneSlot,
  type DistillationLoss,
  type Loss,
  lossSlot,
  type Optimizer,
  optimizerSlot,
  type StudentLoss,
  type Teacher,
  teacherSlot,
} from './ops/slots'
export { type OpenSource, source } from './ops/source/kind'
export { distribution, logitTransform } from './ops/target/kind'
