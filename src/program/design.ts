/** From a plan to its design: every stage built, in its place. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type Failure, type LocatedProblem, rejected } from '../base/failure'
import { type Checked, checkDocument } from '../dsl/check'
import { definitionsIn } from '../dsl/definition'
import type { Document } from '../dsl/document'
import type { Plan } from '../dsl/plan'
import { type Draft, type Edits, problemsIn, readDraft } from '../dsl/read'
import { extended, type Registry } from '../dsl/registry'
import type { Slot } from '../dsl/spec'
import type { Logger } from '../log/logger'
import { noHead } from '../nn/head'
import type { Mask } from '../ops/mask/kind'
import type { Probe } from '../ops/probe/kind'
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
  type Loss,
  logSlot,
  lossSlot,
  type Mixing,
  maskSlot,
  mixingSlot,
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
  readonly mixing: BuiltStage<Mixing> | undefined
  readonly backbone: BuiltStage<Backbone>
  readonly head: BuiltStage<ProjectionHead>
  readonly teacher: BuiltStage<Teacher> | undefined
  readonly initialWeights: BuiltStage<InitialWeights> | undefined
  readonly losses: readonly BuiltStage<Loss>[]
  readonly optimizer: BuiltStage<Optimizer>
  readonly training: BuiltStage<Training>
  readonly checkpoint: BuiltStage<Checkpoint> | undefined
  readonly probes: readonly BuiltStage<Probe>[]
  readonly log: BuiltStage<readonly Logger[]> | undefined
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
    E.chain((known) => checkedDesign(known, checkDocument(known, { name: plan.name, pipeline: plan.pipeline }))),
  )

/** The design of stages that are checked each by itself, or all that is wrong with them. */
export const checkedDesign = (registry: Registry, checked: Checked): E.Either<Failure, Design> => {
  const problems = [...checked.problems, ...crossCheck(registry)(checked)]
  return problems.length > 0 ? E.left(rejected(problems)) : E.right(built(registry, checked))
}

/** Stages that fit together, each built. */
const built = (registry: Registry, { name, stages }: Checked): Design => {
  const one = <M>(slot: Slot<M>): BuiltStage<M> => builtStages(registry, stages, slot)[0]!
  const views = one(viewsSlot)
  return {
    plan: { name, pipeline: stages.flatMap(({ op }) => (op === undefined ? [] : [op])) },
    registry,
    dataset: one(datasetSlot),
    views,
    masking: builtStages(registry, stages, maskSlot)[0],
    mixing: builtStages(registry, stages, mixingSlot)[0],
    backbone: one(backboneSlot),
    head: builtStages(registry, stages, headSlot)[0] ?? HEADLESS,
    teacher: builtStages(registry, stages, teacherSlot)[0],
    initialWeights: builtStages(registry, stages, initialWeightsSlot)[0],
    losses: builtStages(registry, stages, lossSlot),
    optimizer: one(optimizerSlot),
    training: one(trainingSlot),
    checkpoint: builtStages(registry, stages, checkpointSlot)[0],
    probes: builtStages(registry, stages, probeSlot),
    log: builtStages(registry, stages, logSlot)[0],
    sizes: views.meaning.views.map((view) => view.augment.size(undefined)!),
  }
}

/** A design, and the document that it was read from. */
export interface ReadDesign {
  readonly design: Design
  readonly document: Document
}

/** What is in a YAML text, whatever is wrong with it: its design is there if nothing is. */
export interface DesignDraft extends Draft {
  readonly design: Design | undefined
}

export const readDesignDraft = (
  registry: Registry,
  file: string,
  text: string,
  edits: Edits,
): E.Either<readonly LocatedProblem[], DesignDraft> =>
  pipe(
    readDraft(registry, file, text, edits, crossCheck(registry)),
    E.map((draft) => ({ ...draft, design: problemsIn(draft).length > 0 ? undefined : built(registry, draft.checked) })),
  )

/** The design in a YAML text, or every problem at once, each with its place. */
export const readDesign = (
  registry: Registry,
  file: string,
  text: string,
  edits: Edits = {},
): E.Either<readonly LocatedProblem[], ReadDesign> =>
  pipe(
    readDesignDraft(registry, file, text, edits),
    E.chain((draft) =>
      draft.design === undefined ? E.left(problemsIn(draft)) : E.right({ document: draft.document, design: draft.design }),
    ),
  )
