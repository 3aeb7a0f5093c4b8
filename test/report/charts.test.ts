/** What a run's metrics say belongs together is drawn together. */
import { expect, test } from 'vitest'
import type { Metric } from '../../src/program/metric'
import { sectionsOf } from '../../src/report/charts'

const metric = (name: string, more: Partial<Metric> = {}): Metric => ({
  ...{ name, kind: 'monitor', stage: null, format: 'number', better: null, chart: name, baseline: false },
  ...more,
})
const curves = (values: Readonly<Record<string, readonly number[]>>) => ({
  curves: new Map(Object.entries(values).map(([name, all]) => [name, all.map((value, step) => ({ step, value }))])),
  last: 2,
})
const titles = (sections: ReturnType<typeof sectionsOf>) =>
  sections.map(({ title, charts }) => [title, charts.map(({ title: of, lines }) => [of, lines.map(({ name }) => name)])])

const loss = { kind: 'loss', chart: 'loss' } as const
const probe = (stage: string, more: Partial<Metric> = {}) => ({ kind: 'probe', stage, chart: stage, ...more }) as const

test('losses share a chart, and so do the numbers of each probe; what nothing is said of is a monitor', () => {
  const sections = sectionsOf(
    curves({
      epoch: [0, 0],
      loss: [3, 2],
      'a.loss': [3, 2],
      'p.x': [1, 2],
      'p.level': [5],
      'q.y': [1, 0],
      'a.w': [1, 2],
      odd: [1, 2],
    }),
    [
      metric('loss', loss),
      metric('a.loss', loss),
      metric('p.x', probe('p')),
      metric('p.level', probe('p', { baseline: true })),
      metric('q.y', probe('q')),
      metric('a.w', { kind: 'schedule', stage: 'a' }),
    ],
    10,
  )
  expect(titles(sections)).toEqual([
    ['Losses', [['loss', ['loss', 'a.loss']]]],
    ['p', [['p', ['p.x', 'p.level']]]],
    ['q', [['q', ['q.y']]]],
    ['Schedules', [['a.w', ['a.w']]]],
    ['Monitors', [['odd', ['odd']]]],
  ])
  // A baseline is a dashed level over the whole run.
  expect(sections[1]!.charts[0]!.lines[1]).toEqual({
    name: 'p.level',
    points: [
      { step: 0, value: 5 },
      { step: 10, value: 5 },
    ],
    dashed: true,
  })
})

test('a loss and a baseline of the same last name are not drawn over each other', () => {
  const sections = sectionsOf(
    curves({ 'pixelReconstruction.loss': [1, 0.9], 'knn.accuracy': [0.5, 0.6], 'knn.pixels': [0.4] }),
    [
      metric('pixelReconstruction.loss', loss),
      metric('knn.accuracy', probe('knn', { format: 'percent' })),
      metric('knn.pixels', probe('knn', { format: 'percent', baseline: true })),
    ],
    10,
  )
  expect(titles(sections)).toEqual([
    ['Losses', [['loss', ['pixelReconstruction.loss']]]],
    ['knn', [['knn', ['knn.accuracy', 'knn.pixels']]]],
  ])
  expect(sections.map(({ charts }) => charts[0]!.format)).toEqual(['number', 'percent'])
})

test('what stays the same is a number, written as its metric says', () => {
  const sections = sectionsOf(
    curves({ 'a.w': [0.25, 0.25], m: [0.5, 0.5] }),
    [metric('a.w', { kind: 'schedule', stage: 'a' }), metric('m', { format: 'percent' })],
    10,
  )
  expect(sections.map(({ charts, constants }) => [charts, constants])).toEqual([
    [[], [['a.w', '0.25']]],
    [[], [['m', '50.0 %']]],
  ])
})

test('metrics without a curve have no chart', () => {
  expect(sectionsOf(curves({}), [metric('loss', loss), metric('p.x', probe('p'))], 10)).toEqual([])
})
