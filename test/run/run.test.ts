import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { RunEvent, RunOptions, Summary } from '../../src/index'
import { runPlan } from '../../src/run/run'
import { type Tiny, tiny } from './tiny'

let root: string
let whole: Summary
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-run-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const start = (out: string, options: RunOptions = {}, settings: Tiny = {}) =>
  runPlan(tiny(settings), { out: join(root, out), backend: 'cpu', ...options })()
const summaryOf = (result: E.Either<Failure, Summary>): Summary => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const failureOf = (result: E.Either<Failure, Summary>): Failure => {
  if (E.isRight(result)) throw new Error('it went well')
  return result.left
}
const checkpointsOf = (out: string): readonly string[] => readdirSync(join(root, out, 'checkpoints')).sort()
const stateOf = (out: string): Buffer => readFileSync(join(root, out, 'checkpoints', checkpointsOf(out).at(-1)!))
const metricsOf = (out: string) =>
  readFileSync(join(root, out, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      // Seconds are no result.
      const { seconds, dataWait, ...rest } = JSON.parse(line)
      return rest
    })

/** Stops after a step, as Ctrl-C does. */
const stopAfter = (step: number): RunOptions => {
  const controller = new AbortController()
  return {
    signal: controller.signal,
    onEvent: (event: RunEvent) => event.event === 'step' && event.step === step && controller.abort('SIGINT'),
  }
}

test('a run leaves its folder: pipeline, record, metrics of every step, the newest checkpoints', async () => {
  const before = tf.memory().numTensors
  whole = summaryOf(await start('whole', { given: '# as given\n' }))
  expect(
    readdirSync(join(root, 'whole'))
      .map((name) => name.replace(/^(events\.out\.tfevents)\..*/, '$1'))
      .sort(),
  ).toEqual(['checkpoints', 'events.out.tfevents', 'metrics.jsonl', 'pipeline.yaml', 'resolved.yaml', 'run.json'])
  expect(readFileSync(join(root, 'whole', 'pipeline.yaml'), 'utf8')).toBe('# as given\n')
  expect(checkpointsOf('whole')).toEqual(['step-00000004.safetensors', 'step-00000006.safetensors'])
  expect(metricsOf('whole').map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 6])
  expect(JSON.parse(readFileSync(join(root, 'whole', 'run.json'), 'utf8'))).toMatchObject({
    name: 'tiny',
    seed: 0,
    steps: 6,
    data: { count: 24 },
  })
  expect(whole).toMatchObject({ run: join(root, 'whole'), steps: 6 })
  expect(whole.loss).toBeCloseTo(whole.terms['clsDistillation.loss']! + whole.terms['maskedImageModeling.loss']!, 4)
  expect(whole.probes.knn!.after.accuracy).toBeGreaterThan(0)
  expect(tf.memory().numTensors).toBe(before)
})

test.each([1, 2, 3, 5])(
  'a run stopped after step %i goes on and ends with the same state, metrics and k-NN, bit for bit',
  async (step) => {
    const out = `stopped-${step}`
    expect(failureOf(await start(out, stopAfter(step)))).toMatchObject({ _tag: 'Stopped', signal: 'SIGINT' })
    const summary = summaryOf(await runPlan(tiny(), { resume: join(root, out), backend: 'cpu' })())
    expect(stateOf(out).equals(stateOf('whole'))).toBe(true)
    expect(metricsOf(out)).toEqual(metricsOf('whole'))
    expect(summary.probes).toEqual(whole.probes)
  },
)

test('a run goes on with another number of workers, as their batches are the same', async () => {
  failureOf(await start('workers', stopAfter(2)))
  const summary = summaryOf(await runPlan(tiny({ workers: 1 }), { resume: join(root, 'workers'), backend: 'cpu' })())
  expect(stateOf('workers').equals(stateOf('whole'))).toBe(true)
  expect(summary.dataWait).toBeGreaterThan(0)
  expect(summary.dataWait).toBeLessThanOrEqual(summary.seconds)
})

test('another seed gives another run', async () => {
  summaryOf(await start('seed', {}, { seed: 1 }))
  expect(stateOf('seed').equals(stateOf('whole'))).toBe(false)
})

test('a run that is done says so instead of going on', async () => {
  expect(failureOf(await runPlan(tiny(), { resume: join(root, 'whole'), backend: 'cpu' })())).toMatchObject({
    _tag: 'Missing',
    message: `the run in ${join(root, 'whole')} is done: all of its 6 steps`,
  })
})

test('a run does not go on with another pipeline or other data', async () => {
  failureOf(await start('other', stopAfter(2)))
  const resume = join(root, 'other')
  expect(failureOf(await runPlan(tiny({ lr: 2e-3 }), { resume, backend: 'cpu' })())).toMatchObject({
    message: `the pipeline is not the one that the run in ${resume} began with: adamw.lr.constant.value is 0.002, not 0.001`,
  })
  const record = join(resume, 'run.json')
  writeFileSync(record, readFileSync(record, 'utf8').replace(/"fingerprint": "./, '"fingerprint": "x'))
  expect(failureOf(await runPlan(tiny(), { resume, backend: 'cpu' })())).toMatchObject({
    message: `the data (24 shapes of 16×16 (seed 0)) have changed since the run in ${resume} began`,
  })
})

test('a damaged checkpoint is told of and set aside, and the run goes on from the one before it', async () => {
  failureOf(await start('damaged', stopAfter(5)))
  const path = join(root, 'damaged', 'checkpoints', 'step-00000005.safetensors')
  writeFileSync(path, readFileSync(path).subarray(0, 1000))
  const notes: string[] = []
  const onEvent = (event: RunEvent) => event.event === 'note' && notes.push(event.message)
  const summary = summaryOf(await runPlan(tiny(), { resume: join(root, 'damaged'), backend: 'cpu', onEvent })())
  expect(notes).toContain(`${path} is damaged (now ${path}.damaged); going on from step 4, the one before`)
  expect(summary.sha256).toBe(whole.sha256)
  expect(metricsOf('damaged')).toEqual(metricsOf('whole'))
})

test('the summary tells the SHA-256 of all tensors, which stand behind the header of the last checkpoint', () => {
  const file = stateOf('whole')
  const tensors = file.subarray(8 + Number(file.readBigUInt64LE()))
  expect(whole.sha256).toBe(createHash('sha256').update(tensors).digest('hex'))
})

test('what a killed process left behind is removed: files never finished, a line never ended', async () => {
  failureOf(await start('killed', stopAfter(4)))
  writeFileSync(join(root, 'killed', 'checkpoints', 'step-00000006.safetensors.0123456789ab.tmp'), 'half')
  const metrics = join(root, 'killed', 'metrics.jsonl')
  writeFileSync(metrics, `${readFileSync(metrics, 'utf8')}{"step":4`)
  summaryOf(await runPlan(tiny(), { resume: join(root, 'killed'), backend: 'cpu' })())
  expect(metricsOf('killed')).toEqual(metricsOf('whole'))
  expect(checkpointsOf('killed')).toEqual(checkpointsOf('whole'))
})

test("a folder that isn't empty is refused, and stays as it was", async () => {
  const failure = failureOf(await start('whole'))
  expect(failure).toMatchObject({
    _tag: 'Missing',
    message: `the folder ${join(root, 'whole')} isn't empty, and a run overwrites nothing`,
  })
  expect(existsSync(join(root, 'whole', 'checkpoints', 'step-00000006.safetensors'))).toBe(true)
})

test('a folder in which a run could not even begin is free', async () => {
  mkdirSync(join(root, 'locked-out', 'checkpoints'), { recursive: true })
  summaryOf(await start('locked-out'))
  mkdirSync(join(root, 'kept', 'checkpoints', 'mine'), { recursive: true })
  expect(failureOf(await start('kept'))).toMatchObject({ _tag: 'Missing' })
})

test('a training that leaves the finite numbers ends as diverged and names the last good checkpoint', async () => {
  const failure = failureOf(await start('diverged', {}, { lr: 1e30, steps: 8, every: '1 steps' }))
  expect(failure).toMatchObject({ _tag: 'Diverged' })
  expect(failure._tag === 'Diverged' && `${failure.message} ${failure.remedy}`).toMatch(
    /^at step \d .* The last good checkpoint is that of step \d/,
  )
})
