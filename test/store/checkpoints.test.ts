import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serialize } from '../../src/io/safetensors'
import { newSaver } from '../../src/run/saver'
import { readCheckpoint, readPart, type Saved, saveCheckpoint } from '../../src/store/checkpoint'
import { checkpointPath, newestCheckpoint, pruneCheckpoints } from '../../src/store/checkpoints'
import { runFolder } from '../../src/store/folder'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-checkpoints-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const specs = { 'student.weight': { shape: [2, 3] }, 'teacher.weight': { shape: [2, 3] } } as never
const savedAt = (step: number): Saved => ({
  state: { 'student.weight': new Float32Array(6).fill(step), 'teacher.weight': new Float32Array(6).fill(-step) },
  progress: { step, probes: { knn: { before: { accuracy: 0.25 } } } },
})
const write = async (...steps: readonly number[]) => {
  for (const step of steps) expect(E.isRight(await saveCheckpoint(checkpointPath(root, step), specs, savedAt(step))())).toBe(true)
}
const flip = (at: (bytes: Buffer) => number) => (bytes: Buffer) => {
  bytes[at(bytes)]! ^= 1
  return bytes
}

describe('a checkpoint', () => {
  test('gives back what was saved', async () => {
    await write(3)
    expect(await readCheckpoint(checkpointPath(root, 3), specs)()).toEqual(E.right(E.right(savedAt(3))))
  })

  test('does not go on with another network', async () => {
    await write(3)
    const path = checkpointPath(root, 3)
    const refused = (other: object, why: string) =>
      expect(readCheckpoint(path, other as never)()).resolves.toMatchObject({
        left: { _tag: 'Missing', message: `${path} can't be resumed from: ${why}` },
      })
    await refused({ ...(specs as object), extra: { shape: [] } }, 'it lacks extra')
    await refused({ ...(specs as object), 'student.weight': { shape: [3, 2] } }, 'student.weight is [2, 3], not [3, 2]')
    await refused({ 'student.weight': { shape: [2, 3] } }, "it holds teacher.weight, which this pipeline doesn't have")
  })

  test.each(['\u0000', '\u001b[2J', '\n', '"', '\\', ''])('is damaged where its checksum is %j', async (header) => {
    const entries = Object.keys(specs as object).map(
      (name) => [name, { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }] as const,
    )
    const path = checkpointPath(root, 3)
    writeFileSync(path, serialize(entries, { format: 'ibot-checkpoint-1', progress: '{}', arrays: '', header }))
    expect(await readCheckpoint(path, specs)()).toMatchObject({ right: { _tag: 'Left' } })
  })

  test('of a newer version of ibot is refused, and neither read nor taken for damaged', async () => {
    await write(3)
    const path = checkpointPath(root, 3)
    const bytes = readFileSync(path)
    const end = 8 + Number(bytes.readBigUInt64LE())
    const header = bytes.subarray(0, end).toString('latin1').replace('ibot-checkpoint-2', 'ibot-checkpoint-3')
    const sum = /(?<="header":")[0-9a-f]{64}/.exec(header)![0]
    const blank = Buffer.from(header.replace(sum, '0'.repeat(64)), 'latin1')
    const sealed = header.replace(sum, createHash('sha256').update(blank).digest('hex'))
    writeFileSync(path, Buffer.concat([Buffer.from(sealed, 'latin1'), bytes.subarray(end)]))
    const message = `${path} has version 3 of the format of checkpoints, and this ibot reads up to version 2`
    expect(await readCheckpoint(path, specs)()).toMatchObject({ left: { _tag: 'Missing', message } })
    expect(await readPart(path, specs)()).toMatchObject({ left: { _tag: 'Missing', message } })
  })

  test('shows when any one bit of it has changed', async () => {
    await write(3)
    const path = checkpointPath(root, 3)
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1 << (at % 8)
      writeFileSync(path, bytes)
      expect(await readCheckpoint(path, specs)(), `byte ${at}`).toMatchObject({ right: { _tag: 'Left' } })
    }
  })
})

describe('of several checkpoints', () => {
  const newest = async () => {
    const notes: string[] = []
    const result = await newestCheckpoint(root, specs, (note) => notes.push(note))()
    return { result, notes }
  }
  const damage = (step: number, how: (bytes: Buffer) => Uint8Array) => {
    const path = checkpointPath(root, step)
    writeFileSync(path, how(readFileSync(path)))
    return path
  }

  test('the newest is resumed from', async () => {
    await write(2, 4, 11)
    expect(await newest()).toEqual({ result: E.right(savedAt(11)), notes: [] })
  })

  test.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['cut off', (bytes) => bytes.subarray(0, -1)],
    ['empty', () => new Uint8Array()],
    ['a bit of a tensor', flip((bytes) => bytes.length - 5)],
    ['a bit of the progress', flip((bytes) => bytes.indexOf('before') + 10)],
    ['a bit of a name', flip((bytes) => bytes.indexOf('student.'))],
  ])('a damaged one is set aside, and the one before it is taken: %s', async (_, how) => {
    await write(2, 4)
    const path = damage(4, how)
    const note = `${path} is damaged (now ${path}.damaged); going on from step 2, the one before`
    expect(await newest()).toEqual({ result: E.right(savedAt(2)), notes: [note] })
    expect(readdirSync(root).sort()).toEqual(['step-00000002.safetensors', 'step-00000004.safetensors.damaged'])
  })

  test('where all are damaged, none is touched', async () => {
    await write(2, 4)
    const empty = damage(4, () => new Uint8Array())
    const cut = damage(2, (bytes) => bytes.subarray(0, -1))
    expect(await newest()).toMatchObject({
      result: {
        left: {
          message: `no checkpoint in ${root} can be resumed from: ${empty}: the file ends after 0 bytes, before the 8 bytes that hold the header's length; ${cut}: tensor "teacher.weight" ends at byte 48 of the data, but there are only 47: the file is cut off`,
          remedy: 'Put back a copy of one of them, or start a new run.',
        },
      },
      notes: [],
    })
    expect(readdirSync(root).length).toBe(2)
  })

  test('the newest and those that are kept for good stay', async () => {
    await write(1, 2, 3, 4, 5, 6, 7)
    expect(E.isRight(await pruneCheckpoints(root, 1, (step) => step % 3 === 0)())).toBe(true)
    expect(readdirSync(root).sort()).toEqual([3, 6, 7].map((step) => checkpointPath('', step)))
  })
})

describe('what is written beside the training', () => {
  const saverHere = () => {
    const reached: { done: number; saved: number | undefined } = { done: 9, saved: undefined }
    const folder = { ...runFolder(root), checkpoints: root }
    return {
      reached,
      saver: newSaver({
        folder,
        specs,
        about: {},
        keep: 2,
        forGood: () => false,
        reached,
        tell: () => undefined,
        show: async () => undefined,
      }),
    }
  }

  test('is on the disk when it has settled, and told as saved then only', async () => {
    const { reached, saver } = saverHere()
    expect(await saver.begin(async () => savedAt(5))()).toEqual(E.right(undefined))
    expect(reached.saved).toBeUndefined()
    expect(await saver.settled()).toEqual(E.right(undefined))
    expect(reached.saved).toBe(5)
    expect(readdirSync(root)).toEqual(['step-00000005.safetensors'])
  })

  test('is written one after another: the state is read when the one before is done', async () => {
    const { reached, saver } = saverHere()
    await saver.begin(async () => savedAt(5))()
    let before: number | undefined
    await saver.begin(async () => {
      before = reached.saved
      return savedAt(6)
    })()
    expect(before).toBe(5)
    await saver.settled()
    expect(reached.saved).toBe(6)
  })

  test('is nothing where a number is non-finite, and the training hears of it', async () => {
    const { saver } = saverHere()
    const { state, progress } = savedAt(5)
    state['teacher.weight']![4] = Number.NaN
    await saver.begin(async () => ({ state, progress }))()
    const lost = { left: { _tag: 'Diverged', message: "after step 5 teacher.weight isn't finite" } }
    expect(await saver.settled()).toMatchObject(lost)
    expect(await saver.soFar()).toMatchObject(lost)
    expect(await saver.begin(async () => savedAt(6))()).toMatchObject(lost)
    expect(readdirSync(root)).toEqual([])
  })
})
