/** The pipeline of a setup: the recipe of the official code, its masks included. Its pictures are never read. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import { readPlan } from '../../src/dsl/read'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { type Opened, openPlan } from '../../src/program/openPlan'
import type { StepSetup } from '../setup'

const views = (times: number, size: number): string => `[{ times: ${times}, augment: { randomResizedCrop: { size: ${size} } } }]`

/** A batch, and into what it is divided. */
const batchText = ({ batch, microBatch }: Pick<StepSetup, 'batch' | 'microBatch'>): string =>
  `batch: ${batch}${microBatch === undefined ? '' : `, microBatch: ${microBatch}`}`

export const pipelineText = ({
  model,
  globals,
  locals,
  precision,
  devices = 1,
  norm = 'none',
  ...training
}: StepSetup): string => `name: bench
pipeline:
  - dataset: { shapes: { count: ${1250 * training.batch}, size: 8 } }
  - views: { global: ${views(globals, model.size)}, local: ${locals === 0 ? '[]' : views(locals, model.localSize)} }
  - masking: { mixture: [none, block: { ratio: [0.1, 0.5] }] }
  - vit: { patch: ${model.patch}, width: ${model.width}, depth: ${model.depth}, heads: ${model.heads}, dropPath: ${model.dropPath} }
  - projectionHead: { output: { shared: ${model.prototypes} }, hidden: ${model.hidden}, bottleneck: ${model.bottleneck}, norm: ${norm} }
  - emaTeacher: { momentum: { cosine: { from: 0.996, to: 1 } } }
  - clsDistillation: { target: [center: 0.9, sharpen: 0.04] }
  - maskedImageModeling: { target: [center: 0.9, sharpen: 0.04] }
  - adamw:
      lr: { cosine: { from: { scaledByBatch: 5e-4 }, to: 1e-6 } }
      weightDecay: { cosine: { from: 0.04, to: 0.4 } }
      clip: 3
      freezeLastLayer: 0 steps
  - train: { ${batchText(training)}, epochs: 100, precision: ${precision}, devices: ${devices} }
`

const PIPELINES = join(__dirname, '..', '..', 'pipelines')

/** A recipe's text, and what is set in it: pictures that are never read, and last layers that move from the beginning. */
const recipeText = (
  name: string,
  { batch, precision, devices = 1 }: StepSetup,
): readonly [text: string, overrides: readonly string[]] => {
  const text = readFileSync(join(PIPELINES, `${name}.yaml`), 'utf8')
  const shapes = `{ shapes: { count: ${1250 * batch}, size: 8 } }`
  const training = [`train.batch=${batch}`, `train.precision=${precision}`, `train.devices=${devices}`]
  const always = [`dataset=${shapes}`, ...training, 'adamw.freezeLastLayer=0 steps']
  return [text, text.includes('- knn:') ? [...always, `knn.test=${shapes}`] : always]
}

/** A pipeline from its text, opened as `ibot run` opens one. */
export const openedText = async (text: string, overrides: readonly string[] = []): Promise<Opened> => {
  const read = readPlan(registry, 'bench.yaml', text, overrides, crossCheck(registry))
  if (E.isLeft(read)) throw new Error(failureText({ _tag: 'Rejected', problems: read.left }))
  const result = await openPlan(read.right.plan)()
  if (E.isLeft(result)) throw new Error(failureText(result.left))
  return result.right
}

/** The setup's pipeline, opened. */
export const opened = (setup: StepSetup): Promise<Opened> =>
  setup.recipe === undefined ? openedText(pipelineText(setup)) : openedText(...recipeText(setup.recipe, setup))
