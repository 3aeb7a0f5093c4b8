/** From a plan to its design: every stage built, in its place. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type Failure, rejected } from '../base/failure'
import { checkDocument } from '../dsl/check'
import { definitionsIn } from '../dsl/definition'
import type { Plan } from '../dsl/plan'
import { extended, type Registry } from '../dsl/registry'
import type { Slot } from '../dsl/spec'
import { noHead } from '../nn/head'
import type { Mask } from '../ops/mask/kind'
import type { Optimizer, ProjectionHead, Training } from '../ops/slots'
import {
  type Backbone,
  backboneSlot,
  type Checkpoint,
  checkpointSlot,
  datasetSlot,
  headSlot,
  type InitialWeights,
  initialWeightsSlot,
  type Knn,
  type Loss,
  lossSlot,
  maskSlot,
  optimizerSlot,
  probeSlot,
  type Teacher,
  teacherSlot,
  trainingSlot,
  type Views,
  viewsSlot,
} from '../ops/slots'
import type { OpenSource } from '../ops/source/kind'
import { crossCheck } from './crossCheck'
import { type BuiltStage, builtStages } from './stages'

export interface Design {
  readonly plan: Plan
  /** The ops that the plan is read with, its own among them. */
  readonly registry: Registry
  readonly dataset: BuiltStage<OpenSource>
  readonly views: BuiltStage<Views>
  readonly masking: BuiltStage<Mask> | undefined
  readonly backbone: BuiltStage<Backbone>
  readonly head: BuiltStage<ProjectionHead>
  readonly teacher: BuiltStage<Teacher> | undefined
  readonly initialWeights: BuiltStage<InitialWeights> | undefined
  readonly losses: readonly BuiltStage<Loss>[]
  readonly optimizer: BuiltStage<Optimizer>
  readonly training: BuiltStage<Training>
  readonly checkpoint: BuiltStage<Checkpoint> | undefined
  readonly probes: readonly BuiltStage<Knn>[]
  /** [height, width] of each view, in the views' order. */
  readonly sizes: readonly (readonly [number, number])[]
}

/** Where no loss asks for logits, a pipeline needs no head. */
const HEADLESS: BuiltStage<ProjectionHead> = {
  name: 'none',
  path: ['pipeline'],
  needs: [],
  op: {},
  meaning: { student: () => noHead, teacher: () => noHead },
}

/** The design of a plan, or all that is wrong with it. The registry need not know the ops that the plan brings along. */
export const designOf = (registry: Registry, plan: Plan): E.Either<Failure, Design> =>
  pipe(
    extended(registry, definitionsIn(plan.pipeline)),
    E.chain((known) => designIn(known, plan)),
  )

const designIn = (registry: Registry, plan: Plan): E.Either<Failure, Design> => {
  const checked = checkDocument(registry, { name: plan.name, pipeline: plan.pipeline })
  const problems = [...checked.problems, ...crossCheck(registry)(checked)]
  if (problems.length > 0) return E.left(rejected(problems))
  const one = <M>(slot: Slot<M>): BuiltStage<M> => builtStages(registry, checked.stages, slot)[0]!
  const views = one(viewsSlot)
  return E.right({
    plan: { name: plan.name, pipeline: checked.stages.flatMap(({ op }) => (op === undefined ? [] : [op])) },
    registry,
    dataset: one(datasetSlot),
    views,
    masking: builtStages(registry, checked.stages, maskSlot)[0],
    backbone: one(backboneSlot),
    head: builtStages(registry, checked.stages, headSlot)[0] ?? HEADLESS,
    teacher: builtStages(registry, checked.stages, teacherSlot)[0],
    initialWeights: builtStages(registry, checked.stages, initialWeightsSlot)[0],
    losses: builtStages(registry, checked.stages, lossSlot),
    optimizer: one(optimizerSlot),
    training: one(trainingSlot),
    checkpoint: builtStages(registry, checked.stages, checkpointSlot)[0],
    probes: builtStages(registry, checked.stages, probeSlot),
    sizes: views.meaning.views.map((view) => view.augment.size(undefined)!),
  })
}
