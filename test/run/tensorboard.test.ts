/** TensorBoard's events of a run: what is in the file, and that a run doesn't suffer from it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { RunEvent } from '../../src/index'
import { crc32c } from '../../src/io/tfevents'
import { runPlan } from '../../src/run/run'
import { newEventFile } from '../../src/run/tensorboard'
import { tiny } from './tiny'

let root: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-board-'))
  const controller = new AbortController()
  const stopped = await runPlan(tiny(), {
    out: join(root, 'run'),
    backend: 'cpu',
    signal: controller.signal,
    onEvent: (event: RunEvent) => event.event === 'step' && event.step === 3 && controller.abort('SIGINT'),
  })()
  expect(stopped).toMatchObject({ left: { _tag: 'Stopped' } })
  const whole = await runPlan(tiny(), { resume: join(root, 'run'), backend: 'cpu' })()
  expect(E.isRight(whole) || whole.left).toBe(true)
})
afterAll(() => rmSync(root, { recursive: true }))

const eventFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('events.out.tfevents.'))
    .sort()
    .map((name) => join(folder, name))

/** The messages of a file's records, whose lengths and checksums must be right to the last byte. */
const messagesOf = (path: string): readonly Uint8Array[] => {
  const bytes = readFileSync(path)
  const messages: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at))
    const data = bytes.subarray(at + 12, at + 12 + length)
    const rotated = (bytes.readUInt32LE(at + 12 + length) - 0xa282ead8) >>> 0
    expect(((rotated >>> 17) | (rotated << 15)) >>> 0).toBe(crc32c(data))
    messages.push(data)
    at += 16 + length
  }
  return messages
}

/** The fields of a message by their numbers, undecoded. */
const fields = (message: Uint8Array): ReadonlyMap<number, readonly unknown[]> => {
  const found = new Map<number, unknown[]>()
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag()
    const value =
      wire === 0 ? Number(reader.int64()) : wire === 1 ? reader.double() : wire === 5 ? reader.float() : reader.bytes()
    found.set(field, [...(found.get(field) ?? []), value])
  }
  return found
}

interface Told {
  readonly step: number
  readonly tag: string
  readonly scalar: number | undefined
}
const told = (path: string): readonly Told[] =>
  messagesOf(path).flatMap((message) => {
    const event = fields(message)
    const summary = event.get(5)?.[0] as Uint8Array | undefined
    if (summary === undefined) return []
    return (fields(summary).get(1) as readonly Uint8Array[]).map((value) => {
      const of = fields(value)
      const tag = new TextDecoder().decode(of.get(1)![0] as Uint8Array)
      return { step: (event.get(2)?.[0] as number | undefined) ?? 0, tag, scalar: of.get(2)?.[0] as number | undefined }
    })
  })

test('the files hold the numbers of metrics.jsonl, step by step, and the views', () => {
  const [first, second, ...more] = eventFiles(join(root, 'run'))
  expect(more).toEqual([])
  const all = [...told(first!), ...told(second!)]
  const metrics = readFileSync(join(root, 'run', 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
  for (const tag of ['loss', 'clsDistillation.loss', 'adamw.lr', 'emaTeacher.momentum', 'knn.accuracy', 'knn.pixels']) {
    const wanted = metrics.filter((line) => tag in line).map((line) => [line.step, Math.fround(line[tag]!)])
    expect(wanted.length).toBeGreaterThan(0)
    expect(all.filter((one) => one.tag === tag).map(({ step, scalar }) => [step, scalar])).toEqual(wanted)
  }
  const [checkpoint] = all.filter(({ tag }) => tag === 'student.backbone.norm.weight').slice(-1)
  expect(checkpoint).toMatchObject({ step: 6, scalar: undefined })
  expect(told(first!).filter(({ tag }) => tag === 'views')).toMatchObject([{ step: 0 }])
  expect(told(second!).filter(({ tag }) => tag === 'views')).toMatchObject([{ step: 3 }])
})

test('what cannot be written is told once, and nothing throws', async () => {
  const failures: Failure[] = []
  const file = newEventFile(join(root, 'nowhere'), (failure) => failures.push(failure))
  file.write(1, [{ tag: 'loss', scalar: 1 }])
  await file.close()
  file.write(2, [{ tag: 'loss', scalar: 1 }])
  await file.close()
  expect(failures).toMatchObject([{ _tag: 'Missing' }])
})

const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
board = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'images': 0, 'histograms': 0})
board.Reload()
tags = board.Tags()
print(json.dumps({
    'scalars': {tag: [[e.step, e.value] for e in board.Scalars(tag)] for tag in tags['scalars']},
    'histograms': {tag: [e.step for e in board.Histograms(tag)] for tag in tags['histograms']},
    'images': {tag: [[e.step, e.width, e.height, e.encoded_image_string[:4].hex()] for e in board.Images(tag)] for tag in tags['images']},
}))
`
const python = process.env.IBOT_PYTHON ?? 'python3'
const hasTensorBoard = spawnSync(python, ['-c', 'import tensorboard']).status === 0

test.skipIf(!hasTensorBoard)('tensorboard reads them: each step once, although the run was stopped and went on', () => {
  const { status, stdout, stderr } = spawnSync(python, ['-c', READER, join(root, 'run')], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const { scalars, images, histograms } = JSON.parse(stdout)
  expect(scalars.loss.map(([step]: [number]) => step)).toEqual([1, 2, 3, 4, 5, 6])
  expect(scalars.loss[0][1]).toBe(told(eventFiles(join(root, 'run'))[0]!).find(({ tag }) => tag === 'loss')!.scalar)
  expect(scalars['knn.accuracy'].map(([step]: [number]) => step)).toEqual([0, 6])
  expect(histograms['student.backbone.norm.weight'].at(-1)).toBe(6)
  expect(images.views.at(-1)).toEqual([3, 8 + 4 * (112 + 8) - (112 - 56), 8 + 8 * (112 + 8), '89504e47'])
})
