/** The paper's recipes, made small: each takes a step, and one runs from pictures to its last probe. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { stepOperations } from '../../src/engine/record/stepOperations'
import { folder, start } from '../cli/ibot'
import { testEngine, withoutTensorFlow } from '../engine'
import { batchFor } from '../program/small'
import { FOLDER, madeSmall, smallNetworks, textOf } from '../project/madeSmall'

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
  const program = madeSmall(name)
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
  const operations = stepOperations(madeSmall('pixel-regression'))
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
