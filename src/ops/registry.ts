/** The list of all ops, in the order of a pipeline: kinds as they are met, stages as they stand, then by name. */

import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Failure } from '../base/failure'
import { definitionsIn } from '../dsl/definition'
import { extended, isStage, type Registry, registryOf } from '../dsl/registry'
import { type OpSpec, stageKind } from '../dsl/spec'
import * as ops from './all'
import { augmentation } from './augmentation/kind'
import { headOutput } from './head/kind'
import { logger } from './logger/kind'
import { mask } from './mask/kind'
import { quantity, schedule } from './schedule/kind'
import {
  backboneSlot,
  checkpointSlot,
  datasetSlot,
  headSlot,
  initialWeightsSlot,
  logSlot,
  lossSlot,
  maskSlot,
  mixingSlot,
  optimizerSlot,
  probeSlot,
  teacherSlot,
  trainingSlot,
  viewsSlot,
} from './slots'
import { source } from './source/kind'
import { distribution, logitTransform } from './target/kind'
import { modulesOf } from './userOps'

const KINDS: readonly string[] = [
  stageKind,
  source,
  augmentation,
  mask,
  headOutput,
  logitTransform,
  distribution,
  schedule,
  quantity,
  logger,
].map((kind) => kind.name)
const SLOTS: readonly string[] = [
  datasetSlot,
  viewsSlot,
  maskSlot,
  mixingSlot,
  backboneSlot,
  headSlot,
  teacherSlot,
  initialWeightsSlot,
  lossSlot,
  optimizerSlot,
  trainingSlot,
  checkpointSlot,
  probeSlot,
  logSlot,
].map((slot) => slot.name)

const slotOf = (spec: OpSpec): number => (isStage(spec) ? SLOTS.indexOf(spec.slot.name) : 0)
const compare = (a: OpSpec, b: OpSpec): number =>
  KINDS.indexOf(a.kind.name) - KINDS.indexOf(b.kind.name) || slotOf(a) - slotOf(b) || (a.name < b.name ? -1 : 1)

const sorted = (ops: readonly OpSpec[]): Registry => registryOf([...ops].sort(compare))

/** ibot's ops. */
export const registry: Registry = sorted(Object.values(ops).map((make): OpSpec => make.spec))

/** ibot's ops and a user's; none may take another's name. */
export const registryWith = (more: readonly OpSpec[]): E.Either<Failure, Registry> =>
  more.length === 0
    ? E.right(registry)
    : pipe(
        extended(registry, more),
        E.map((all) => sorted(all.ops)),
      )

/** The definitions in a plan, or in a part of one, that aren't ibot's. */
export const ownOpsIn = (part: unknown): readonly OpSpec[] =>
  definitionsIn(part).filter((spec) => registry.find(spec.kind, spec.name) !== spec)

/** The modules that these come from, as far as they have one. */
export const modulesIn = (part: unknown): readonly string[] => modulesOf(ownOpsIn(part))
