/** Runs beside each other: which numbers, which of them is the best, and how they were measured. */
import { expect, test } from 'vitest'
import type { Metric } from '../../../src/program/metric'
import { compareRuns, namesOf } from '../../../src/report/compare/comparison'
import { bestOf, type Measure } from '../../../src/report/compare/measure'
import type { Results } from '../../../src/report/compare/results'
import { cellText } from '../../../src/report/compare/words'
import type { Evaluation } from '../../../src/store/evaluations'

const metric = (name: string, kind: Metric['kind'], better: Metric['better'], baseline = false): Metric => ({
  ...{ name, kind, better, baseline, chart: name, stage: null },
  format: kind === 'probe' ? 'percent' : 'number',
})

const METRICS = [
  metric('loss', 'loss', 'lower'),
  metric('knn.accuracy', 'probe', 'higher'),
  metric('knn.pixels', 'probe', 'higher', true),
]

type Told = Readonly<Record<string, readonly (readonly [step: number, value: number])[]>>

/** A run of 100 steps that has told so much. */
const results = (told: Told, more: Partial<Results> = {}): Results => {
  const points = Object.entries(told).map(([name, own]) => [name, own.map(([step, value]) => ({ step, value }))] as const)
  return {
    run: 'r',
    about: { batch: 8, backend: 'cpu' },
    pipeline: { name: 'x', pipeline: [] },
    unread: undefined,
    metrics: METRICS,
    course: {
      curves: new Map(points),
      last: 100,
      ends: new Map(points.map(([name, own]) => [name, { first: own[0]!, last: own.at(-1)!, recent: own.at(-1)!.value }])),
      pace: { seconds: 50, perStep: 0.25 },
    },
    steps: 100,
    evaluations: [],
    alarms: [],
    damaged: 0,
    ...more,
  }
}

const evaluation = (more: Partial<Evaluation> = {}): Evaluation => ({
  probe: 'knn',
  stage: { knn: { k: [10] } },
  network: 'teacher',
  step: 100,
  numbers: { accuracy: 0.5 },
  intervals: { accuracy: { low: 0.4, high: 0.6 } },
  baseline: { pixels: 0.3 },
  metrics: { accuracy: { doc: 'd', format: 'percent', better: 'higher' } },
  damaged: 0,
  seconds: 1,
  backend: 'cpu',
  time: '2026-01-01T00:00:00.000Z',
  ...more,
})

const rowsOf = (runs: readonly Results[]) =>
  Object.fromEntries(
    compareRuns(runs).measures.map((measure) => [
      measure.name,
      measure.cells.map((cell, i) => `${cellText(measure, cell)}${bestOf(measure)[i] ? ' *' : ''}`),
    ]),
  )

test('losses at their end, probes before and after, speed, and what went wrong; a run without one has a dash', () => {
  const one = results({
    loss: [
      [1, 3],
      [100, 1.5],
    ],
    'knn.accuracy': [
      [0, 0.5],
      [100, 0.625],
    ],
    'knn.pixels': [[0, 0.4]],
  })
  const other = results(
    {
      loss: [
        [1, 3],
        [80, 2],
      ],
      'knn.accuracy': [
        [0, 0.5],
        [50, 0.6],
      ],
      featureRank: [[50, 7.5]],
    },
    { steps: 200, alarms: ['diverging'], damaged: 2 },
  )
  const stranger = results({}, { metrics: [], about: {}, steps: undefined, course: { ...results({}).course, last: 0 } })
  expect(rowsOf([one, other, stranger])).toEqual({
    steps: ['100', '100 of 200', '–'],
    loss: ['1.500 *', '2.000', '–'],
    'knn.accuracy': ['50.0 % → 62.5 % *', '50.0 % → 60.0 % at step 50', '–'],
    'knn.pixels': ['40.0 %', '–', '–'],
    featureRank: ['–', '7.500', '–'],
    'images/s': ['32', '32', '–'],
    seconds: ['50', '50', '50'],
    alarms: ['none', 'diverging', 'none'],
    damaged: ['0', '2', '0'],
  })
})

test('the best is marked where a metric says which is better and not all are the same; several if they share it', () => {
  const measure = (better: Measure['better'], ...values: readonly (number | null)[]): Measure => ({
    ...{ name: 'm', kind: 'loss', format: 'number', better },
    cells: values.map((value) => (value === null ? null : { value })),
  })
  expect(bestOf(measure('lower', 2, 1, null, 1))).toEqual([false, true, false, true])
  expect(bestOf(measure('higher', 2, 1, 3))).toEqual([false, false, true])
  expect(bestOf(measure('higher', 2, 2))).toEqual([false, false])
  expect(bestOf(measure('higher', null, 2))).toEqual([false, false])
  expect(bestOf(measure(null, 1, 2))).toEqual([false, false])
})

test("of 'ibot eval' the newest of each probe and network counts; other parameters are told", () => {
  const one = results(
    {},
    { evaluations: [evaluation(), evaluation({ stage: { knn: { k: [20] } }, time: '2026-02-01', numbers: { accuracy: 0.75 } })] },
  )
  const other = results(
    {},
    { evaluations: [evaluation({ step: 60, network: 'student' }), evaluation({ numbers: { accuracy: 0.25 } })] },
  )
  const rows = rowsOf([one, other, results({})])
  expect(rows['knn.accuracy (eval of the teacher)']).toEqual(['75.0 % (40.0 – 60.0 %)', '25.0 % (40.0 – 60.0 %)', '–'])
  expect(rows['knn.accuracy (eval of the student)']).toEqual(['–', '50.0 % (40.0 – 60.0 %) at step 60', '–'])
  expect(compareRuns([one, other, results({})]).evaluations).toEqual([{ path: 'knn.k', values: [[20], [10], undefined] }])
  expect(Object.keys(rowsOf([one]))).toContain('knn.accuracy (eval)')
  const alike = results({}, { evaluations: [evaluation({ numbers: { accuracy: 0.25 } })] })
  expect(rowsOf([results({}, { evaluations: [evaluation()] }), alike])['knn.accuracy (eval)']![0]).toMatch(/\*$/)
})

test('versions, backend and machine are told where they differ; what a run measures, when it began and its pipeline are not', () => {
  const about = (more: Results['about']) =>
    results({}, { about: { backend: 'cpu', machine: { cpu: 'a', threads: 2 }, started: '1', ...more } })
  const { environment } = compareRuns([
    about({}),
    about({ backend: 'wasm', machine: { cpu: 'b', threads: 2 }, started: '2', ibot: '2' }),
  ])
  expect(environment).toEqual([
    { path: 'backend', values: ['cpu', 'wasm'] },
    { path: 'machine.cpu', values: ['a', 'b'] },
    { path: 'ibot', values: [undefined, '2'] },
  ])
})

test('runs are called by their folders, by their paths where these are the same', () => {
  expect(namesOf(['runs/a', 'other/b/'])).toEqual(['a', 'b'])
  expect(namesOf(['runs/a', 'other/a'])).toEqual(['runs/a', 'other/a'])
  expect(namesOf(['runs/a', '.'])).toEqual(['runs/a', '.'])
})

test('a setting that a probe found is told in significant digits, a score in three behind the point', () => {
  const cell = { value: 1000, before: 0.00005 }
  expect(cellText({ format: 'number', kind: 'probe', better: null }, cell)).toBe('0.00005 → 1000')
  expect(cellText({ format: 'number', kind: 'probe', better: 'higher' }, { value: 0.5 })).toBe('0.500')
})
