/** Probes that take long: a signal ends them soon, and what is left of them is measured when the run goes on. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { horizontalFlip, linearProbe, pipe, type RunEvent, randomResizedCrop, type Summary, shapes } from '../../src/index'
import { runPlan } from '../../src/run/run'
import { tiny } from './tiny'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-probing-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** k-NN, then a linear probe whose pictures are augmented anew in each epoch. */
const plan = pipe(
  tiny({ steps: 4 }),
  linearProbe({
    test: shapes({ count: 12, size: 16, channels: 1, seed: 1 }),
    every: '2 steps',
    epochs: 3,
    batch: 8,
    lr: [0.1, 1],
    blocks: [1, 2],
    pool: ['cls', 'mean', 'both'],
    augment: [randomResizedCrop({ size: 16, scale: [0.5, 1] }), horizontalFlip({ p: 0.5 })],
  }),
)

const run = async (name: string, stopAt?: (event: RunEvent) => boolean, resume = false) => {
  const folder = join(root, name)
  const controller = new AbortController()
  const result = await runPlan(plan, {
    ...(resume ? { resume: folder } : { out: folder }),
    backend: 'cpu',
    signal: controller.signal,
    onEvent: (event) => {
      if (stopAt?.(event) === true) controller.abort('SIGINT')
    },
  })()
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n')
  return { result, lines: lines.map((line) => JSON.parse(line) as Readonly<Record<string, number>>) }
}

/** Without what depends on time. */
const lasting = (lines: readonly Readonly<Record<string, number>>[]) =>
  lines.map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => !/seconds|wait|time/i.test(name))))

const numbersOf = (result: E.Either<unknown, Summary>) => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  const { probes, sha256 } = result.right
  return { probes, sha256 }
}

describe('a run that a signal ends between two probes of a moment', () => {
  let whole: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    whole = await run('whole')
  })

  test('measures the linear probe as often as it says', () => {
    expect(whole.lines.filter((line) => 'linearProbe.accuracy' in line).map(({ step }) => step)).toEqual([0, 2, 4])
    const { linearProbe: measured } = numbersOf(whole.result).probes
    expect(Object.keys(measured!.before)).toEqual(expect.arrayContaining(['accuracy', 'lr', 'avgpool']))
  })

  test.each([
    ['before the first step', 'knn', 0],
    ['after the last step', 'knn', 4],
  ] as const)('%s is saved, and goes on with the other one', async (name, probe, step) => {
    const stopped = await run(name, (event) => event.event === 'probe' && event.probe === probe && event.step === step)
    expect(stopped.result).toMatchObject({ left: { _tag: 'Stopped', message: `the run is saved after step ${step} of 4` } })
    expect(stopped.lines.some((line) => line.step === step && 'linearProbe.accuracy' in line)).toBe(false)
    const resumed = await run(name, undefined, true)
    expect(numbersOf(resumed.result)).toEqual(numbersOf(whole.result))
    expect(lasting(resumed.lines)).toEqual(lasting(whole.lines))
  })

  test('in the middle of one that is measured during the training measures that one again', async () => {
    // The second step ends, and the linear probe is due.
    const stopped = await run('middle', (event) => event.event === 'step' && event.step === 2)
    expect(stopped.result).toMatchObject({ left: { _tag: 'Stopped', message: 'the run is saved after step 2 of 4' } })
    const resumed = await run('middle', undefined, true)
    expect(numbersOf(resumed.result)).toEqual(numbersOf(whole.result))
    expect(lasting(resumed.lines)).toEqual(lasting(whole.lines))
  })

  test('is done when all was measured', async () => {
    expect((await run('after the last step', undefined, true)).result).toMatchObject({
      left: { _tag: 'Missing', message: expect.stringContaining('is done: all of its 4 steps') },
    })
  })
})
