/** For which share of a run its steps wait for their batches. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { augmentPipeline } from '../augmentSetup'
import type { Benchmark } from '../benchmark'
import { median, repeat } from '../compare'
import { withPictures } from '../pictures'
import { ibotRun, stepsGiven } from '../programs/ibot'
import { MODELS, RECIPE } from '../setup'
import { waited } from '../waited'

const ROUNDS = 1
const QUICK_STEPS = 500
const VIT_STEPS = 12
const PICTURES = 64

const share = async (file: string, options: readonly string[]): Promise<number> =>
  (await ibotRun(file, options, async (run) => waited(await readFile(join(run, 'metrics.jsonl'), 'utf8')))).found

const outcome = async (name: string, rounds: number, measure: () => Promise<number>) => [
  { name, ratio: null, ours: median(await repeat(measure, rounds)), theirs: null, unit: '% of the time', rounds },
]

const fashionMnist: Benchmark = {
  name: 'data-wait-fashion-mnist',
  doc: 'share of pipelines/fashion-mnist.yaml during which steps wait for their batches',
  run: ({ rounds = ROUNDS, steps = QUICK_STEPS, backend }) =>
    outcome('data-wait-fashion-mnist', rounds, () =>
      share('pipelines/fashion-mnist.yaml', ['--backend', backend, ...stepsGiven(steps)]),
    ),
}

/** The views of `augment` with the network of `step-fp32`. */
const vitPipeline = (folder: string, steps: number, small: boolean): string => {
  const { patch, width, depth, heads, prototypes } = small ? { ...MODELS.small, patch: 16 } : RECIPE.model
  return augmentPipeline({ folder, count: RECIPE.batch, locals: 0 })
    .replace(/vit: .*/, `vit: { patch: ${patch}, width: ${width}, depth: ${depth}, heads: ${heads} }`)
    .replace(/projectionHead: .*/, `projectionHead: { output: { shared: ${prototypes} } }`)
    .replace(/train: .*/, `train: { batch: ${RECIPE.batch}, steps: ${steps} }`)
}

const vit: Benchmark = {
  name: 'data-wait-vit-s',
  doc: 'the same of ViT-S/16 from JPEG files, 8 pictures of 2 views a step',
  run: ({ rounds = ROUNDS, steps = VIT_STEPS, small, backend }) =>
    withPictures(PICTURES, async (folder) => {
      const file = join(folder, 'pipeline.yaml')
      await writeFile(file, vitPipeline(folder, steps, small))
      return outcome('data-wait-vit-s', rounds, () => share(file, ['--backend', backend]))
    }),
}

export const DATA_WAITS: readonly Benchmark[] = [fashionMnist, vit]
