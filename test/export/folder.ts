/** Runs to export: folders with a pipeline and a checkpoint of random weights, of which none is what it began as. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { onTestFinished } from 'vitest'
import { random } from '../../src/base/random'
import { elements } from '../../src/base/shape'
import { type Plan, pipeline } from '../../src/dsl/plan'
import { toYaml } from '../../src/dsl/print'
import { type Exported, type ExportOptions, exportRun } from '../../src/export/export'
import {
  adamw,
  block,
  classifier,
  clsDistillation,
  crossEntropy,
  dataset,
  emaTeacher,
  maskedImageModeling,
  masking,
  pixelReconstruction,
  projectionHead,
  randomResizedCrop,
  shapes,
  shared,
  swin,
  train,
  views,
  vit,
} from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { programOf } from '../../src/program/program'
import { saveCheckpoint } from '../../src/store/checkpoint'
import { checkpointPath } from '../../src/store/checkpoints'
import { runFolder } from '../../src/store/folder'

type Vit = Parameters<typeof vit>[0]

/** A new folder, removed when the test has finished. */
export const emptyFolder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'ibot-export-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const seen = pipe(
  pipeline('small'),
  dataset(shapes({ count: 8, size: 32 })),
  views({ global: [{ times: 2, augment: randomResizedCrop({ size: 32 }) }] }),
  masking(block({ ratio: 0.4 })),
)
const ending = [adamw({ lr: 1e-3 }), train({ batch: 4, steps: 6 })] as const

/** A run with images of 32 × 32 pixels. */
export const runOf = (backbone: ReturnType<typeof vit>): Promise<string> => {
  const plan = pipe(
    seen,
    backbone,
    projectionHead({ output: shared(10), hidden: 14, bottleneck: 6, norm: 'batch' }),
    emaTeacher(0.9),
    clsDistillation(),
    maskedImageModeling(),
    ...ending,
  )
  return runFrom(plan)
}

/** The same without a head and a teacher. */
export const runWithoutTeacher = (backbone: ReturnType<typeof vit>): Promise<string> =>
  runFrom(pipe(seen, backbone, pixelReconstruction(), ...ending))

/** Fine-tuned, with a classifier of five classes. */
export const runWithClassifier = (
  backbone: ReturnType<typeof vit>,
  options: Partial<Parameters<typeof classifier>[0]> = {},
): Promise<string> =>
  runFrom(
    pipe(
      pipeline('fine'),
      dataset(shapes({ count: 8, size: 32 })),
      views({ global: [{ augment: randomResizedCrop({ size: 32 }) }] }),
      backbone,
      classifier({ classes: 5, ...options }),
      crossEntropy(),
      ...ending,
    ),
  )

const runFrom = async (plan: Plan): Promise<string> => {
  const design = designOf(registry, plan)
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  const { state: specs } = programOf(design.right, { batch: 4, stepsPerEpoch: 2, steps: 6 }, 3)
  const state = Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const draw = random('export', name)
      // A variance is positive.
      const value = name.endsWith('running_var') ? () => 0.5 + draw.uniform() : () => 0.4 * draw.normal()
      return [name, Float32Array.from({ length: elements(shape) }, value)]
    }),
  )
  const folder = runFolder(emptyFolder())
  mkdirSync(folder.checkpoints)
  writeFileSync(folder.resolved, toYaml(design.right.plan))
  const saved = await saveCheckpoint(checkpointPath(folder.checkpoints, 6), specs, {
    state,
    progress: { step: 6, probes: {} },
  })()
  if (E.isLeft(saved)) throw new Error(JSON.stringify(saved.left))
  return folder.path
}

/** Two blocks of width 24, patches of 8 × 8 pixels; some of it may be otherwise. */
export const runWith = (backbone: Partial<Vit> = {}): Promise<string> =>
  runOf(vit({ patch: 8, width: 24, depth: 2, heads: 3, ...backbone }))

/** Two stages; in the first one, windows are shifted. */
export const runWithSwin = (): Promise<string> => runOf(swin({ patch: 4, width: 12, depths: [2, 2], heads: [2, 4], window: 4 }))

/** What an export comes to; a failure is its message. */
export const exported = async (
  run: string,
  to: ExportOptions['to'],
  options: Partial<ExportOptions> = {},
): Promise<Exported | string> => {
  const result = await exportRun(registry, run, {
    to,
    withHead: false,
    download: false,
    tell: () => undefined,
    ...options,
  })()
  if (E.isRight(result)) return result.right
  const failure = result.left
  if (failure._tag === 'Defect') throw failure.error
  return failure._tag === 'Rejected' ? failure.problems.map(({ message }) => message).join('\n') : failure.message
}

/** What an export comes to that must succeed. */
export const done = async (...args: Parameters<typeof exported>): Promise<Exported> => {
  const result = await exported(...args)
  if (typeof result === 'string') throw new Error(result)
  return result
}

/** What is exported to formats of graphs: a name, the backbone, and options. */
export const NETWORKS_TO_TRY = [
  ['a plain one', {}, {}],
  ['LayerScale, mean pooling, no bias of the queries, keys and values', { layerScale: 0.3, pooling: 'mean', qkvBias: false }, {}],
  ['positions for larger images, another scale', { imageSize: 48, qkScale: 0.3 }, {}],
  ['a student with its head', {}, { network: 'student', withHead: true }],
] as const
