/** Parts of pages: the script is that of its sources, monitors have their sentences, a summary says what a run came to. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { smoothed } from '../../browser/report/smooth'
import type { Metric } from '../../src/program/metric'
import { loadCharts, pageJson } from '../../src/report/chart'
import { tickLabel, valueLabel } from '../../src/report/labels'
import { healthyOf } from '../../src/report/monitors'
import { page, policy } from '../../src/report/page'
import { CHART_STYLE, SCRIPT } from '../../src/report/script'
import { type Summarized, Summary } from '../../src/report/summary'
import { SCRIPT_FILE, scriptText } from '../browserScript'
import { stale } from '../stale'

const ROOT = join(__dirname, '..', '..')

test('the script of pages is what is compiled of its sources, with the licence of what is in it', () => {
  expect(readFileSync(join(ROOT, SCRIPT_FILE), 'utf8') === scriptText(), stale(SCRIPT_FILE)).toBe(true)
  expect(SCRIPT).toMatch(/^\/\* contains uplot [\d.]+:\nThe MIT License/)
  expect(SCRIPT).not.toMatch(/<\/|https?:\/\//)
  expect(CHART_STYLE).toContain('.u-over')
})

test('every monitor of the docs has a sentence on what is healthy, and no other has', () => {
  const docs = readFileSync(join(ROOT, 'docs', 'monitors.md'), 'utf8').split('## Alarms')[0]!
  const names = [...docs.matchAll(/^\| `([\w.]+)`/gm)].map(([, name]) => name!)
  expect(names.length).toBeGreaterThan(14)
  expect(names.filter((name) => healthyOf(name) === undefined)).toEqual([])
  expect(healthyOf('maskedImageModeling.2.center.norm')).toBe(healthyOf('clsDistillation.center.norm'))
  expect(healthyOf('mine.norm')).toBe(undefined)
})

test('values are written as in the terminal, ticks with as many digits as tell them apart', () => {
  expect([0.77934, 1].map(valueLabel('percent'))).toEqual(['77.9 %', '100.0 %'])
  expect([0.77934, 1234567, 1e-5].map(valueLabel('number'))).toEqual(['0.7793', '1.235e+6', '1e-5'])
  expect([0.7, 0.8].map(tickLabel('percent', 0.1))).toEqual(['70 %', '80 %'])
  expect([0.15, 0.175].map(tickLabel('percent', 0.025))).toEqual(['15.0 %', '17.5 %'])
  expect([0.7, 0.7005].map(tickLabel('percent', 0.0005))).toEqual(['70.00 %', '70.05 %'])
})

test('a smoothed curve begins with its first value, leaves out what is missing, and is the curve itself at weight 0', () => {
  expect(smoothed([2, 4, 4], 0)).toEqual([2, 4, 4])
  // (0.5 · 0.5 · 2 + 0.5 · 4) / 0.75
  expect(smoothed([2, null, undefined, 4], 0.5)).toEqual([2, null, undefined, 2.5 / 0.75])
})

test('a chart is drawn with its axes named, measured values and alarms marked, and holds its numbers for the script', async () => {
  const draw = await loadCharts()
  const points = [0, 5, 10].map((step) => ({ step, value: step === 5 ? Number.NaN : step / 3 }))
  const level = points.map(({ step }) => ({ step, value: 2 }))
  const lines = [
    { name: 'knn.accuracy', points },
    { name: 'knn.pixels', points: level, dashed: true },
  ]
  const chart = { title: 'knn', lines, steps: 10, format: 'number', axis: 'accuracy', marked: true } as const
  const html = renderToString(draw(chart, { wide: true, marks: [{ step: 4, name: 'frozenTeacher' }], note: 'Healthy.' }))
  expect(html.match(/<circle/g)).toHaveLength(2)
  expect(html.match(/stroke="var\(--alarm\)"/g)).toHaveLength(1)
  for (const told of ['>step</text>', '>accuracy</text>', '<p class="note">Healthy.</p>']) expect(html).toContain(told)
  expect(JSON.parse(/<script type="application\/json">(.*?)<\/script>/.exec(html)![1]!)).toMatchObject({
    marks: [{ step: 4, name: 'frozenTeacher' }],
    lines: [
      { name: 'knn.accuracy', dashed: false, steps: [0, 5, 10], values: [0, null, 3.333333] },
      { name: 'knn.pixels', dashed: true },
    ],
  })
  expect(renderToString(draw({ ...chart, marked: false })).match(/<circle/g)).toBe(null)
})

test('no text ends the element in which the numbers of a chart stand', () => {
  expect(pageJson({ title: '</script><b>' })).toBe('{"title":"\\u003c/script>\\u003cb>"}')
  expect(JSON.parse(pageJson({ title: '</script>' }))).toEqual({ title: '</script>' })
})

test('a page runs nothing but its own script, and none where it has none', () => {
  expect(policy({})).toBe("default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
  expect(page('x', 'y')).not.toContain('<script')
  const text = page('x', 'y', { script: true })
  expect(text.match(/<script/g)).toHaveLength(1)
  expect(text).not.toContain('connect-src')
})

const metric = (name: string, kind: Metric['kind'], more: Partial<Metric> = {}): Metric => ({
  ...{ name, kind, stage: name.split('.')[0]!, format: 'number', better: null, chart: name, baseline: false },
  ...more,
})
const METRICS = [
  metric('loss', 'loss', { better: 'lower' }),
  metric('a.loss', 'loss', { better: 'lower' }),
  metric('knn.accuracy', 'probe', { format: 'percent', better: 'higher' }),
  metric('knn.pixels', 'probe', { format: 'percent', better: 'higher', baseline: true }),
]
const ends = (first: readonly [number, number], last: readonly [number, number]) => ({
  first: { step: first[0], value: first[1] },
  last: { step: last[0], value: last[1] },
  recent: last[1],
})
const summary = (more: Partial<Summarized> = {}): string =>
  renderToString(
    Summary({
      metrics: METRICS,
      course: {
        curves: new Map(),
        last: 500,
        ends: new Map([
          ['loss', ends([1, 3], [500, 2.5])],
          ['a.loss', ends([1, 3], [500, 2.25])],
          ['knn.accuracy', ends([0, 0.779], [400, 0.7])],
          ['knn.pixels', ends([0, 0.827], [0, 0.827])],
        ]),
        pace: { seconds: 100, perStep: 0.2 },
      },
      steps: 1000,
      batch: 64,
      alarms: [],
      damaged: 0,
      kept: { run: 'runs/x', next: 'ibot run --resume runs/x' },
      ...more,
    }),
  ).replaceAll(/<[^>]+>/g, '|')

test('a summary tells probes before and after, losses, time, speed and how to go on', () => {
  const text = summary().replaceAll(/\|+/g, '|')
  for (const told of [
    '|knn.accuracy|77.9 % → |70.0 %|steps 0 → 400; pixels 82.7 %|',
    '|2.500|a.loss 2.250|',
    '|500 of 1,000|32,000 pictures seen|',
    '|1m 40s|about 1m 40s left at this pace|',
    '|320 images/s|0.2 s a step',
    '|alarms|none|',
    '|damaged pictures|none|',
    '|To go on with it: |ibot run --resume runs/x|',
  ])
    expect(text).toContain(told)
})

test('what went wrong is told with its remedy', () => {
  const alarm = { alarm: 'oneHotOutputs', step: 30, message: 'all on one prototype', remedy: 'Centre them.' }
  const text = summary({ alarms: [alarm], damaged: 3 }).replaceAll(/\|+/g, '|')
  expect(text).toContain('|alarms|1|oneHotOutputs|')
  expect(text).toContain('|oneHotOutputs| after step 30: all on one prototype.|Centre them.|')
  expect(text).toContain('|damaged pictures|3|listed in damaged.jsonl|')
})
