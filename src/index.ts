/** What a TypeScript or JavaScript program can use: the ops, `pipe` and `pipeline` to make a plan of them, and what to do with it. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Failure, LocatedProblem, Problem } from './base/failure'
import { failureText } from './cli/failureText'
import { type Plan, pipeline, type Runnable } from './dsl/plan'
import { toYaml } from './dsl/print'
import { readPlan } from './dsl/read'
import { registry } from './ops/registry'
import { crossCheck } from './program/crossCheck'
import { designOf } from './program/design'
import { runPlan } from './run/run'

export type { Has } from './dsl/plan'
export type { Fact } from './dsl/spec'
// Each by its name: Node finds the named exports of a CommonJS module only where they are written out.
export {
  adamw,
  block,
  brightness,
  center,
  centerCrop,
  checkpoint,
  cifar,
  clamp,
  clsDistillation,
  coarse,
  colorDistortion,
  colorJitter,
  constant,
  contrast,
  cosine,
  dataset,
  emaTeacher,
  fashionMnist,
  gaussianBlur,
  grayscale,
  horizontalFlip,
  hue,
  idx,
  imageFolder,
  imageList,
  initialWeights,
  knn,
  lars,
  linear,
  maskedImageModeling,
  masking,
  mixture,
  mnist,
  none,
  npy,
  oneOf,
  parquet,
  piecewise,
  pixelReconstruction,
  projectionHead,
  random,
  randomOrder,
  randomResizedCrop,
  repeat,
  resize,
  saturation,
  scaledBy,
  scaledByBatch,
  separate,
  sequence,
  sgd,
  shapes,
  shared,
  sharpen,
  sinkhornKnopp,
  solarize,
  sometimes,
  startingAt,
  swin,
  swinBase,
  swinLarge,
  swinSmall,
  swinTiny,
  tarShards,
  train,
  union,
  views,
  vit,
  vitBase,
  vitLarge,
  vitSmall,
  vitTiny,
} from './ops/all'
export type { RunEvent, RunOptions, Summary } from './run/events'
export type { Failure, LocatedProblem, Plan, Problem, Runnable }
export { pipe, pipeline, runPlan as run }

/** All that is wrong with a plan, without opening its data: parameters, and stages that don't fit together. */
export const check = (plan: Plan): readonly (Problem | LocatedProblem)[] =>
  pipe(
    designOf(registry, plan),
    E.match(
      (failure) => (failure._tag === 'Rejected' ? failure.problems : []),
      () => [],
    ),
  )

/** A plan in YAML, every default written out. */
export const show = (plan: Plan): string => toYaml(plan)

/** The plan in a YAML text, or all that is wrong with it; `file` is what it is called in messages. */
export const fromYaml = (text: string, file = 'pipeline.yaml'): E.Either<readonly LocatedProblem[], Plan<Runnable>> =>
  pipe(
    readPlan(registry, file, text, [], crossCheck(registry)),
    // Reading has made sure of what the type says.
    E.map(({ plan }) => plan as Plan<Runnable>),
  )

/** A failure in words, for people: what, where, why, and how to mend it. */
export const describe = (failure: Failure): string => failureText(failure)
