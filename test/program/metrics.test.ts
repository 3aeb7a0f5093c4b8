/** What a run says that it measures is what it measures. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, onTestFinished, test } from 'vitest'
import { knn, type Plan, pipe, pixelReconstruction, type Runnable, shapes } from '../../src/index'
import type { Metric } from '../../src/program/metric'
import { runPlan } from '../../src/run/run'
import { recordedMetrics } from '../../src/store/metrics'
import { headless, tiny } from '../run/tiny'

const CLOCKS = ['step', 'epoch', 'seconds']

/** What a run says that it measures, and the lines that it measured. */
const measured = async (plan: Plan<Runnable>) => {
  const root = mkdtempSync(join(tmpdir(), 'ibot-metrics-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const out = join(root, 'run')
  const result = await runPlan(plan, { out, backend: 'cpu' })()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Readonly<Record<string, number>> => JSON.parse(line))
  const { metrics } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as { readonly metrics: readonly Metric[] }
  return { summary: result.right, lines, metrics, names: metrics.map(({ name }) => name) }
}

const data = shapes({ count: 12, size: 16, channels: 1, seed: 1 })
const PLANS: Readonly<Record<string, Plan<Runnable>>> = {
  'a teacher and two probes': pipe(tiny(), pixelReconstruction(), knn({ test: data, k: 1, feature: 'mean', every: '4 steps' })),
  'no teacher': pipe(headless(), knn({ test: data, k: 1 })),
}

test.each(Object.keys(PLANS))('run.json names every number of metrics.jsonl and no other, with %s', async (name) => {
  const { lines, metrics, names } = await measured(PLANS[name]!)
  expect(new Set(names).size).toBe(names.length)
  // The rank of the features is measured every 50 steps.
  const given = new Set([...lines.flatMap((line) => Object.keys(line)), 'featureRank'])
  expect(new Set([...CLOCKS, ...names])).toEqual(given)
  expect(recordedMetrics({ metrics } as never, undefined as never)).toEqual(metrics)
})

test('each has what it takes to read it, and probes have their own names and periods', async () => {
  const { summary, lines, metrics } = await measured(PLANS['a teacher and two probes']!)
  const told = (name: string) => metrics.find((metric) => metric.name === name)
  expect(told('knn.2.accuracy')).toMatchObject({
    kind: 'probe',
    stage: 'knn.2',
    format: 'percent',
    better: 'higher',
    chart: 'knn.2',
  })
  expect(told('pixelReconstruction.loss')).toMatchObject({ kind: 'loss', stage: 'pixelReconstruction', chart: 'loss' })
  expect(told('maskedImageModeling.center.gap')).toMatchObject({ kind: 'monitor', stage: 'maskedImageModeling' })
  expect(told('clsDistillation.weight')).toMatchObject({ kind: 'schedule', stage: 'clsDistillation' })
  expect(told('gradientNorm')).toMatchObject({ kind: 'monitor', stage: null })

  const stepsOf = (name: string) => lines.flatMap((line) => (name in line ? [line.step] : []))
  expect(stepsOf('knn.accuracy')).toEqual([0, 6])
  expect(stepsOf('knn.2.accuracy')).toEqual([0, 4, 6])
  expect(stepsOf('knn.2.pixels')).toEqual([0])
  expect(Object.keys(summary.probes)).toEqual(['knn', 'knn.2'])
})
