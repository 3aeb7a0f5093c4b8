import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RunFolder, runFolder } from '../../src/store/folder'
import { locked } from '../../src/store/runLock'

let folder: RunFolder
beforeEach(() => {
  folder = runFolder(mkdtempSync(join(tmpdir(), 'ibot-lock-')))
})
afterEach(() => rmSync(folder.path, { recursive: true }))

const ownerNow = () => JSON.parse(readFileSync(folder.lock, 'utf8'))
const tryLock = () => locked(folder, TE.fromIO(ownerNow))()
const leave = (owner: object) => writeFileSync(folder.lock, JSON.stringify(owner))
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid

test('who holds a lock is written in it, and it is gone afterwards, also after an error', async () => {
  expect(await tryLock()).toMatchObject({ right: { pid: process.pid, host: hostname() } })
  expect(existsSync(folder.lock)).toBe(false)
  await expect(locked(folder, () => Promise.reject(new Error('broken')))()).rejects.toThrow('broken')
  expect(existsSync(folder.lock)).toBe(false)
})

test('a second one is refused while the first is held, and the first stays', async () => {
  const result = await locked(folder, TE.fromTask(tryLock))()
  expect(result).toMatchObject({
    right: { left: { _tag: 'Missing', message: `this process writes the run in ${folder.path} already` } },
  })
})

test('of many that want it at once, one gets it, also where a stale one is in the way', async () => {
  leave({ pid: deadPid(), host: hostname() })
  let [inside, refused] = [0, 0]
  const use: TE.TaskEither<never, number> = async () => {
    const together = ++inside
    // Until all others have had their answer.
    for (const began = Date.now(); refused < 19 && Date.now() - began < 5000; )
      await new Promise((resolve) => setTimeout(resolve, 5))
    inside--
    return E.right(together)
  }
  const attempt = async () => {
    const result = await locked(folder, use)()
    if (E.isLeft(result)) refused++
    return result
  }
  const results = await Promise.all(Array.from({ length: 20 }, attempt))
  expect(results.filter(E.isRight)).toEqual([E.right(1)])
  expect(readdirSync(folder.path)).toEqual([])
})

test.each<[string, () => object | string]>([
  ['a process that is gone', () => ({ pid: deadPid(), host: hostname() })],
  ['an earlier process that had the number of a living one', () => ({ pid: process.ppid, host: hostname(), began: 'boot 1' })],
  ['a process that was killed before it wrote its name', () => ''],
])('the lock of %s does not count', async (_, owner) => {
  const content = owner()
  writeFileSync(folder.lock, typeof content === 'string' ? content : JSON.stringify(content))
  expect(await tryLock()).toMatchObject({ right: { pid: process.pid } })
})

test('a living process is named, with how to stop it', async () => {
  leave({ pid: process.ppid, host: hostname() })
  expect(await tryLock()).toMatchObject({
    left: {
      message: `process ${process.ppid} is writing the run in ${folder.path}`,
      remedy: `Wait until it ends, or stop it: kill ${process.ppid}`,
    },
  })
  expect(ownerNow().pid).toBe(process.ppid)
})

test('of a process on another machine nothing is known: its lock counts', async () => {
  leave({ pid: deadPid(), host: 'elsewhere' })
  expect(await tryLock()).toMatchObject({
    left: {
      message: expect.stringMatching(/^process \d+ on elsewhere seems to be writing the run in .*$/),
      remedy: `Wait until it ends. If it, or that machine, is gone: rm ${folder.lock}`,
    },
  })
})

test('a process of another container on a host of the same name counts, though its number is free here', async () => {
  leave({ pid: deadPid(), host: hostname(), namespace: 'another' })
  expect(await tryLock()).toMatchObject({
    left: { message: expect.stringMatching(/^process \d+ on .* seems to be writing the run in .*$/) },
  })
})

test('a run that stood still and was taken over ends, and says by whom', async () => {
  const taken: TE.TaskEither<never, void> = () => {
    leave({ pid: 7, host: 'elsewhere', namespace: 'another' })
    return new Promise(() => undefined)
  }
  expect(await locked(folder, taken, { touch: 10, dead: 1000 })()).toMatchObject({
    left: { message: `process 7 on elsewhere has taken over the run in ${folder.path}, which stood still here` },
  })
  expect(ownerNow().pid).toBe(7)
})

test('a folder that is not there', async () => {
  rmSync(folder.path, { recursive: true })
  expect(await tryLock()).toMatchObject({
    left: { _tag: 'Missing', message: `cannot lock the run in ${folder.path}: there is no such file or folder` },
  })
  folder = runFolder(mkdtempSync(join(tmpdir(), 'ibot-lock-')))
})
