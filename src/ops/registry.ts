/** The list of all ops, in the order of a pipeline: kinds as they are met, stages as they stand, then by name. */

import { resolve } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { isStage, registryOf } from '../dsl/registry'
import { type OpSpec, stageKind } from '../dsl/spec'
import * as ops from './all'
import { augmentation } from './augmentation/kind'
import { headOutput } from './head/kind'
import { mask } from './mask/kind'
import { quantity, schedule } from './schedule/kind'
import {
  backboneSlot,
  checkpointSlot,
  datasetSlot,
  headSlot,
  initialWeightsSlot,
  lossSlot,
  maskSlot,
  optimizerSlot,
  probeSlot,
  teacherSlot,
  trainingSlot,
  viewsSlot,
} from './slots'
import { source } from './source/kind'
import { distribution, logitTransform } from './target/kind'
import { withOpsOf } from './userOps'

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
].map((kind) => kind.name)
const SLOTS = [
  datasetSlot,
  viewsSlot,
  maskSlot,
  backboneSlot,
  headSlot,
  teacherSlot,
  initialWeightsSlot,
  lossSlot,
  optimizerSlot,
  trainingSlot,
  checkpointSlot,
  probeSlot,
].map((slot) => slot.name)

const slotOf = (spec: OpSpec): number => (isStage(spec) ? SLOTS.indexOf(spec.slot.name) : 0)
const compare = (a: OpSpec, b: OpSpec): number =>
  KINDS.indexOf(a.kind.name) - KINDS.indexOf(b.kind.name) || slotOf(a) - slotOf(b) || (a.name < b.name ? -1 : 1)

const all: OpSpec[] = Object.values(ops)
  .map((make): OpSpec => make.spec)
  .sort(compare)
const files: string[] = []

/** All ops: ibot's, and those of the modules that were named on the command line. */
export const registry = registryOf(all)

/** The modules of the user's ops, for whatever else must know them: workers. */
export const opsFiles = (): readonly string[] => files

/** Adds the ops of modules, once and before any pipeline is read; all or none. */
export const useOps = (more: readonly string[]): TE.TaskEither<Failure, void> =>
  pipe(
    withOpsOf(all, more),
    TE.chainIOK((whole) => () => {
      all.splice(0, all.length, ...[...whole].sort(compare))
      files.push(...more.map((file) => resolve(file)))
    }),
  )
