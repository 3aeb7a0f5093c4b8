/** What ops of one's own are made of: `ibot/define`. A module that exports some is loaded by `--ops FILE`. */

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
export {
  type Augmentation,
  augmentation,
  augmentations,
  type Drawn,
  inOrder,
  pointwise,
} from './ops/augmentation/kind'
export { anyMask, type Grid, type Mask, mask } from './ops/mask/kind'
export {
  type Baseline,
  type FeatureMatrix,
  type Features,
  type Numbers,
  type Probe,
  type ProbeMetric,
  type ProbeSet,
  type ProbeTools,
  probe,
} from './ops/probe/kind'
export { duration, type Quantity, quantity, type Schedule, type Span, schedule, scheduled } from './ops/schedule/kind'
export { type Loss, lossSlot, type Optimizer, optimizerSlot, probeSlot, type Teacher, teacherSlot } from './ops/slots'
export { anySource, type OpenSource, source } from './ops/source/kind'
export { distribution, logitTransform } from './ops/target/kind'
