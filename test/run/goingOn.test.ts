import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imageFolder, type RunEvent, type RunOptions } from '../../src/index'
import { runPlan } from '../../src/run/run'
import { pictureFolder } from '../loader/pictureFolder'
import { type Tiny, tiny } from './tiny'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-going-on-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const stopped = async (name: string, settings: Tiny = {}): Promise<string> => {
  const out = join(root, name)
  const controller = new AbortController()
  const onEvent = (event: RunEvent) => event.event === 'step' && event.step === 2 && controller.abort('SIGINT')
  const result = await runPlan(tiny(settings), { out, backend: 'cpu', signal: controller.signal, onEvent } satisfies RunOptions)()
  expect(result).toMatchObject({ left: { _tag: 'Stopped' } })
  return out
}
const goOn = (resume: string, settings: Tiny = {}) => runPlan(tiny(settings), { resume, backend: 'cpu' })()
const aboutOf = (run: string) => JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'))

test('a run whose resolved.yaml was edited does not go on, even where the new pipeline is a right one', async () => {
  const run = await stopped('edited')
  const resolved = join(run, 'resolved.yaml')
  const text = readFileSync(resolved, 'utf8')
  writeFileSync(resolved, text.replace('seed: 0', 'seed: 7'))
  expect(text).toContain('seed: 0')
  expect(await goOn(run, { seed: 7 })).toMatchObject({
    left: { _tag: 'Missing', message: `${resolved} has been edited since the run began` },
  })
  writeFileSync(resolved, text)
  expect(E.isRight(await goOn(run))).toBe(true)
})

test('a run of an older version, whose record tells nothing of its pipeline, goes on', async () => {
  const run = await stopped('older')
  const { resolved: _resolved, probeData: _data, ...about } = aboutOf(run)
  writeFileSync(join(run, 'run.json'), JSON.stringify(about))
  expect(E.isRight(await goOn(run))).toBe(true)
})

test('what a run that goes on changes is kept in its folder, and noted', async () => {
  const run = await stopped('kept')
  expect(E.isRight(await goOn(run, { maxBad: 0.25 }))).toBe(true)
  expect(readFileSync(join(run, 'resolved.yaml'), 'utf8')).toContain('maxBad: 0.25')
  expect(aboutOf(run).changes).toMatchObject([{ set: [{ path: 'train.maxBad', from: 0.01, to: 0.25 }] }])
})

test('a run whose record was noted but whose pipeline was not yet written goes on', async () => {
  const run = await stopped('half')
  const resolved = readFileSync(join(run, 'resolved.yaml'))
  const checkpoints = join(root, 'half-checkpoints')
  cpSync(join(run, 'checkpoints'), checkpoints, { recursive: true })
  expect(E.isRight(await goOn(run, { maxBad: 0.25 }))).toBe(true)
  rmSync(join(run, 'checkpoints'), { recursive: true })
  renameSync(checkpoints, join(run, 'checkpoints'))
  writeFileSync(join(run, 'resolved.yaml'), resolved)
  expect(E.isRight(await goOn(run))).toBe(true)
})

test('data that moved are gone on with if they are the same, and where they are now is kept', async () => {
  const [before, after, other] = [await pictureFolder(24), join(root, 'moved'), await pictureFolder(22)]
  const from = (path: string): Tiny => {
    const source = imageFolder({ path, channels: 1 })
    return { source, test: source }
  }
  const run = await stopped('data', from(before))
  renameSync(before, after)
  expect(await goOn(run, from(other))).toMatchObject({
    left: { message: `the data (${other}) have changed since the run in ${run} began` },
  })
  expect(await goOn(run, { ...from(after), test: from(other).test! })).toMatchObject({
    left: { message: `the data (of knn.test) have changed since the run in ${run} began` },
  })
  expect(E.isRight(await goOn(run, from(after)))).toBe(true)
  expect(readFileSync(join(run, 'resolved.yaml'), 'utf8')).toContain(after)
  expect(aboutOf(run).changes[0].set).toEqual([
    { path: expect.stringMatching(/^dataset.*path$/), from: before, to: after },
    { path: expect.stringMatching(/^knn.*path$/), from: before, to: after },
  ])
  rmSync(other, { recursive: true })
})
