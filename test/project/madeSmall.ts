/** The shipped pipelines, made small: as they are in all but numbers. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type { Plan, Runnable } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import { isStage } from '../../src/dsl/registry'
import { type OpSpec, stageKind } from '../../src/dsl/spec'
import { SHAPE_CLASSES } from '../../src/io/shapes'
import { registry } from '../../src/ops/registry'
import { backboneSlot } from '../../src/ops/slots'
import { crossCheck } from '../../src/program/crossCheck'
import { designOf } from '../../src/program/design'
import { type Program, programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'

export const FOLDER = join(__dirname, '..', '..', 'pipelines')

export const NAMES: readonly string[] = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''))

/** The text of one, without the weights that it would start from: their files are those of runs. */
export const textOf = (name: string): string =>
  readFileSync(join(FOLDER, `${name}.yaml`), 'utf8').replace(/^ {2}- initialWeights.*\n/m, '')

/** The pipeline in a text, with some values set; whatever is wrong with it is thrown. */
export const planIn = (text: string, overrides: readonly string[]): Plan<Runnable> => {
  const read = readPlan(registry, 'pipeline.yaml', text, overrides, crossCheck(registry))
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
  return read.right.plan as Plan<Runnable>
}

/** The backbone of a pipeline, whichever it is. */
const backboneIn = (text: string): OpSpec =>
  [...text.matchAll(/^ {2}- (\w+)/gm)]
    .map(([, name]) => registry.find(stageKind, name!))
    .find((spec) => spec !== undefined && isStage(spec) && spec.slot.name === backboneSlot.name)!

/** What makes the networks of a pipeline small: one or two blocks, few features, a batch of 2. The views keep their sizes. */
export const smallNetworks = (text: string): readonly string[] => {
  const { name, fields } = backboneIn(text)
  // In four stages, as a Swin transformer, or in one.
  const size = 'depths' in fields ? ['depths=[1, 1, 2, 1]', 'width=6', 'heads=[1, 2, 3, 4]'] : ['depth=2', 'width=12', 'heads=2']
  return [
    ...size.map((one) => `${name}.${one}`),
    'train.batch=2',
    ...(text.includes('local:') ? ['views.local.0.times=1'] : []),
    ...(text.includes('projectionHead')
      ? ['projectionHead.output={ shared: 24 }', 'projectionHead.hidden=16', 'projectionHead.bottleneck=8']
      : []),
    ...(text.includes('classifier') ? [`classifier.classes=${SHAPE_CLASSES.length}`] : []),
    ...(text.includes('hidden: 2048') ? ['classifier.hidden=16'] : []),
  ]
}

/** What gives a pipeline other data than its own, and so few pictures that a run has two steps and needs no threads. */
export const smallData = (text: string): readonly string[] => {
  const channels = /fashionMnist|\bmnist:/.test(text) ? 1 : 3
  const shapes = (seed: number) => `{ shapes: { count: 4, size: 32, channels: ${channels}, seed: ${seed} } }`
  return [
    `dataset=${shapes(0)}`,
    ...(text.includes('knn:') ? [`knn.test=${shapes(1)}`, 'knn.k=1'] : []),
    ...(text.includes('classification:') ? [`classification.test=${shapes(1)}`] : []),
    ...(text.includes('linearProbe:') ? [`linearProbe.test=${shapes(1)}`, 'linearProbe.epochs=2'] : []),
    'train.workers=0',
    text.includes('steps: ') && !text.includes('epochs: ') ? 'train.steps=2' : 'train.epochs=1',
  ]
}

/** What makes views of 224 and 96 pixels views of 32 and 16: as few patches as there can be, in two stages of a Swin transformer. */
export const smallViews = (text: string): readonly string[] => {
  const sides = (kind: 'global' | 'local', from: number, to: number) =>
    [...text.matchAll(new RegExp(`randomResizedCrop: \\{ size: ${from},`, 'g'))].map(
      (_, i) => `views.${kind}.${i}.augment.0.randomResizedCrop.size=${to}`,
    )
  const { name, fields } = backboneIn(text)
  const stages = 'depths' in fields ? ['depths=[1, 1]', 'heads=[1, 2]'].map((one) => `${name}.${one}`) : []
  return [...stages, ...sides('global', 224, 32), ...sides('local', 96, 16)]
}

/** The program of a pipeline with small networks, for a few pictures. */
export const madeSmall = (name: string): Program => {
  const text = textOf(name)
  const channels = /fashionMnist|\bmnist:/.test(text) ? 1 : 3
  const design = designOf(registry, planIn(text, smallNetworks(text)))
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  const span = spanOf(design.right, { count: 4, channels })
  if (E.isLeft(span)) throw new Error(JSON.stringify(span.left))
  return programOf(design.right, span.right, channels)
}
