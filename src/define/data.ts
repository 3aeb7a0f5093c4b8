/** What sources, augmentations, masks and schedules of one's own are made of: `ibot/define/data`, in which there are no tensors. */
export type { Failure } from '../base/failure'
export { type Random, random } from '../base/random'
export { define } from '../dsl/op'
export { type Fits, type Has, type Plan, stage } from '../dsl/plan'
export type { Fact, OpSpec, Slot, StageSpec } from '../dsl/spec'
export {
  choice,
  type Field,
  flag,
  integer,
  type Json,
  list,
  maybe,
  nonNegative,
  number,
  numberIn,
  type Op,
  oneOrMore,
  op,
  optional,
  positive,
  probability,
  rangeWithin,
  required,
  struct,
  type Type,
  text,
} from '../dsl/type'
export type { Picture } from '../image/picture'
export { point, pointTable } from '../image/point'
export type { Reach, Source } from '../io/source'
export type { Connection, End, LoggedRun, Logger, Mark, Memory, Obstacle, Point, Surroundings } from '../log/logger'
export {
  type Augmentation,
  augmentation,
  augmentations,
  type Drawing,
  type Drawn,
  type Finish,
  inOrder,
  pointwise,
} from '../ops/augmentation/kind'
export { logger } from '../ops/logger/kind'
export { anyMask, type Grid, type Mask, mask } from '../ops/mask/kind'
export { duration, period, type Quantity, quantity, type Schedule, type Span, schedule, scheduled } from '../ops/schedule/kind'
export { anySource, type OpenSource, source } from '../ops/source/kind'
export type { WrittenSubset } from '../ops/source/share'
