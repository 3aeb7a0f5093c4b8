/** Our side of a comparison, with the smallest model. */
import { expect, test } from 'vitest'
import { recipeSetup } from '../../bench/benchmarks/recipes'
import { features, withFeatures } from '../../bench/knnSetup'
import { batches } from '../../bench/ours/batch'
import { opened, pipelineText } from '../../bench/ours/pipeline'
import { using } from '../../bench/programs/child'
import { ourLinear, ourLogistic, ourLowering, ourProbe, ourSteps } from '../../bench/programs/ours'
import { theirKnn, theirLinear, theirLogistic, theirSteps } from '../../bench/programs/theirs'
import { MODELS, RECIPE } from '../../bench/setup'
import { PLUGIN, withoutPlugin } from '../xla/plugin'

const speck = { ...RECIPE, model: MODELS.speck, locals: 2, batch: 2 }

test.each(Object.entries(MODELS))('the pipeline of %s is well-formed and has the shapes of its setup', async (_, model) => {
  const setup = { ...RECIPE, model, locals: 10 }
  const { program, span } = await opened(setup)
  const tokens = 1 + (model.size / model.patch) ** 2
  expect(span.batch).toBe(8)
  expect(program.batch.global).toEqual([16, model.size, model.size, 3])
  expect(program.batch.local).toEqual([[80, model.localSize, model.localSize, 3]])
  expect(program.state['student.backbone.pos_embed']!.shape).toEqual([1, tokens, model.width])
  expect(program.state['student.head.last_layer.weight_v']!.shape).toEqual([model.prototypes, model.bottleneck])
})

test.each([
  ['ibot-vit-s', 196, 10],
  ['ibot-swin-t14', 49, 10],
  ['mim-only', 196, 0],
])('the recipe %s is opened with two pictures a step, and hides patches', async (name, cells, locals) => {
  const ours = await opened(recipeSetup(name))
  const { batch } = ours.program
  expect(batch.global).toEqual([4, 224, 224, 3])
  expect(batch.local).toEqual(locals === 0 ? [] : [[2 * locals, 96, 96, 3]])
  expect(batch.mask).toEqual([4, cells])
  const hidden = Array.from({ length: 20 }, (_, step) => batches(ours)(step).mask!).some((mask) => mask.includes(1))
  expect(hidden).toBe(true)
})

test("a recipe's arguments go to the official code by their names", () => {
  const { model, arguments: given } = recipeSetup('ibot-swin-t14')
  expect(model).toMatchObject({ arch: 'swin_tiny', patch: 4, prototypes: 8192, size: 224 })
  expect(given).toMatchObject({ window_size: [14], pred_ratio: [0, 0.3], pred_start_epoch: [50], local_crops_number: [10] })
  expect(Object.keys(given!)).not.toContain('batch_size_per_gpu')
})

test('the pipeline has the official recipe', () => {
  const text = pipelineText(RECIPE)
  for (const part of ['block: { ratio: [0.1, 0.5] }', 'dropPath: 0.1', 'shared: 8192', 'clip: 3', 'freezeLastLayer: 0 steps'])
    expect(text).toContain(part)
})

test('masks are drawn anew at every step; half of the views are whole, in the others 10 to 50 % are hidden', async () => {
  const ours = await opened({ ...RECIPE, model: MODELS['vit-s'], batch: 1 })
  const batchOf = batches(ours)
  expect(batchOf(0).mask).toEqual(batchOf(0).mask)
  expect(batchOf(0).global).toBe(batchOf(1).global)
  const shares = Array.from({ length: 200 }, (_, step) => batchOf(step).mask!).flatMap((mask) =>
    [mask.subarray(0, 196), mask.subarray(196)].map((view) => view.reduce((sum, one) => sum + one) / 196),
  )
  const hidden = shares.filter((share) => share > 0)
  expect(hidden.length / shares.length).toBeGreaterThan(0.4)
  expect(hidden.length / shares.length).toBeLessThan(0.6)
  expect(Math.max(...hidden)).toBeLessThanOrEqual(0.5)
  expect(new Set(hidden).size).toBeGreaterThan(20)
})

test('the program takes steps and tells its memory', async () => {
  await using([ourSteps({ ...speck, backend: 'cpu', variant: 'default' })], async ([program]) => {
    const [first, second] = [await program!.ask('step'), await program!.ask('step')]
    for (const answer of [first, second]) expect(answer!.seconds).toBeGreaterThan(0)
    expect(first!.loss).toBeGreaterThan(0)
    expect(second!.loss).not.toBe(first!.loss)
    const before = await program!.ask('memory')
    await program!.ask('step')
    const after = await program!.ask('memory')
    expect(before.peak).toBeGreaterThanOrEqual(before.resident!)
    expect(after.tensors).toBe(before.tensors)
    await expect(program!.ask('dance')).rejects.toThrow("unknown command 'dance'")
  })
})

test('features are of unit length, and the same for the same seed', () => {
  const { values, labels } = features(6, 8, 3, 2)
  expect([...labels]).toEqual([0, 1, 2, 0, 1, 2])
  for (let row = 0; row < 6; row++) expect(Math.hypot(...values.subarray(row * 8, row * 8 + 8))).toBeCloseTo(1, 5)
  expect(features(6, 8, 3, 2).values).toEqual(values)
  expect(features(6, 8, 3, 3).values).not.toEqual(values)
})

test('what theirs needs is named by the environment, and said where it is missing', () => {
  const setup = { ...speck, compile: false }
  const knn = { width: 8, classes: 3, k: 2, temperature: 0.07, threads: 1 }
  const none = theirSteps(setup, {})
  expect(none).toMatchObject({ left: expect.stringMatching(/IBOT_PYTHON is not set.*IBOT_OFFICIAL is not set/) })
  expect(theirSteps(setup, { IBOT_PYTHON: process.execPath, IBOT_OFFICIAL: __dirname })).toMatchObject({
    left: expect.stringContaining('it has no main_ibot.py'),
  })
  expect(theirKnn(knn, {})).toMatchObject({ left: expect.stringContaining('numpy') })
  expect(theirKnn(knn, { IBOT_PYTHON: '/no/such/python' })).toMatchObject({ left: expect.stringContaining("isn't there") })
  const fitting = { folder: '', width: 8, classes: 3, threads: 1 }
  expect(theirLinear({ ...fitting, rates: [0.1], batch: 4, epochs: 2 }, {})).toMatchObject({
    left: expect.stringContaining('torch'),
  })
  expect(theirLogistic({ ...fitting, strengths: [1], iterations: 9, tolerance: 1e-4 }, {})).toMatchObject({
    left: expect.stringContaining('scikit-learn'),
  })
  expect(theirKnn(knn, { IBOT_PYTHON: process.execPath })).toMatchObject({
    right: { file: process.execPath, env: { OMP_NUM_THREADS: '1' } },
  })
})

test('the linear probe and the logistic regression answer what they are asked', async () => {
  const fitting = { width: 8, classes: 3, threads: 1, backend: 'cpu' as const }
  await withFeatures({ bank: 40, queries: 20, width: 8, classes: 3 }, (folder) =>
    using(
      [
        ourLinear({ ...fitting, folder, rates: [0.1, 1], batch: 16, epochs: 2 }),
        ourLogistic({ ...fitting, folder, strengths: [1], iterations: 9, tolerance: 1e-4 }),
      ],
      async ([linear, logistic]) => {
        expect(await linear!.ask('step')).toEqual({ seconds: expect.any(Number) })
        expect((await linear!.ask('accuracy')).accuracy).toBeGreaterThan(30)
        expect(await logistic!.ask('step')).toMatchObject({ 'value 1': expect.any(Number), 'iterations 1': expect.any(Number) })
      },
    ),
  )
}, 60_000)

test.skipIf(process.platform !== 'linux')(
  'a probe is measured with its memory beyond the features',
  async () => {
    const size = { rows: 40, tests: 20, width: 8, classes: 3, threads: 1, backend: 'cpu' as const }
    const pictures = '{ shapes: { count: 100, size: 8 } }'
    for (const stage of [`knn: { test: ${pictures}, k: 5 }`, `clustering: { images: ${pictures}, starts: 2 }`])
      await using([ourProbe({ ...size, stage })], async ([program]) => {
        const { seconds, extra } = await program!.ask('step')
        expect(seconds).toBeGreaterThan(0)
        expect(extra).toBeLessThan(2 ** 30)
      })
  },
  60_000,
)

test.skipIf(withoutPlugin)('XLA makes steps, and two of its devices share them', async () => {
  const env = { IBOT_XLA_PLUGIN: process.env[PLUGIN]! }
  for (const devices of [1, 2]) {
    const command = ourSteps({ ...speck, devices, backend: 'xla', variant: 'default' })
    await using([{ ...command, env }], async ([program]) => {
      expect((await program!.ask('step')).seconds).toBeGreaterThan(0)
    })
  }
})

test("the text of XLA's program is written whenever it is asked for", () =>
  using([ourLowering(speck)], async ([program]) => {
    expect(program!.ready.megabytes).toBeGreaterThan(0.1)
    expect(await program!.ask('step')).toEqual({ seconds: expect.any(Number), megabytes: program!.ready.megabytes })
  }))
