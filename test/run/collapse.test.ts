/** Pipelines that were spoilt in one place: each raises the alarm that names it, within 200 steps; sound ones raise none. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitCode } from '../../src/base/failure'
import type { Plan, Runnable } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import type { Alarm } from '../../src/run/alarms'
import { runPlan } from '../../src/run/run'
import { withoutTensorFlow } from '../engine'

const backend = withoutTensorFlow === undefined ? 'tensorflow' : 'wasm'
/** All alarms are to be raised by then. */
const SOON = 200

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-collapse-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Small, and it learns: shapes are told apart after some hundred steps. */
const SMALL = `name: small
pipeline:
  - dataset: { shapes: { count: 512, size: 16, channels: 1 } }
  - views:
      global: [{ times: 2, augment: [randomResizedCrop: { size: 16, scale: [0.4, 1] }, horizontalFlip: { p: 0.5 }] }]
      normalize: { mean: [0.5], std: [0.25] }
  - masking: { mixture: [none, block: { ratio: [0.1, 0.5] }] }
  - vit: { patch: 4, width: 32, depth: 1, heads: 2 }
  - projectionHead: { output: { shared: 64 }, hidden: 64, bottleneck: 16 }
  - emaTeacher: { momentum: { cosine: { from: 0.98, to: 1 } } }
  - clsDistillation: { target: [center: 0.9, sharpen: 0.04] }
  - maskedImageModeling: { target: [center: 0.9, sharpen: 0.04] }
  - adamw:
      lr: { piecewise: [linear: { from: 0, to: 1e-3, for: 40 steps }, cosine: { from: 1e-3, to: 1e-5 }] }
      freezeLastLayer: 10 steps
  - train: { batch: 32, steps: 1000, workers: 0 }
`

const planOf = (file: string, text: string, set: readonly string[]): Plan<Runnable> => {
  const read = readPlan(registry, file, text, set, crossCheck(registry))
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
  return read.right.plan as Plan<Runnable>
}

let runs = 0
/** The alarms of the first steps of a run, which ends with the first of them or after so many steps. */
const alarmsOf = async (plan: Plan<Runnable>, steps: number): Promise<readonly Alarm[]> => {
  const controller = new AbortController()
  const alarms: Alarm[] = []
  const result = await runPlan(plan, {
    out: join(root, `run-${runs++}`),
    backend,
    download: false,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.event === 'alarm') alarms.push(event)
      if (event.event === 'alarm' || (event.event === 'step' && event.step === steps)) controller.abort('SIGINT')
    },
  })()
  if (E.isRight(result) || result.left._tag !== 'Stopped') throw new Error(JSON.stringify(result))
  return alarms
}
const both = (target: string): readonly string[] => [`clsDistillation.target=${target}`, `maskedImageModeling.target=${target}`]
const lr = (value: number): readonly string[] => [
  `adamw.lr.piecewise.0.linear.to=${value}`,
  `adamw.lr.piecewise.1.cosine.from=${value}`,
]

test.each([
  ['no centring', both('[sharpen: 0.04]'), 'oneHotOutputs'],
  ['temperature 1', both('[center: 0.9, sharpen: 1]'), 'uniformOutputs'],
  ['centre momentum 0', both('[center: 0, sharpen: 0.04]'), 'forgetfulCenter'],
  ['centre momentum 1', both('[center: 1, sharpen: 0.04]'), 'deadCenter'],
  ['learning rate × 100', lr(0.1), 'diverging'],
  ['teacher momentum 0', ['emaTeacher.momentum=0'], 'copiedTeacher'],
  ['teacher momentum 1', ['emaTeacher.momentum=1'], 'frozenTeacher'],
  [
    'one mask in a million',
    ['masking={ mixture: { masks: [none, block: { ratio: 0.5 }], weights: [1e6, 1] } }'],
    'nothingMasked',
  ],
] as const)('%s is noticed', async (_, set, alarm) => {
  const raised = await alarmsOf(planOf('small.yaml', SMALL, set), SOON)
  expect(raised.map((one) => one.alarm)).toEqual([alarm])
})

/** Pictures in the format of MNIST. */
const idx = (name: string, pixel: (picture: number, at: number) => number): string => {
  const [count, side] = [64, 16]
  const header = [0, 0, 8, 3, ...[count, side, side].flatMap((n) => [0, 0, n >> 8, n & 255])]
  const pixels = Array.from({ length: count * side ** 2 }, (_, i) => pixel(Math.floor(i / side ** 2), i % side ** 2))
  const path = join(root, name)
  writeFileSync(path, Uint8Array.from([...header, ...pixels]))
  return path
}

test.each([
  ['black', () => 0],
  ['each of one shade', (picture: number) => 4 * picture],
] as const)('pictures that are %s are noticed', async (name, pixel) => {
  const images = idx(`${name}.idx`, pixel)
  const raised = await alarmsOf(planOf('small.yaml', SMALL, [`dataset={ idx: { images: '${images}' } }`]), SOON)
  expect(raised.map((one) => one.alarm)).toEqual(['constantInputs'])
})

test('the same pipeline unspoilt raises none', async () => {
  expect(await alarmsOf(planOf('small.yaml', SMALL, []), SOON)).toEqual([])
})

const FOLDER = join(__dirname, '..', '..', 'pipelines')
const shipped = [
  ['quickstart.yaml', 3],
  ['fashion-mnist.yaml', 1],
  ['mnist.yaml', 1],
  ['fashion-mnist-official.yaml', 1],
] as const
test.each(shipped)('%s raises none, with smaller batches of other pictures', async (file, channels) => {
  const set = [`dataset={ shapes: { count: 512, size: 28, channels: ${channels} } }`, 'train.batch=16', 'train.workers=0']
  const plan = planOf(file, readFileSync(join(FOLDER, file), 'utf8'), set)
  // Its probe needs the labels of its own pictures.
  const pipeline = plan.pipeline.filter((op) => !(typeof op === 'object' && 'knn' in op))
  expect(await alarmsOf({ ...plan, pipeline } as Plan<Runnable>, 60)).toEqual([])
})

test('pixel-regression.yaml raises none, made small', async () => {
  const sets = [
    ...['depth=2', 'width=24', 'heads=2', 'patch=8'].map((one) => `vitBase.${one}`),
    ...['batch=8', 'epochs=5', 'precision=float32', 'workers=0'].map((one) => `train.${one}`),
    'dataset.source={ shapes: { count: 96, size: 32 } }',
    'views.global.0.augment.0.randomResizedCrop.size=32',
    'adamw.lr=1e-3',
    'knn.test={ shapes: { count: 24, size: 32, seed: 1 } }',
    'knn.k=3',
  ]
  const plan = planOf('pixel-regression.yaml', readFileSync(join(FOLDER, 'pixel-regression.yaml'), 'utf8'), sets)
  const metrics: Readonly<Record<string, number>>[] = []
  const result = await runPlan(plan, {
    out: join(root, 'pixels'),
    backend,
    download: false,
    onEvent: (event) => event.event === 'step' && metrics.push({ loss: event.loss, ...event.monitors }),
  })()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  expect(result.right).toMatchObject({ steps: 60, alarms: [], probes: { knn: { before: { accuracy: expect.any(Number) } } } })
  expect(metrics.at(-1)!.loss).toBeLessThan(0.95 * metrics[0]!.loss!)
  expect(metrics[49]!.featureRank).toBeGreaterThan(1)
  expect(Object.keys(metrics[49]!).filter((name) => /teacher/i.test(name))).toEqual([])
})

test('with onCollapse: stop the run ends with 4, saved and with a line in alarms.jsonl', async () => {
  const out = join(root, 'stopped')
  const plan = planOf('small.yaml', SMALL, ['emaTeacher.momentum=1', 'train.onCollapse=stop'])
  const result = await runPlan(plan, { out, backend, download: false })()
  if (E.isRight(result)) throw new Error('it went on')
  expect(result.left).toEqual({
    _tag: 'Diverged',
    message: 'after step 31 the teacher has never moved while the student did: its momentum is 1',
    remedy: `Let it follow: 'emaTeacher: { momentum: { cosine: { from: 0.996, to: 1 } } }'. The run in ${out} is saved; it stopped because of 'onCollapse: stop'.`,
  })
  expect(exitCode(result.left)).toBe(4)
  expect(readdirSync(join(out, 'checkpoints'))).toEqual(['step-00000031.safetensors'])
  const lines = readFileSync(join(out, 'alarms.jsonl'), 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ alarm: 'frozenTeacher', step: 31 }])
})

test('by default the run goes on, and its summary names the alarm', async () => {
  const plan = planOf('small.yaml', SMALL, ['emaTeacher.momentum=1', 'train.steps=35', 'adamw.lr=1e-3'])
  const result = await runPlan(plan, { out: join(root, 'warned'), backend, download: false })()
  expect(E.isRight(result) && result.right.alarms).toEqual(['frozenTeacher'])
})
