import pc from 'picocolors'
import { expect, test } from 'vitest'
import { progress } from '../../src/cli/progress'
import type { Screen } from '../../src/cli/terminal'
import { screenOf } from '../../src/cli/terminal'
import type { Metric } from '../../src/program/metric'
import type { RunEvent } from '../../src/run/events'

/** A screen that keeps what was written, and a clock that is set by hand. */
const setting = (options: Partial<Screen> = {}) => {
  const written: string[] = []
  let time = 0
  const screen: Screen = {
    write: (text) => written.push(text),
    draw: (text) => written.push(text),
    colors: pc.createColors(false),
    interactive: false,
    width: () => 80,
    ...options,
  }
  const { tell, clear } = progress(screen, () => time)
  return { tell, clear, written, wait: (ms: number) => (time += ms) }
}

const ofKnn = (name: string, baseline: boolean): Metric => ({
  name,
  kind: 'probe',
  stage: 'knn',
  format: 'percent',
  better: 'higher',
  chart: 'knn',
  baseline,
})
const begin = (steps: number, from = 0): RunEvent => ({
  event: 'start',
  run: 'runs/x',
  resume: 'ibot run --resume runs/x',
  backend: 'cpu',
  steps,
  from,
  stepsPerEpoch: 10,
  batch: 8,
  pictures: 80,
  parameters: 1234,
  metrics: [ofKnn('knn.accuracy', false), ofKnn('knn.pixels', true)],
})
const step = (n: number): RunEvent => ({
  event: 'step',
  step: n,
  epoch: 0,
  loss: 8.12345,
  terms: { 'clsDistillation.loss': 4.1, 'maskedImageModeling.loss': 4.02345 },
  monitors: { gradientNorm: 2.5 },
  numbers: {},
  imagesPerSecond: 812.4,
  secondsLeft: 130,
})

test('elsewhere than on a terminal: a line every twentieth of the run', () => {
  const { tell, written } = setting()
  tell(begin(1000))
  for (let n = 1; n <= 1000; n++) tell(step(n))
  const steps = written.filter((line) => line.startsWith('step'))
  expect(steps).toHaveLength(20)
  expect(steps[0]).toBe(
    'step 50/1000  loss 8.123  clsDistillation.loss 4.100  maskedImageModeling.loss 4.023  812 images/s  2m 10s left\n',
  )
  expect(steps.at(-1)).toMatch(/^step 1000\/1000 /)
  expect(written.join('')).not.toContain('\x1b')
})

test('or every ten seconds, where steps are slow', () => {
  const { tell, written, wait } = setting()
  tell(begin(1000))
  for (let n = 1; n <= 10; n++) {
    wait(4000)
    tell(step(n))
  }
  expect(written.filter((line) => line.startsWith('step')).map((line) => line.split(' ')[1])).toEqual([
    '3/1000',
    '6/1000',
    '9/1000',
  ])
})

test('on a terminal: one line that is drawn over, not too often', () => {
  const { tell, written, wait } = setting({ interactive: true, width: () => 120 })
  tell(begin(100))
  tell({ event: 'probe', probe: 'knn', step: 0, numbers: { 'knn.accuracy': 0.5, 'knn.pixels': 0.25 }, seconds: 3 })
  written.length = 0
  for (let n = 1; n <= 50; n++) {
    wait(20)
    tell(step(n))
  }
  expect(written).toHaveLength(10)
  expect(written.at(-1)).toBe(
    '\r\x1b[2K█████████░░░░░░░░░░░ 46/100  loss 8.123  clsDistillation.loss 4.100  knn.accuracy 50.0 %  812 images/s  2m 10s left',
  )
  tell({ event: 'note', message: 'stopping' })
  expect(written.slice(-2)).toEqual(['\r\x1b[2K', 'stopping\n'])
  tell(step(100))
  expect(written.at(-1)).toContain('100/100')
})

test.each([20, 30, 45, 60, 80])('it fits into %i columns', (width) => {
  const { tell, written } = setting({ interactive: true, width: () => width })
  tell(begin(100))
  tell(step(7))
  const bar = written.at(-1)!.replace('\r\x1b[2K', '')
  expect(bar.length).toBeLessThan(width)
  if (width >= 45) expect(bar).toContain('loss 8.123')
})

test.each([
  [45, '7/100  loss 8.123  812 images/s  2m 10s left'],
  [60, '░░░░░░░░░░░░░░ 7/100  loss 8.123  812 images/s  2m 10s left'],
  [80, '█░░░░░░░░░░░░░░░░░░░ 7/100  loss 8.123  812 images/s  2m 10s left'],
  [120, '█░░░░░░░░░░░░░░░░░░░ 7/100  loss 8.123  clsDistillation.loss 4.100  knn.accuracy 50.0 %  812 images/s  2m 10s left'],
  [
    160,
    '█░░░░░░░░░░░░░░░░░░░ 7/100  loss 8.123  clsDistillation.loss 4.100  maskedImageModeling.loss 4.023  knn.accuracy 50.0 %  812 images/s  2m 10s left',
  ],
])(
  'in %i columns loss, time left and rate come before a whole bar, that before probes, and those before the losses’ own values',
  (width, line) => {
    const { tell, written } = setting({ interactive: true, width: () => width })
    tell(begin(100))
    tell({ event: 'probe', probe: 'knn', step: 0, numbers: { 'knn.accuracy': 0.5, 'knn.pixels': 0.25 }, seconds: 3 })
    expect(written.at(-1)).toBe('knn after step 0: accuracy 50.0 %, pixels 25.0 % (3s)\n')
    tell(step(7))
    expect(written.at(-1)).toBe(`\r\x1b[2K${line}`)
  },
)

test('a window that has become narrower keeps no remnant of the line', () => {
  let width = 100
  const { tell, written, wait } = setting({ interactive: true, width: () => width })
  tell(begin(100))
  tell(step(7))
  width = 40
  wait(200)
  tell(step(8))
  // The line of 86 columns stands in three rows now.
  expect(written.at(-1)!.slice(0, 8)).toBe('\r\x1b[2A\x1b[J')
  tell({ event: 'note', message: 'stopping' })
  expect(written.slice(-2)).toEqual(['\r\x1b[2K', 'stopping\n'])
})

test('a screen is drawn over only where somebody looks at it', () => {
  const tty = { write: () => true, isTTY: true, columns: 100 } as never
  expect(screenOf(tty, {})).toMatchObject({ interactive: true })
  for (const env of [{ CI: 'true' }, { TERM: 'dumb' }]) expect(screenOf(tty, env).interactive).toBe(false)
  expect(screenOf({ write: () => true } as never, {})).toMatchObject({ interactive: false })
  expect(screenOf(tty, {}).colors.isColorSupported).toBe(true)
  expect(screenOf(tty, { NO_COLOR: '1' }).colors.isColorSupported).toBe(false)
})

test('an alarm is told once, with its remedy, above the bar', () => {
  const { tell, written } = setting()
  tell(begin(1000))
  tell({ event: 'alarm', alarm: 'deadCenter', step: 20, message: 'the centre stands still', remedy: 'Let it follow.' })
  expect(written.at(-1)).toBe('alarm  after step 20 the centre stands still\n  Let it follow.\n')
})
