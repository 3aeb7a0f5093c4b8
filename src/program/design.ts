/**
 * From a plan to its design: every stage built, in its place, and the stages' sizes checked against each other. Then,
 * once the data are known, what the program needs to know of them.
 */
import * as E from 'fp-ts/Either'
import type { Failure, Problem } from '../base/failure'
import { rejected } from '../base/failure'
import type { Checked, CheckedStage } from '../dsl/check'
import { checkDocument } from '../dsl/check'
import { meaningOf } from '../dsl/meaning'
import type { Plan } from '../dsl/plan'
import type { Registry } from '../dsl/registry'
import { type Slot, stageKind } from '../dsl/spec'
import { type Json, type Op, opBody } from '../dsl/type'
import { noHead } from '../nn/head'
import type { Mask } from '../ops/mask/kind'
import type { Span } from '../ops/schedule/kind'
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
  type View,
  type Views,
  viewsSlot,
} from '../ops/slots'
import type { OpenSource } from '../ops/source/kind'

/** A stage's meaning with its name and its place in the document. */
export interface BuiltStage<M> {
  readonly name: string
  readonly path: readonly (string | number)[]
  readonly needs: readonly string[]
  readonly op: Op
  readonly meaning: M
}

export interface Design {
  readonly plan: Plan
  readonly dataset: BuiltStage<OpenSource>
  readonly views: BuiltStage<Views>
  readonly masking: BuiltStage<Mask> | undefined
  readonly backbone: BuiltStage<Backbone>
  readonly head: BuiltStage<ProjectionHead>
  readonly teacher: BuiltStage<Teacher>
  readonly initialWeights: BuiltStage<InitialWeights> | undefined
  readonly losses: readonly BuiltStage<Loss>[]
  readonly optimizer: BuiltStage<Optimizer>
  readonly training: BuiltStage<Training>
  readonly checkpoint: BuiltStage<Checkpoint> | undefined
  readonly probes: readonly BuiltStage<Knn>[]
  /** [height, width] of each view, in the views' order. */
  readonly sizes: readonly (readonly [number, number])[]
}

/** All stages of a slot that could be decoded, built. */
const builtStages = <M>(registry: Registry, stages: readonly CheckedStage[], slot: Slot<M>): readonly BuiltStage<M>[] =>
  stages.flatMap(({ index, spec, op }) =>
    spec?.slot.name === slot.name && op !== undefined
      ? [
          {
            name: spec.name,
            path: ['pipeline', index, spec.name],
            needs: spec.needs,
            op,
            meaning: meaningOf(registry, stageKind, op) as M,
          },
        ]
      : [],
  )

/** Where the size of a view is written: the last `size` among its augmentations, or the view itself. */
const sizePath = (stage: BuiltStage<unknown>, view: View): readonly (string | number)[] => {
  const at = (value: Json | undefined, path: readonly (string | number)[]): readonly (string | number)[] | undefined => {
    if (Array.isArray(value)) {
      const found = value.map((item: Json, i: number) => at(item, [...path, i])).filter((p) => p !== undefined)
      return found[found.length - 1]
    }
    if (typeof value !== 'object' || value === null) return undefined
    const own = Object.entries(value).map(([key, inner]) => (key === 'size' ? [...path, key] : at(inner, [...path, key])))
    const found = own.filter((p) => p !== undefined)
    return found[found.length - 1]
  }
  const written = view.path.reduce<Json | undefined>(
    (value, key) => (value as Readonly<Record<string, Json>> | undefined)?.[key as string],
    opBody(stage.op) as Json,
  )
  return [...stage.path, ...(at(written, view.path) ?? view.path)]
}

const times = (size: readonly [number, number]): string => `${size[0]} × ${size[1]}`

const checkViews = (stage: BuiltStage<Views>, stride: number | undefined): readonly Problem[] => {
  const { views } = stage.meaning
  const sizes = views.map((view) => view.augment.size(undefined))
  const global = sizes.find((size, i) => views[i]!.kind === 'global' && size !== undefined)
  return views.flatMap((view, i): readonly Problem[] => {
    // Views made by the same `times` have one problem in common.
    if (i > 0 && views[i - 1]!.path.join() === view.path.join()) return []
    const size = sizes[i]
    const at = 'value' as const
    if (size === undefined)
      return [
        {
          code: 'unknown-size',
          path: [...stage.path, ...view.path],
          at,
          message: 'the size of this view depends on the picture',
          suggestion: "add 'randomResizedCrop', or 'resize' and 'centerCrop'",
        },
      ]
    const path = sizePath(stage, view)
    if (stride !== undefined && (size[0] % stride !== 0 || size[1] % stride !== 0)) {
      const near = Math.max(1, Math.round(size[0] / stride)) * stride
      return [
        {
          code: 'unfit-size',
          path,
          at,
          message: `a view of ${times(size)} pixels can't be divided into patches of ${stride} × ${stride}`,
          suggestion: `use a multiple of ${stride}, such as ${near}`,
        },
      ]
    }
    if (view.kind === 'global' && global !== undefined && (size[0] !== global[0] || size[1] !== global[1]))
      return [
        {
          code: 'unfit-size',
          path,
          at,
          message: `global views have one size: this one is ${times(size)}, the first ${times(global)}`,
        },
      ]
    return []
  })
}

const checkPairs = (losses: readonly BuiltStage<Loss>[], views: readonly BuiltStage<Views>[]): readonly Problem[] =>
  losses
    .filter(({ meaning }) => meaning.metric === 'cls')
    .filter(() => views.some(({ meaning }) => meaning.views.length < 2))
    .map(({ path, name }) => ({
      code: 'no-pairs',
      path,
      at: 'key',
      message: `'${name}' compares views of a picture, of which there is only one`,
      suggestion: "make a second view: 'times: 2', or a local one",
    }))

/** What is wrong between stages that are right by themselves; stages that aren't are left out. */
export const crossCheck =
  (registry: Registry) =>
  ({ stages }: Checked): readonly Problem[] => {
    const views = builtStages(registry, stages, viewsSlot)
    const [backbone] = builtStages(registry, stages, backboneSlot)
    return [
      ...views.flatMap((stage) => checkViews(stage, backbone?.meaning.stride)),
      ...checkPairs(builtStages(registry, stages, lossSlot), views),
    ]
  }

/** Where no loss asks for logits, a pipeline needs no head. */
const HEADLESS: BuiltStage<ProjectionHead> = {
  name: 'none',
  path: ['pipeline'],
  needs: [],
  op: {},
  meaning: { student: () => noHead, teacher: () => noHead },
}

/** The design of a plan, or all that is wrong with it. */
export const designOf = (registry: Registry, plan: Plan): E.Either<Failure, Design> => {
  const checked = checkDocument(registry, { name: plan.name, pipeline: plan.pipeline })
  const problems = [...checked.problems, ...crossCheck(registry)(checked)]
  if (problems.length > 0) return E.left(rejected(problems))
  const one = <M>(slot: Slot<M>): BuiltStage<M> => builtStages(registry, checked.stages, slot)[0]!
  const views = one(viewsSlot)
  return E.right({
    plan: { name: plan.name, pipeline: checked.stages.flatMap(({ op }) => (op === undefined ? [] : [op])) },
    dataset: one(datasetSlot),
    views,
    masking: builtStages(registry, checked.stages, maskSlot)[0],
    backbone: one(backboneSlot),
    head: builtStages(registry, checked.stages, headSlot)[0] ?? HEADLESS,
    teacher: one(teacherSlot),
    initialWeights: builtStages(registry, checked.stages, initialWeightsSlot)[0],
    losses: builtStages(registry, checked.stages, lossSlot),
    optimizer: one(optimizerSlot),
    training: one(trainingSlot),
    checkpoint: builtStages(registry, checked.stages, checkpointSlot)[0],
    probes: builtStages(registry, checked.stages, probeSlot),
    sizes: views.meaning.views.map((view) => view.augment.size(undefined)!),
  })
}

/** What a program must know of the data. */
export interface DataFacts {
  readonly count: number
  readonly channels: 1 | 3
}

/** The run's length in the units of schedules; problems where the data don't fit the pipeline. */
export const spanOf = (design: Design, { count, channels }: DataFacts): E.Either<Failure, Span> => {
  const { batch, length } = design.training.meaning
  const { mean } = design.views.meaning
  const stepsPerEpoch = Math.floor(count / batch)
  const problems: readonly Problem[] = [
    ...(stepsPerEpoch > 0
      ? []
      : [
          {
            code: 'batch-too-large',
            path: [...design.training.path, 'batch'],
            at: 'value' as const,
            message: `a batch of ${batch} is larger than the data set, which has ${count} pictures`,
            suggestion: `use ${count} or less`,
          },
        ]),
    ...(mean.length === channels
      ? []
      : [
          {
            code: 'wrong-channels',
            path: [...design.views.path, 'normalize', 'mean'],
            at: 'value' as const,
            message: `the pictures have ${channels === 1 ? 'one channel' : `${channels} channels`}, but normalize has ${mean.length} numbers`,
            suggestion:
              channels === 1
                ? "write 'normalize: { mean: [0.5], std: [0.5] }', with the data's own numbers"
                : 'give one number a channel',
          },
        ]),
  ]
  if (problems.length > 0) return E.left(rejected(problems))
  return E.right({ batch, stepsPerEpoch, steps: 'steps' in length ? length.steps : length.epochs * stepsPerEpoch })
}
