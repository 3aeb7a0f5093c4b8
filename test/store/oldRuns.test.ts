/** A run of a version whose metrics had names of their own: it opens, goes on and has a report as if it had begun today. */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import type { RunEvent, Runnable, Summary } from '../../src/index'
import { registry } from '../../src/ops/registry'
import { runReport } from '../../src/report/run'
import { runPlan } from '../../src/run/run'
import { readCurves } from '../../src/store/curves'
import { currentLine, currentProgress } from '../../src/store/oldRuns'

/** Stopped after three of six steps: three losses, a probe, a line that was never ended. */
const OLD = join(__dirname, 'oldRun')
let root: string
let run: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-old-'))
  run = join(root, 'run')
  cpSync(OLD, run, { recursive: true })
})
afterAll(() => rmSync(root, { recursive: true }))

const right = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const report = async (): Promise<string> => right(await runReport(registry, run)())
const charts = (html: string) => [...html.matchAll(/<svg[^>]*aria-label="([^"]*)"/g)].map(([, title]) => title)
const captions = (html: string, title: string): readonly string[] => {
  const figure = html.split('<figure').find((part) => part.includes(`aria-label="${title}"`))!
  return [...figure.matchAll(/<\/span> ([\w.]+) /g)].map(([, name]) => name!)
}

describe('names', () => {
  test.each([
    ['cls', 'clsDistillation.loss'],
    ['mim', 'maskedImageModeling.loss'],
    ['pixels', 'pixelReconstruction.loss'],
    ['cls.2', 'clsDistillation.2.loss'],
    ['cls.teacherEntropy', 'clsDistillation.teacherEntropy'],
    ['mim.center.norm', 'maskedImageModeling.center.norm'],
    ['cls.2.center.gap', 'clsDistillation.2.center.gap'],
    ['adamw.lr', 'adamw.lr'],
    ['gradientNorm', 'gradientNorm'],
    ['clsDistillation.temperature', 'clsDistillation.temperature'],
  ])('%s of a step is now %s', (before, now) => {
    expect(currentLine({ step: 1, loss: 3, cls: 1, [before]: 2 })).toHaveProperty([now], 2)
  })

  test('the pixels beside the accuracy were its baseline, and no loss', () => {
    expect(currentLine({ step: 0, knn: 0.5, pixels: 0.25 })).toEqual({ step: 0, 'knn.accuracy': 0.5, 'knn.pixels': 0.25 })
    expect(currentLine({ step: 2, knn: 0.5 })).toEqual({ step: 2, 'knn.accuracy': 0.5 })
  })

  test('a line of today stays as it is, whatever its stages are called', () => {
    const line = { step: 1, loss: 1, 'clsDistillation.loss': 1, 'cls.loss': 2, 'cls.agreement': 0.5, 'knn.accuracy': 1 }
    expect(currentLine(line)).toBe(line)
  })

  test('a checkpoint remembers what was measured first', () => {
    expect(currentProgress({ step: 3, before: 0.2, pixels: 0.3 })).toEqual({
      step: 3,
      probes: { knn: { before: { accuracy: 0.2 }, baseline: { pixels: 0.3 } } },
    })
    expect(currentProgress({ step: 3, before: null, pixels: null })).toEqual({ step: 3, probes: {} })
    const today = { step: 3, probes: { other: { before: { score: 1 } } } }
    expect(currentProgress(today)).toBe(today)
  })
})

test('it has a report before it goes on: losses in one chart, the probe with its baseline in another', async () => {
  const html = await report()
  expect(charts(html).slice(0, 2)).toEqual(['loss', 'knn'])
  expect(captions(html, 'loss')).toEqual(['clsDistillation.loss', 'maskedImageModeling.loss', 'pixelReconstruction.loss'])
  expect(captions(html, 'knn')).toEqual(['knn.accuracy', 'knn.pixels'])
  expect(html).toContain('adamw.lr')
  expect(charts(html)).toContain('clsDistillation.teacherEntropy')
  expect(html).not.toMatch(/\b(cls|mim)\.(teacherEntropy|agreement)/)
})

test('it goes on where it stopped, and what it wrote before and after is one curve', async () => {
  appendFileSync(join(run, 'metrics.jsonl'), '{"step":4,"lo')
  const { plan } = right(readPlan(registry, 'resolved.yaml', readFileSync(join(run, 'resolved.yaml'), 'utf8')))
  const events: RunEvent[] = []
  const summary: Summary = right(
    await runPlan(plan as Plan<Runnable>, { resume: run, backend: 'cpu', onEvent: (event) => events.push(event) })(),
  )
  expect(events.find(({ event }) => event === 'start')).toMatchObject({ from: 3, steps: 6 })
  expect(summary.probes).toEqual({
    knn: { before: { accuracy: 0.2 }, after: { accuracy: expect.any(Number) }, baseline: { pixels: 0.3 } },
  })
  expect(Object.keys(summary.terms)).toEqual(['clsDistillation.loss', 'maskedImageModeling.loss', 'pixelReconstruction.loss'])

  const { curves, last } = right(await readCurves(join(run, 'metrics.jsonl'), 6)())
  expect(last).toBe(6)
  const steps = (name: string) => curves.get(name)?.map(({ step }) => step)
  for (const name of ['loss', ...Object.keys(summary.terms), 'clsDistillation.agreement', 'maskedImageModeling.center.gap'])
    expect(steps(name)).toEqual([1, 2, 3, 4, 5, 6])
  expect(steps('knn.accuracy')).toEqual([0, 2, 4, 6])
  expect(steps('knn.pixels')).toEqual([0])
  for (const name of ['cls', 'mim', 'pixels', 'knn']) expect(curves.has(name)).toBe(false)
})

test('then its record tells what it measures, as that of a new run does', async () => {
  const { metrics, ...about } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'))
  expect(about).toEqual(JSON.parse(readFileSync(join(OLD, 'run.json'), 'utf8')))
  expect(metrics).toContainEqual({
    name: 'knn.pixels',
    kind: 'probe',
    stage: 'knn',
    format: 'percent',
    better: 'higher',
    chart: 'knn',
    baseline: true,
  })
  const html = await report()
  expect(captions(html, 'loss')).toEqual(['clsDistillation.loss', 'maskedImageModeling.loss', 'pixelReconstruction.loss'])
})
