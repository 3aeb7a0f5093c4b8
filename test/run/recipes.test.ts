/** The paper's recipes, made small: each takes a step, and one runs from pictures to its last probe. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { Plan } from '../../src/dsl/plan'
import { stepOperations } from '../../src/engine/record/stepOperations'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { type Program, programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'
import { folder, start } from '../cli/ibot'
import { testEngine, withoutTensorFlow } from '../engine'
import { batchFor } from '../program/small'
import { FOLDER, planIn, smallNetworks, textOf } from '../project/madeSmall'

const programFor = (plan: Plan): Program => {
  const design = designOf(registry, plan)
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  const span = spanOf(design.right, { count: 4, channels: 3 })
  if (E.isLeft(span)) throw new Error(JSON.stringify(span.left))
  return programOf(design.right, span.right, 3)
}

const madeSmall = (name: string): Plan => planIn(textOf(name), smallNetworks(textOf(name)))

// The others differ from ibot-vit-s in numbers only.
const KINDS = [
  'eval/fine-tuning-vit-s',
  'eval/fine-tuning-swin-t',
  'eval/semi-supervised-1',
  'eval/transfer-cifar10',
  'ibot-vit-s',
  'ibot-swin-t7',
  'ibot-swin-t14',
  'dino',
  'mim-only',
  'pixel-regression',
]
test.skipIf(withoutTensorFlow !== undefined).each(KINDS)('%s takes a step on the graph, made small', async (name) => {
  const program = programFor(madeSmall(name))
  const interpreter = await (await testEngine('tensorflow')).open(program, program.init(0))
  const before = await interpreter.read()
  const metrics = await interpreter.step(batchFor(program, name), { ...program.numbers(1), 'adamw.lr': 1e-3 })
  const after = await interpreter.read()
  interpreter.dispose()
  // Of pictures that are all mixed there is no accuracy.
  const unknown = Object.keys(metrics).filter((metric) => !Number.isFinite(metrics[metric]))
  expect(unknown.filter((metric) => !(name.startsWith('eval/') && metric === 'crossEntropy.accuracy'))).toEqual([])
  expect(
    Object.keys(after).filter((weight) => weight.startsWith('student.') && after[weight]!.join() !== before[weight]!.join())
      .length,
  ).toBeGreaterThan(20)
})

test('pixel-regression computes nothing of a teacher', () => {
  const operations = stepOperations(programFor(madeSmall('pixel-regression')))
  expect(operations.filter(({ name }) => /teacher/i.test(name))).toEqual([])
  expect(operations.filter(({ name }) => name.startsWith('student.')).length).toBeGreaterThan(20)
})

/** Two classes of two pictures each. */
const pictures = async (at: string): Promise<void> => {
  for (const [i, name] of ['a/1', 'a/2', 'b/1', 'b/2'].entries()) {
    mkdirSync(join(at, name.slice(0, 1)), { recursive: true })
    const background = { r: 60 * i, g: 200 - 40 * i, b: 90 }
    await sharp({ create: { width: 80, height: 60, channels: 3, background } })
      .png()
      .toFile(join(at, `${name}.png`))
  }
}

test('ibot-swin-t7 runs from a folder of pictures to its last probe, made small', async () => {
  const at = folder({})
  await pictures(join(at, 'data'))
  const sets = [
    ...smallNetworks(textOf('ibot-swin-t7')),
    'dataset.imageFolder=data',
    'knn.test.imageFolder=data',
    'knn.k=1',
    'train.epochs=1',
  ]
  const args = ['run', join(FOLDER, 'ibot-swin-t7.yaml'), '--out', 'run', ...sets.flatMap((one) => ['--set', one])]
  const { code, stderr } = await start(at, args)
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('knn after step 2')
}, 60_000)
