/** Stages against each other: what is wrong between stages that are right by themselves. */
import type { Problem } from '../base/failure'
import { type Checked, givers, quoted } from '../dsl/check'
import type { Registry } from '../dsl/registry'
import { type Json, opBody } from '../dsl/type'
import type { Mask } from '../ops/mask/kind'
import type { Probe } from '../ops/probe/kind'
import {
  type Backbone,
  backboneSlot,
  type Loss,
  lossSlot,
  type Mixing,
  maskSlot,
  mixingSlot,
  type Optimizer,
  optimizerSlot,
  probeSlot,
  teacherSlot,
  trainingSlot,
  type View,
  type Views,
  viewsSlot,
} from '../ops/slots'
import { checkDivision } from './divided'
import { gridOf, neverMasked } from './masked'
import { type BuiltStage, builtStages } from './stages'

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

/** Whether a network can divide what it is given into patches. */
const checkDivided = (
  what: string,
  size: readonly [number, number],
  stride: number | undefined,
  path: readonly (string | number)[],
): readonly Problem[] =>
  stride === undefined || (size[0] % stride === 0 && size[1] % stride === 0)
    ? []
    : [
        {
          code: 'unfit-size',
          path,
          at: 'value',
          message: `${what} of ${times(size)} pixels can't be divided into patches of ${stride} × ${stride}`,
          suggestion: `use a multiple of ${stride}, such as ${Math.max(1, Math.round(size[0] / stride)) * stride}`,
        },
      ]

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
    const undivided = checkDivided('a view', size, stride, path)
    if (undivided.length > 0) return undivided
    if (view.augment.finishes === 'misplaced')
      return [
        {
          code: 'unfit-augmentation',
          path: [...stage.path, ...view.path],
          at,
          message: 'what is done to the normalised picture stands before what is done to the picture itself',
          suggestion: "put 'randomErasing' last",
        },
      ]
    if (view.kind === 'global' && size[0] !== size[1])
      return [
        {
          code: 'unfit-size',
          path,
          at,
          message: `global views are square, and this one is ${times(size)}`,
          suggestion: 'write one number',
        },
      ]
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
    .filter(({ meaning }) => meaning.comparesViews === true)
    .filter(() => views.some(({ meaning }) => meaning.views.length < 2))
    .map(({ path, name }) => ({
      code: 'no-pairs',
      path,
      at: 'key',
      message: `'${name}' compares views of a picture, of which there is only one`,
      suggestion: "make a second view: 'times: 2', or a local one",
    }))

/** Losses that take targets from a teacher, though they don't say that they need one, where there is none. */
const checkTaught = (registry: Registry, losses: readonly BuiltStage<Loss>[], hasTeacher: boolean): readonly Problem[] =>
  hasTeacher
    ? []
    : losses
        .filter(({ meaning, needs }) => meaning.teach !== undefined && !needs.includes('teacher'))
        .map(({ path, name }) => ({
          code: 'missing-fact',
          path,
          at: 'key',
          message: `'${name}' takes its targets from a teacher, and there is none`,
          suggestion: `add ${quoted(givers(registry, 'teacher'))} above this line`,
        }))

const finishing = (path: readonly (string | number)[], done: string): Problem => ({
  code: 'unfit-augmentation',
  path,
  at: 'value',
  message: `a probe's pictures are ${done} before they are normalised, and not after`,
  suggestion: "leave 'randomErasing' out",
})

/** A probe that prepares its pictures itself makes some that the network can take. */
const checkPrepared = ({ path, meaning: { prepare } }: BuiltStage<Probe>, stride: number | undefined): readonly Problem[] => {
  if (prepare === undefined) return []
  const at = [...path, 'prepare']
  const size = prepare.size(undefined)
  if (prepare.finishes !== undefined) return [finishing(at, 'prepared')]
  return size === undefined
    ? [
        {
          code: 'unknown-size',
          path: at,
          at: 'value',
          message: 'the size of a prepared picture depends on the picture',
          suggestion: "add 'centerCrop' at the end",
        },
      ]
    : checkDivided('a prepared picture', size, stride, at)
}

/** The size that a probe's pictures have: of its own preparation, or of the global views. */
const probedSize = ({ prepare }: Probe, [views]: readonly BuiltStage<Views>[]): readonly [number, number] | undefined =>
  prepare?.size(undefined) ?? views?.meaning.views.find(({ kind }) => kind === 'global')?.augment.size(undefined)

/** A probe that augments pictures makes them as large as those that it doesn't augment. */
const checkAugmented = ({ path, meaning }: BuiltStage<Probe>, views: readonly BuiltStage<Views>[]): readonly Problem[] =>
  Object.values(meaning.augmented ?? {}).flatMap(({ augment }): readonly Problem[] => {
    const place = { path: [...path, 'augment'], at: 'value' } as const
    if (augment.finishes !== undefined) return [finishing(place.path, 'augmented')]
    const size = augment.size(undefined)
    const wanted = probedSize(meaning, views)
    if (size === undefined)
      return [
        {
          ...place,
          code: 'unknown-size',
          message: 'the size of an augmented picture depends on the picture',
          suggestion: "add 'randomResizedCrop', or 'resize' and 'centerCrop'",
        },
      ]
    return wanted === undefined || (size[0] === wanted[0] && size[1] === wanted[1])
      ? []
      : [
          {
            ...place,
            code: 'unfit-size',
            message: `augmented pictures are ${times(size)}, and the others that the probe takes ${times(wanted)}`,
            suggestion: `make both of one size: here, or by 'prepare'`,
          },
        ]
  })

/** Losses on hidden patches under masks that can never hide any: they are 0 for ever. */
const checkMasked = (
  losses: readonly BuiltStage<Loss>[],
  [masking]: readonly BuiltStage<Mask>[],
  [views]: readonly BuiltStage<Views>[],
  stride: number | undefined,
): readonly Problem[] => {
  const size = views?.meaning.views.find(({ kind }) => kind === 'global')?.augment.size(undefined)
  if (masking === undefined || size === undefined || stride === undefined) return []
  const grid = gridOf(size, stride)
  const asking = neverMasked(losses, masking.meaning, grid, Number.POSITIVE_INFINITY)
  return asking.length === 0
    ? []
    : [
        {
          code: 'never-masked',
          path: masking.path,
          at: 'value',
          message: `these masks never hide one of the ${grid.height} × ${grid.width} patches, so that ${asking.join(' and ')} would always be 0`,
          suggestion: "hide some: 'masking: { mixture: [none, { block: { ratio: [0.1, 0.5] } }] }', or leave the loss out",
        },
      ]
}

/** Mixing knows one size of pictures. */
const checkMixed = (mixing: readonly BuiltStage<Mixing>[], [views]: readonly BuiltStage<Views>[]): readonly Problem[] =>
  mixing
    .filter(() => views?.meaning.views.some(({ kind }) => kind === 'local') === true)
    .map(({ path, name }) => ({
      code: 'unmixed-views',
      path,
      at: 'key',
      message: `'${name}' mixes global views, and there are local ones too, whose labels would no longer be theirs`,
      suggestion: "leave 'local' out of the views",
    }))

/** Layer-wise decay goes by the layers that the backbone tells. */
const checkLayers = (
  optimizers: readonly BuiltStage<Optimizer>[],
  backbone: BuiltStage<Backbone> | undefined,
): readonly Problem[] =>
  optimizers
    .filter(
      ({ meaning: { layerDecay = 1 } }) => layerDecay !== 1 && backbone !== undefined && backbone.meaning.layers === undefined,
    )
    .map(({ path }) => ({
      code: 'no-layers',
      path: [...path, 'layerDecay'],
      at: 'value',
      message: `'${backbone!.name}' doesn't tell in which layer each of its weights is, which layerDecay goes by`,
      suggestion: "leave layerDecay out, or let the backbone tell its 'layers'",
    }))

/** What is wrong between stages that are right by themselves; stages that aren't are left out. */
export const crossCheck =
  (registry: Registry) =>
  ({ stages }: Checked): readonly Problem[] => {
    const views = builtStages(registry, stages, viewsSlot)
    const [backbone] = builtStages(registry, stages, backboneSlot)
    const losses = builtStages(registry, stages, lossSlot)
    const mixings = builtStages(registry, stages, mixingSlot)
    return [
      ...views.flatMap((stage) => checkViews(stage, backbone?.meaning.stride)),
      ...checkPairs(losses, views),
      ...checkMixed(mixings, views),
      ...checkDivision({ training: builtStages(registry, stages, trainingSlot)[0], losses, mixing: mixings[0] }),
      ...checkLayers(builtStages(registry, stages, optimizerSlot), backbone),
      ...checkMasked(losses, builtStages(registry, stages, maskSlot), views, backbone?.meaning.stride),
      ...checkTaught(
        registry,
        losses,
        stages.some(({ spec }) => spec?.slot.name === teacherSlot.name),
      ),
      ...builtStages(registry, stages, probeSlot).flatMap((stage) => [
        ...checkPrepared(stage, backbone?.meaning.stride),
        ...checkAugmented(stage, views),
      ]),
    ]
  }
