/** `--verify-data`: a picture that was replaced by another one of the same name and size is noticed when a run goes on. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { exitCode } from '../../src/base/failure'
import { imageFolder, type RunEvent, type RunOptions } from '../../src/index'
import { runPlan } from '../../src/run/run'
import { pictureFolder } from '../loader/pictureFolder'
import { tiny } from './tiny'

let root: string
let pictures: string
let tests: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-verify-'))
  pictures = await pictureFolder(24)
  tests = await pictureFolder(12)
})
afterAll(() => {
  for (const folder of [root, pictures, tests]) rmSync(folder, { recursive: true })
})

const plan = () => tiny({ source: imageFolder({ path: pictures, channels: 1 }), test: imageFolder({ path: tests, channels: 1 }) })
const run = (options: RunOptions) => runPlan(plan(), { backend: 'cpu', ...options })()
let events: RunEvent[] = []
beforeEach(() => {
  events = []
})

/** A run that has stopped after two steps. */
const begun = async (name: string, options: RunOptions = {}): Promise<string> => {
  const controller = new AbortController()
  const out = join(root, name)
  const onEvent = (event: RunEvent) => {
    events.push(event)
    if (event.event === 'step' && event.step === 2) controller.abort('SIGINT')
  }
  expect(await run({ out, signal: controller.signal, onEvent, ...options })).toMatchObject({ left: { _tag: 'Stopped' } })
  return out
}
const resumed = (resume: string, options: RunOptions = {}) => run({ resume, onEvent: (event) => events.push(event), ...options })

/** Changes a byte of a picture while something is done; it can still be decoded, or not. */
const withChanged = async <A>(paths: readonly string[], during: () => Promise<A>): Promise<A> => {
  const before = paths.map((path) => readFileSync(path))
  for (const [i, path] of paths.entries()) {
    const bytes = Buffer.from(before[i]!)
    bytes[bytes.length - 10]! ^= 1
    writeFileSync(path, bytes)
  }
  try {
    return await during()
  } finally {
    for (const [i, path] of paths.entries()) writeFileSync(path, before[i]!)
  }
}

test('pictures that changed are named, and the run goes on once they are as they were', async () => {
  const resume = await begun('named', { verifyData: true })
  const about = JSON.parse(readFileSync(join(resume, 'run.json'), 'utf8'))
  expect(about.contents).toEqual({ pictures: { dataset: 24, 'knn.test': 12 }, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(readFileSync(join(resume, 'contents.bin'))).toHaveLength(8 * 36)
  expect(events).toContainEqual({ event: 'verify', source: pictures, done: 24, total: 24 })

  const record = readFileSync(join(resume, 'run.json'))
  const changed = [0, 2, 4, 6, 8, 10, 12].map((i) => join(pictures, `class0/${i}.jpg`))
  const failed = await withChanged(changed, () => resumed(resume, { verifyData: true }))
  expect(failed).toEqual(
    E.left({
      _tag: 'Missing',
      message: expect.stringMatching(
        new RegExp(
          `^7 of the 24 pictures of ${pictures} \\(${pictures}/class0/0.jpg, .* and 2 more\\) have changed since the run in ${resume} began$`,
        ),
      ),
      remedy: "Put them back as they were, or start a new run; without '--verify-data' the run goes on with them.",
    }),
  )
  if (E.isLeft(failed)) expect(exitCode(failed.left)).toBe(3)
  const test = join(tests, 'class1/3.jpg')
  expect(await withChanged([test], () => resumed(resume, { verifyData: true }))).toMatchObject({
    left: { message: `1 of the 12 pictures of ${tests} (${test}) has changed since the run in ${resume} began` },
  })
  expect(readFileSync(join(resume, 'run.json')).equals(record)).toBe(true)

  expect(E.isRight(await resumed(resume, { verifyData: true }))).toBe(true)
})

test('without being asked for it nothing is compared, and a run that has recorded nothing does so when it is', async () => {
  const resume = await begun('late')
  expect(existsSync(join(resume, 'contents.bin'))).toBe(false)
  expect(events.some(({ event }) => event === 'verify')).toBe(false)
  const picture = [join(pictures, 'class1/1.jpg')]
  const controller = new AbortController()
  const stop = {
    signal: controller.signal,
    onEvent: (event: RunEvent) => {
      events.push(event)
      if (event.event === 'step') controller.abort('SIGINT')
    },
  }
  expect(await withChanged(picture, () => resumed(resume, { verifyData: true, ...stop }))).toMatchObject({
    left: { _tag: 'Stopped' },
  })
  expect(events).toContainEqual({
    event: 'note',
    message: "the run began without '--verify-data': what its pictures hold is recorded now, and compared the next time",
  })
  expect(await resumed(resume, { verifyData: true })).toMatchObject({ left: { message: expect.stringContaining(picture[0]!) } })
  expect(E.isRight(await resumed(resume))).toBe(true)
})

test('a record that was changed or is gone is told of', async () => {
  const resume = await begun('garbled', { verifyData: true })
  const file = join(resume, 'contents.bin')
  writeFileSync(file, readFileSync(file).subarray(1))
  expect(await resumed(resume, { verifyData: true })).toMatchObject({
    left: { message: `${file} is not what the run has written`, remedy: 'It belongs to the run; put it back as it was.' },
  })
  rmSync(file)
  expect(await resumed(resume, { verifyData: true })).toMatchObject({
    left: { message: expect.stringContaining(`cannot read what the pictures of the run held ${file}`) },
  })
})

test('a run that is stopped while its pictures are looked at leaves its folder free', async () => {
  const out = join(root, 'stopped')
  const controller = new AbortController()
  const onEvent = ({ event }: RunEvent) => event === 'verify' && controller.abort('SIGTERM')
  expect(await run({ out, verifyData: true, signal: controller.signal, onEvent })).toMatchObject({
    left: { _tag: 'Stopped', signal: 'SIGTERM', message: 'the pictures were not looked at to the end, and nothing was trained' },
  })
  await begun('stopped', { verifyData: true })
})
