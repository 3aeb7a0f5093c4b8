/** A disk that is full, read-only or gone in the middle of a run: a clear end, and nothing lost that was saved. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type * as promises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { exitCode } from '../../src/base/failure'
import { failureText } from '../../src/cli/failureText'
import { runPlan } from '../../src/run/run'
import { tiny } from './tiny'

/** From the first time on that a file is written whose path ends like `from`, a disk fails with `code`. */
const disk = vi.hoisted(() => ({ folder: '', from: '', failing: false, code: '' }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>()
  const failing = (path: unknown): boolean => {
    const own = disk.from !== '' && resolve(String(path)).startsWith(disk.folder)
    disk.failing ||= own && String(path).includes(disk.from)
    return own && disk.failing
  }
  const fail = (): never => {
    throw Object.assign(new Error(`${disk.code}: injected`), { code: disk.code })
  }
  const guard =
    <A extends readonly unknown[], R>(action: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> =>
      failing(args[0]) ? fail() : action(...args)
  const open: typeof real.open = async (path, flags, mode) => {
    if (flags === 'r') return real.open(path, flags, mode)
    const file = await (failing(path) ? fail() : real.open(path, flags, mode))
    const write = file.writeFile.bind(file)
    file.writeFile = async (content) => {
      if (!failing(path)) return write(content)
      await write(content.slice(0, 9) as string)
      fail()
    }
    return file
  }
  const appendFile: typeof real.appendFile = async (path, text) => {
    if (!failing(path)) return real.appendFile(path, text)
    await real.appendFile(path, text.slice(0, 20))
    fail()
  }
  return { ...real, open, appendFile, rename: guard(real.rename), mkdir: guard(real.mkdir) }
})

let root = ''
let unbroken = ''
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-faults-'))
  disk.folder = root
  unbroken = await ended({ out: join(root, 'unbroken') })
})
afterAll(() => rmSync(root, { recursive: true }))

const plan = () => tiny({ steps: 3, every: '1 steps' })

/** The SHA-256 of what a run ends with, or its exit code and what is told. */
const ended = async (options: { readonly out?: string; readonly resume?: string }): Promise<string> => {
  const result = await runPlan(plan(), { ...options, backend: 'cpu' })()
  if (E.isRight(result)) return result.right.sha256
  return `${exitCode(result.left)} ${failureText(result.left)}`.replaceAll(`${root}/`, '')
}
const endedOn = async (code: string, from: string, out: string): Promise<string> => {
  Object.assign(disk, { code, from, failing: false })
  const told = await ended({ out: join(root, out) })
  disk.from = ''
  return told
}

test.each([
  ['ENOSPC', 'no space is left on the disk', 'Free some space or choose another disk.'],
  ['EACCES', 'permission denied', 'Check the permissions of the path and of the folders above it.'],
  ['EMFILE', 'too many files are open', 'Raise the limit (ulimit -n).'],
])('%s while a run goes on: exit 3, with what was saved and how to go on', async (code, reason, remedy) => {
  const out = code.toLowerCase()
  expect(await endedOn(code, 'step-00000003', out)).toBe(
    `3 error  cannot write ${out}/checkpoints/step-00000003.safetensors: ${reason}\n  ${remedy} The last good checkpoint is that of step 2 in ${out}/checkpoints. Go on with: ibot run --resume ${out}`,
  )
  expect(readdirSync(join(root, out, 'checkpoints'))).toEqual(['step-00000001.safetensors', 'step-00000002.safetensors'])
})

test('what was saved is resumed from', async () => {
  expect(await ended({ resume: join(root, 'enospc') })).toBe(unbroken)
})

test.each([
  ['its folder', 'full-0'],
  ['its record', 'run.json'],
  ['its pipeline', 'resolved.yaml'],
])('where not even %s can be written, a run can begin in the same folder later', async (_, from) => {
  const out = from === 'full-0' ? from : `full-${from}`
  expect(await endedOn('ENOSPC', from, out)).toMatch(/^3 error {2}cannot [^\n]*no space is left on the disk\n {2}Free some space/)
  expect(await ended({ out: join(root, out) })).toBe(unbroken)
})

test('a metric that can only be written in part is none', async () => {
  expect(await endedOn('ENOSPC', 'metrics.jsonl', 'metrics')).toMatch(
    /^3 error {2}cannot write metrics\/metrics.jsonl: no space is left/,
  )
  expect(await ended({ resume: join(root, 'metrics') })).toBe(unbroken)
})
