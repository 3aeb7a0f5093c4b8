/** Pictures that can't be read don't end a run, as long as they are few. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitCode } from '../../src/base/failure'
import { imageFolder, type RunOptions } from '../../src/index'
import { runPlan } from '../../src/run/run'
import { tiny } from '../run/tiny'
import { pictureFolder } from './pictureFolder'

/** A PNG of a few bytes that says it is of 20,000 × 20,000 pixels. */
const bomb = (): Buffer => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(20_000, 0)
  header.writeUInt32BE(20_000, 4)
  header.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(20_001))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const PICTURES = 24
const DAMAGED = ['class0/0.jpg', 'class0/2.jpg', 'class1/3.png', 'class1/5.jpg'] as const
let pictures: string
let runs: string
beforeAll(async () => {
  pictures = await pictureFolder(PICTURES)
  runs = mkdtempSync(join(tmpdir(), 'ibot-damage-'))
  const [truncated, empty, large] = DAMAGED.map((path) => join(pictures, path)) as [string, string, string]
  writeFileSync(truncated, readFileSync(truncated).subarray(0, -200))
  writeFileSync(empty, '')
  writeFileSync(large, bomb())
  rmSync(join(pictures, 'class1/3.jpg'))
})
afterAll(() => {
  for (const folder of [pictures, runs]) rmSync(folder, { recursive: true })
})

const plan = (workers: number, maxBad: number) =>
  tiny({
    source: imageFolder({ path: pictures, channels: 1 }),
    test: imageFolder({ path: pictures, channels: 1 }),
    workers,
    maxBad,
  })

const vanishing = () => join(pictures, DAMAGED[3])
const run = async (name: string, workers: number, maxBad: number, options: RunOptions = {}) => {
  const notes: string[] = []
  const out = join(runs, name)
  const result = await runPlan(plan(workers, maxBad), {
    out,
    backend: 'cpu',
    ...options,
    onEvent: (event) => {
      if (event.event === 'note') notes.push(event.message)
      options.onEvent?.(event)
    },
  })()
  return { out, result, notes }
}

const listed = (out: string) =>
  readFileSync(join(out, 'damaged.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly path: string; readonly image: number; readonly reason: string })
const sorted = (out: string) =>
  listed(out)
    .map(({ image, path }) => ({ image, path }))
    .sort((a, b) => a.image - b.image)
const weights = (out: string): string =>
  createHash('sha256')
    .update(readFileSync(join(out, 'checkpoints', 'step-00000006.safetensors')))
    .digest('hex')

test('a cut-off, an empty, a huge and a vanished picture are listed once each, and the run ends as it should', async () => {
  const kept = readFileSync(vanishing())
  // The data are open by then.
  const { out, result, notes } = await run('alone', 0, 0.2, { onEvent: ({ event }) => event === 'start' && rmSync(vanishing()) })
  writeFileSync(vanishing(), kept)
  expect(result).toMatchObject({ right: { steps: 6, damaged: 4, probes: { knn: { before: { accuracy: expect.any(Number) } } } } })
  const lines = listed(out)
  expect(lines.map(({ path }) => path).sort()).toEqual(DAMAGED.map((path) => join(pictures, path)))
  const reasonOf = (path: string) => lines.find((line) => line.path === join(pictures, path))!.reason
  expect(reasonOf('class0/0.jpg')).toMatch(/0\.jpg cannot be decoded: ./)
  expect(reasonOf('class0/2.jpg')).toMatch(/2\.jpg cannot be decoded: it is empty$/)
  expect(reasonOf('class1/3.png')).toMatch(/3\.png cannot be decoded: it has more than 178,956,970 pixels/)
  expect(reasonOf('class1/5.jpg')).toMatch(/cannot read the picture .*5\.jpg: there is no such file or folder$/)
  expect(notes.filter((note) => note.includes('left out'))).toEqual([
    `${lines[0]!.reason}. It is left out, and so is every other picture that can't be read; ${join(out, 'damaged.jsonl')} lists them`,
  ])
})

test('what takes their places is the same for any number of workers and after going on', async () => {
  const { out: alone } = await run('none', 0, 0.2)
  expect(listed(alone).map(({ path }) => path)).not.toContain(vanishing())
  const { out: two } = await run('two', 2, 0.2)
  expect(weights(two)).toBe(weights(alone))
  expect(sorted(two)).toEqual(sorted(alone))

  const controller = new AbortController()
  const { out } = await run('resumed', 0, 0.2, {
    signal: controller.signal,
    onEvent: (event) => event.event === 'step' && event.step === 3 && controller.abort('SIGINT'),
  })
  expect((await run('resumed', 1, 0.2, { out: undefined, resume: out })).result).toMatchObject({ right: { steps: 6 } })
  expect(weights(out)).toBe(weights(alone))
  expect(sorted(out)).toEqual(sorted(alone))
})

test('more than maxBad end the run with exit code 3, and it goes on once more are accepted', async () => {
  const { out, result } = await run('many', 0, 0.1)
  if (E.isRight(result)) throw new Error('it went well')
  expect(exitCode(result.left)).toBe(3)
  expect(result.left).toMatchObject({
    message: expect.stringMatching(/^3 of the 24 pictures of .* can't be read, and train\.maxBad allows 2; the last of them: ./),
    remedy: `Fix those that ${join(out, 'damaged.jsonl')} lists and begin again, or accept more: ibot run --resume ${out} --set train.maxBad=0.3`,
  })
  expect((await run('many', 0, 0.3, { out: undefined, resume: out })).result).toMatchObject({ right: { steps: 6 } })
})

test('a link that leads nowhere is a damaged picture, and a garbled line of the list ends nothing', async () => {
  const folder = await pictureFolder(12)
  symlinkSync('nowhere.png', join(folder, 'class0', 'link.png'))
  const source = imageFolder({ path: folder, channels: 1 })
  const linked = (options: RunOptions) => runPlan(tiny({ source, test: source, maxBad: 0.2 }), { backend: 'cpu', ...options })()
  const controller = new AbortController()
  const out = join(runs, 'linked')
  await linked({
    out,
    signal: controller.signal,
    onEvent: (event) => event.event === 'step' && event.step === 3 && controller.abort('SIGINT'),
  })
  const garbled = ['{"path": garbled}', '\0\0}', '[1]}', 'null', '{"path": 1, "image": "x"}', '{"path":"a'].join('\n')
  appendFileSync(join(out, 'damaged.jsonl'), `${garbled}\n`)
  expect(await linked({ resume: out })).toMatchObject({ right: { steps: 6, damaged: 1 } })
  const lines = readFileSync(join(out, 'damaged.jsonl'), 'utf8').split('\n')
  expect(lines.filter((line) => line.includes('link.png'))).toHaveLength(1)
  rmSync(folder, { recursive: true })
})

test('a run that meets none lists none', async () => {
  const sound = await pictureFolder(12)
  const source = imageFolder({ path: sound, channels: 1 })
  const out = join(runs, 'sound')
  expect(await runPlan(tiny({ source, steps: 2, test: source }), { out, backend: 'cpu' })()).toMatchObject({
    right: { damaged: 0 },
  })
  expect(existsSync(join(out, 'damaged.jsonl'))).toBe(false)
  rmSync(sound, { recursive: true })
})
