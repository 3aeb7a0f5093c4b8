/**
 * For which share of a run of the recipe of ViT-S/16 its steps wait for their batches: threads make 2 views of 224 and 10 of 96 of
 * pictures that lie in memory.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { random } from '../../src/base/random'
import { serialize } from '../../src/io/idx'
import { waited } from '../waited'
import { ran } from './runs'
import type { Try } from './try'

const [PICTURES, SIDE] = [128, 256]
const [BATCH, STEPS] = [64, 30]
/** A small network on two pictures a step. */
const SMALL = ['pipeline[3]=vit: { patch: 16, width: 32, depth: 1, heads: 2 }', 'train.batch=2', 'train.steps=3']

const noise = (length: number): Uint8Array => {
  const draw = random(0, 'pictures')
  return Uint8Array.from({ length }, () => 256 * draw.uniform())
}

export const dataWait: Try = {
  name: 'data',
  doc: 'pipelines/ibot-vit-s.yaml, 64 pictures of 256 a step: how long its steps wait for their batches',
  limit: 120,
  run: async (context, tell) => {
    const { kit, small, folder } = context
    const images = join(folder, 'pictures.idx')
    const shape = [PICTURES, SIDE, SIDE, 3]
    await writeFile(images, serialize({ shape, data: noise(PICTURES * SIDE * SIDE * 3) }))
    const changes = [`dataset=idx: ${JSON.stringify({ images })}`, 'train.devices=1']
    const sizes = small ? SMALL : [`train.batch=${BATCH}`, `train.steps=${STEPS}`]
    const file = join(kit, 'pipelines', 'ibot-vit-s.yaml')
    const { run, summary } = await ran(context, 'data', file, [...changes, ...sizes], ['knn', 'checkpoint'])
    const share = waited(await readFile(join(run, 'metrics.jsonl'), 'utf8'))
    tell({ steps: summary.steps, imagesPerSecond: summary.imagesPerSecond, waitedForData: `${share.toFixed(2)} %` })
  },
}
