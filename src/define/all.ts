/** What ops of one's own are made of: `ibot/define`. A module that exports some is loaded by `--ops FILE`. */
/** tfjs, by which networks and losses compute. */
export * as tf from '@tensorflow/tfjs-core'
export type { Architecture, OtherArchitecture } from '../nn/architecture'
export { type BlockShape, block } from '../nn/block'
export type { Encoder } from '../nn/encoder'
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
} from '../nn/layer'
export type { LayerOrder } from '../nn/layerOrder'
export { linear } from '../nn/linear'
export { layerNorm } from '../nn/norm'
export { hide, patchEmbed, patchEmbedWeights } from '../nn/patchEmbed'
export { pick, type RowIndices } from '../nn/pick'
export {
  type AugmentedSet,
  type Baseline,
  FEATURES,
  type FeatureChoice,
  type FeatureMatrix,
  type Features,
  type Numbers,
  type Probe,
  type ProbeMetric,
  type ProbeSet,
  type ProbeTools,
  probe,
  type Refusal,
  type Sampled,
  type SetFacts,
  shareOf,
} from '../ops/probe/kind'
export {
  type Backbone,
  type BackboneInput,
  backboneSlot,
  type DistillationLoss,
  headSlot,
  type Loss,
  lossSlot,
  type Mixing,
  mixingSlot,
  type Optimizer,
  optimizerSlot,
  type ProjectionHead,
  probeSlot,
  type StudentLoss,
  type Teacher,
  teacherSlot,
} from '../ops/slots'
export { distribution, logitTransform } from '../ops/target/kind'
export * from './data'
