/** The process that reads Parquet files, and the one that it reads for. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, expect, test } from 'vitest'

const ROOT = join(__dirname, '..', '..')
const top = mkdtempSync(join(tmpdir(), 'ibot-parquet-process-'))
afterAll(() => rmSync(top, { recursive: true }))

const HOSTILE = JSON.parse(readFileSync(join(__dirname, 'parquetHostile.json'), 'utf8')) as Record<string, string>
const SOUND = JSON.parse(readFileSync(join(__dirname, 'parquet.json'), 'utf8')) as Record<string, string>

let parent: ChildProcess | undefined
afterEach(() => {
  parent?.kill('SIGKILL')
})

/** What Linux says of a process: its state, and its parent's number; undefined where there is none. */
const processOf = (pid: number): { readonly state: string; readonly parent: number } | undefined => {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return { state: state!, parent: Number(parent) }
  } catch {
    return undefined
  }
}
const childrenOf = (pid: number): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((one) => processOf(one)?.parent === pid)
/** One that nobody has asked for its end yet is dead too. */
const lives = (pid: number): boolean => !['Z', 'X', undefined].includes(processOf(pid)?.state)

const until = async (holds: () => boolean, seconds: number): Promise<boolean> => {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; await sleep(20)) if (holds()) return true
  return holds()
}

/** A process that opens a file, says so, and then waits; the one that reads for it. */
const opening = async (content: string, wait: (reader: number) => Promise<unknown>): Promise<number> => {
  const path = join(top, 'a.parquet')
  writeFileSync(path, Buffer.from(content, 'base64'))
  const program = `
const { parquetSource } = require(${JSON.stringify(join(ROOT, 'dist', 'io', 'parquet.js'))})
setInterval(() => undefined, 1000)
parquetSource({ files: [${JSON.stringify(path)}], image: 'image', channels: 3 }, () => undefined)().then(() => console.log('opened'))`
  parent = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, IBOT_CACHE: join(top, 'cache') },
  })
  expect(await until(() => childrenOf(parent!.pid!).length > 0, 20)).toBe(true)
  const [reader] = childrenOf(parent.pid!)
  await wait(reader!)
  return reader!
}

/** Hundredths of a second. */
const computed = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}

test.skipIf(process.platform !== 'linux').each([
  [
    'is idle',
    SOUND['Hugging Face, snappy']!,
    () => new Promise((resolve) => parent!.stdout!.on('data', (text) => String(text).includes('opened') && resolve(undefined))),
  ],
  // It has computed for longer than it takes to start, and hears of nothing.
  [
    'is caught in a loop without end',
    HOSTILE['a loop without end']!,
    (reader: number) => until(() => computed(reader) > 100, 20),
  ],
])('a process that %s ends with the one that it reads for, though that is killed', async (_, content, wait) => {
  const reader = await opening(content, wait)
  expect(lives(reader)).toBe(true)
  parent!.kill('SIGKILL')
  expect(await until(() => !lives(reader), 5)).toBe(true)
})
