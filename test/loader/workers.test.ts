/** Batches by threads: the same bytes whatever their number, wherever a run goes on, whoever dies. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HostBatch } from '../../src/engine/interpreter'
import { imageFolder } from '../../src/index'
import { batchPlanOf } from '../../src/loader/batchPlan'
import { openLoader } from '../../src/loader/loader'
import { startWorkers, workerCount } from '../../src/loader/workers'
import { batchBytes, namedBatch } from '../../src/program/batch'
import { type Opened, openPlan } from '../../src/program/openPlan'
import { tiny } from '../run/tiny'
import { pictureFolder } from './pictureFolder'

const STEPS = 9
/** 13 pictures, 4 a step: an epoch is 3 steps. */
const PICTURES = 13
let folder: string
beforeAll(async () => {
  folder = await pictureFolder(PICTURES)
})
afterAll(() => rmSync(folder, { recursive: true }))

const opened = async (workers: number): Promise<Opened> => {
  const result = await openPlan(tiny({ steps: STEPS, source: imageFolder({ path: folder, channels: 1 }), workers }))()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

const hashOf = (batch: HostBatch): string => {
  const hash = createHash('sha256')
  for (const values of Object.values(namedBatch(batch))) hash.update(values)
  return hash.digest('hex')
}

/** Hears of nothing. */
const quiet = {
  notify: (message: string) => {
    throw new Error(message)
  },
  report: async () => E.right(undefined),
}

/** Hashes of the batches from a step on. */
const hashes = async (workers: number, first = 0): Promise<readonly string[]> => {
  const loader = await openLoader(await opened(workers), first, quiet)
  try {
    const seen: string[] = []
    for (let step = first; step < STEPS; step++) {
      const batch = await loader.share(step, 0)
      if (E.isLeft(batch)) throw new Error(JSON.stringify(batch.left))
      seen.push(hashOf(batch.right))
    }
    return seen
  } finally {
    await loader.close()
  }
}

test('batches are the same bytes for 0, 1, 2 and 4 workers, and no two of them are alike', async () => {
  const alone = await hashes(0)
  expect(new Set(alone).size).toBe(STEPS)
  for (const workers of [1, 2, 4]) expect(await hashes(workers), `${workers} workers`).toEqual(alone)
})

test('batches from the middle of an epoch on are those that a run from the beginning makes', async () => {
  const whole = await hashes(0)
  expect(await hashes(0, 4)).toEqual(whole.slice(4))
  expect(await hashes(2, 5)).toEqual(whole.slice(5))
})

/** What comes of one part when as many workers as `deaths` die of it. */
const withDeaths = async (deaths: number) => {
  const run = await opened(1)
  const notes: string[] = []
  const left = new Int32Array(new SharedArrayBuffer(4)).fill(deaths)
  const plan = { ...batchPlanOf(run), left }
  const workers = await startWorkers(plan, 1, (message) => notes.push(message), join(__dirname, 'mortal.ts'))
  try {
    const memory = new SharedArrayBuffer(batchBytes(run.program.batch))
    const result = await workers.fill({ step: 0, share: 0, from: 0, to: 4 }, memory)
    return { result, notes, filled: new Float32Array(memory).some((value) => value !== 0) }
  } finally {
    await workers.close()
  }
}

test('a worker that dies is replaced, and its pictures are made all the same', async () => {
  expect(await withDeaths(1)).toEqual({
    result: E.right([]),
    notes: ['a worker died (worker exited with code: 7); another one takes its place'],
    filled: true,
  })
})

test('when the one in its place dies too, that is a failure', async () => {
  expect((await withDeaths(2)).result).toEqual(
    E.left({
      _tag: 'Missing',
      message: 'a worker died twice while it made the same pictures (worker exited with code: 7)',
      remedy: "Free some memory, or use fewer workers: '--set train.workers=1', or 0 for none.",
    }),
  )
})

test('a worker whose data are not those of the run says so', async () => {
  const run = await opened(1)
  const workers = await startWorkers({ ...batchPlanOf(run), fingerprint: 'other' }, 1, () => undefined)
  const memory = new SharedArrayBuffer(batchBytes(run.program.batch))
  expect(await workers.fill({ step: 0, share: 0, from: 0, to: 4 }, memory)).toMatchObject({
    left: { message: `the data (${folder}) changed while the run began` },
  })
  await workers.close()
})

test('by default one core is left to the main thread, and there are at most eight workers', () => {
  expect([1, 2, 4, 64].map((cores) => workerCount('auto', cores))).toEqual([0, 1, 3, 8])
  expect(workerCount(5, 1)).toBe(5)
})

test('a worker loads nothing that computes', () => {
  const loaded = execFileSync(
    process.execPath,
    ['-e', `require('./dist/loader/batchPlan.js'); console.log(Object.keys(require.cache).join())`],
    {
      cwd: join(__dirname, '..', '..'),
      encoding: 'utf8',
    },
  )
  expect(loaded).toContain('randomResizedCrop')
  expect(loaded).not.toMatch(/tfjs|koffi|\/program\/program\.js/)
})
