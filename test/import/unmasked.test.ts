/** A run of the official code whose masks hide nothing learns the same with and without its loss on hidden patches. */
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { OFFICIAL_DEFAULTS, type OfficialArgs } from '../../src/import/officialArgs'
import { recipeOf } from '../../src/import/recipe'
import type { Sizes } from '../../src/import/sizesOf'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'
import { testEngine } from '../engine'
import { batchFor } from '../program/small'

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

/** 2 × 2 patches of a global view. */
const SIZES: Sizes = {
  channels: 3,
  backbone: {
    ...{ family: 'vit', patch: 112, width: 12, depth: 1, heads: 3, mlpRatio: 2, qkvBias: false },
    ...{ layerScale: false, registers: 0, pooling: 'cls', imageSize: 224 },
  },
  head: { layers: 2, hidden: 8, bottleneck: 4, cls: 6, patch: 6, norm: 'none' },
  remarks: [],
}

const STEPS = 3

/** The state after some steps in which no patch is hidden. */
const trained = async (args: Partial<OfficialArgs>) => {
  const all = {
    ...OFFICIAL_DEFAULTS,
    ...args,
    batch_size_per_gpu: 2,
    drop_path: 0,
    warmup_epochs: 0,
    lr: 0.1,
    pred_shape: 'rand',
  }
  const design = right(designOf(registry, right(recipeOf(all, SIZES, { name: 'unmasked' }))))
  const program = programOf(design, right(spanOf(design, { count: 2, channels: 3 })), 3)
  const interpreter = await (await testEngine('cpu')).open(program, program.init(5))
  for (let step = 0; step < STEPS; step++) {
    const batch = batchFor(program, step)
    await interpreter.step({ ...batch, mask: batch.mask && new Float32Array(batch.mask.length) }, program.numbers(step))
  }
  const state = await interpreter.read()
  interpreter.dispose()
  return { state, losses: design.losses.map(({ name }) => name) }
}

test.each([true, false])('weights, moments, teacher and centre are the same; shared heads: %s', async (shared_head) => {
  const official = await trained({ pred_ratio: 0.5, shared_head, shared_head_teacher: shared_head })
  const imported = await trained({ pred_ratio: 0, shared_head, shared_head_teacher: shared_head })
  expect(official.losses).toEqual(['clsDistillation', 'maskedImageModeling'])
  expect(imported.losses).toEqual(['clsDistillation'])
  const { 'ibot_loss.center2': center, ...others } = official.state
  expect(center).toBeDefined()
  expect(Object.keys(imported.state)).toEqual(Object.keys(others))
  // The last layer of patches has no other use than that loss.
  const used = Object.keys(others).filter((name) => !name.includes('last_layer2'))
  for (const name of used)
    expect([name, ...imported.state[name]!]).toEqual([name, ...Array.from(others[name]!, (value) => expect.closeTo(value, 6))])
})
