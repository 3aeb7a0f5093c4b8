/** A lock is held by one process at a time, in one container or in several, and never for ever. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { thisProcess } from '../../src/base/holder'
import { type Lock, type Rhythm, tryLock } from '../../src/base/lock'

let folder: string
let path: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibot-lock-'))
  path = join(folder, 'lock')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const RHYTHM: Rhythm = { touch: 20, dead: 5000 }
const ELSEWHERE = { host: 'elsewhere', namespace: 'boot pid:[1]' }
const here = thisProcess()
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid
const leave = (content: object | string): void =>
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
const touchedBefore = (seconds: number): void => {
  const then = new Date(Date.now() - 1000 * seconds)
  utimesSync(path, then, then)
}
const taken = async (): Promise<boolean> => {
  const lock = await tryLock(path, RHYTHM)
  if (E.isRight(lock)) await lock.right.release()
  return E.isRight(lock)
}
const take = async (rhythm = RHYTHM): Promise<Lock> => {
  const lock = await tryLock(path, rhythm)
  if (E.isLeft(lock)) throw new Error(`held by ${JSON.stringify(lock.left)}`)
  return lock.right
}

/** Another process that runs a program; `tryLock`, `path`, `say` are there. */
const other = (program: string): ChildProcess => {
  const built = join(__dirname, '..', '..', 'dist', 'base', 'lock.js')
  const text = `const { tryLock } = require(${JSON.stringify(built)}), path = ${JSON.stringify(path)}
    const say = (word) => process.stdout.write(word + '\\n'), rhythm = { touch: 20, dead: 300 }
    ;(async () => { ${program} })()`
  const child = spawn(process.execPath, ['-e', text], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}
const said = async (child: ChildProcess): Promise<string> => String((await once(child.stdout!, 'data'))[0]).trim()
const HOLDS = "await tryLock(path, rhythm); say('held'); setInterval(() => undefined, 1000)"

test('it says who holds it: process, host, namespace and beginning; afterwards nothing is left', async () => {
  const lock = await take()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject(JSON.parse(JSON.stringify(here)))
  expect(await tryLock(path)).toMatchObject({ left: { pid: process.pid, host: hostname() } })
  await lock.release()
  expect(readdirSync(folder)).toEqual([])
})

test.each<[string, () => object]>([
  ['whose process is gone', () => ({ ...here, pid: deadPid() })],
  ['whose number a later process has', () => ({ ...here, pid: process.ppid, began: `${here.began}0` })],
  ['of an older version whose process is gone', () => ({ pid: deadPid(), host: hostname() })],
])('a lock %s does not count', async (_, holder) => {
  leave(holder())
  expect(await taken()).toBe(true)
})

test.each<[string, () => object]>([
  ['of a living process that has not touched it for long', () => here],
  [
    'of another namespace on a host of the same name, where its number is free here',
    () => ({ ...here, namespace: 'x', pid: deadPid() }),
  ],
  ['of another machine', () => ({ ...ELSEWHERE, pid: deadPid() })],
])('a lock %s counts', async (_, holder) => {
  leave(holder())
  if (holder() === here) touchedBefore(100)
  expect(await taken()).toBe(false)
})

test.each<[string, object]>([
  ['another namespace', { ...here, namespace: 'x' }],
  ['another machine', { ...ELSEWHERE, pid: 1 }],
  ['this machine, where it is not known when it began', { pid: process.ppid, host: hostname() }],
])('the lock of a process of %s counts until it is no longer touched', async (_, holder) => {
  leave(holder)
  touchedBefore(2)
  expect(await taken()).toBe(false)
  touchedBefore(6)
  expect(await taken()).toBe(true)
})

test('a time to come, of a clock that was set back, is no touch', async () => {
  leave(ELSEWHERE)
  leave({ ...ELSEWHERE, pid: 1 })
  touchedBefore(-100)
  expect(await taken()).toBe(true)
})

test.each([[''], ['{"pid":12,"ho']])(
  'a lock that was written as far as %j is waited for, then it does not count',
  async (text) => {
    leave(text)
    const finished = tryLock(path, RHYTHM)
    await sleep(200)
    expect(readFileSync(path, 'utf8')).toBe(text)
    leave(here)
    expect(await finished).toMatchObject({ left: { pid: process.pid } })
    leave(text)
    expect(await taken()).toBe(true)
  },
)

test('its holder touches it, also while its main thread is busy', async () => {
  const child = other(`${HOLDS}; say('busy'); for (;;);`)
  await said(child)
  const before = statSync(path).mtimeMs
  await sleep(500)
  expect(statSync(path).mtimeMs).toBeGreaterThan(before)
  expect(await taken()).toBe(false)
})

test('a killed holder holds nothing; one that only stands still does', async () => {
  const child = other(HOLDS)
  expect(await said(child)).toBe('held')
  child.kill('SIGSTOP')
  await sleep(400)
  expect(E.isLeft(await tryLock(path, { touch: 20, dead: 100 }))).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await taken()).toBe(true)
})

test('who was taken for gone hears of it, and leaves the lock to the other', async () => {
  const lock = await take()
  leave({ ...ELSEWHERE, pid: 7 })
  expect(await lock.lost).toMatchObject({ ...ELSEWHERE, pid: 7 })
  await lock.release()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...ELSEWHERE, pid: 7 })
})

test('of many processes that want it at once, one at a time gets it, also where a stale one is in the way', async () => {
  const log = join(folder, 'log')
  appendFileSync(log, '')
  const program = `const fs = require('node:fs'), log = ${JSON.stringify(log)}
    for (let n = 0; n < 5; ) {
      const lock = await tryLock(path, rhythm)
      if (lock._tag === 'Left') { await new Promise((f) => setTimeout(f, 3)); continue }
      fs.appendFileSync(log, '('); await new Promise((f) => setTimeout(f, 5)); fs.appendFileSync(log, ')'); n++
      await lock.right.release()
      // Every other time a dead process's lock is left.
      if (n % 2 === 0) try { fs.writeFileSync(path, '{"pid":1073741824,"host":' + JSON.stringify(require('node:os').hostname()) + '}', { flag: 'wx' }) } catch {}
    }`
  leave({ ...here, pid: deadPid() })
  const racing = Array.from({ length: 6 }, () => other(program))
  await Promise.all(racing.map((child) => once(child, 'exit')))
  expect(racing.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0])
  expect(readFileSync(log, 'utf8')).toBe('()'.repeat(30))
  await taken()
  expect(readdirSync(folder)).toEqual(['log'])
})

test('a folder that is not there is an error of the file system', async () => {
  await expect(tryLock(join(folder, 'none', 'lock'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(existsSync(join(folder, 'none'))).toBe(false)
})
