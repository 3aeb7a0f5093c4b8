/** Few open files (`ulimit -n`): a command ends in words, or as if nothing were. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defect } from '../../src/base/failure'
import { BIN, folder, TINY } from './ibot'

const isPosix = process.platform === 'linux' || process.platform === 'darwin'

/** A command that may have so many files open. */
const withFiles = (count: number, cwd: string, ...args: readonly string[]) => {
  const { NODE_OPTIONS: _, ...env } = process.env
  const script = 'ulimit -n "$0" && exec "$@"'
  const given = ['-c', script, `${count}`, process.execPath, BIN, ...args]
  const { status, stdout, stderr } = spawnSync('/bin/sh', given, { cwd, env, encoding: 'utf8', timeout: 60_000 })
  return { code: status, stdout, stderr }
}

/** The fewest open files with which Node comes to run ibot at all. */
const fewest = (): number => {
  const cwd = folder()
  for (let count = 12; ; count++) if (withFiles(count, cwd, '--version').code === 0) return count
}

test.skipIf(!isPosix)(
  'a run with few open files ends in words, or with its summary',
  () => {
    const least = fewest()
    const endings = [0, 1, 3, 5, 9, 13, 17, 24].map((more) => {
      const cwd = folder({ 'tiny.yaml': TINY })
      const { code, stdout, stderr } = withFiles(
        least + more,
        cwd,
        'run',
        'tiny.yaml',
        '--backend',
        'cpu',
        '--set',
        'train.workers=1',
      )
      const said = `with ${least + more} files:\n${stdout}${stderr}`
      expect(stderr, said).not.toMatch(/^bug|^ {4}at /m)
      if (code === 0) expect(stdout, said).toMatch(/^longer {3}ibot run /m)
      else {
        expect(code, said).toBe(3)
        expect(stderr, said).toMatch(/^error {2}.*(too many files are open|EMFILE|stands still)[\s\S]*ulimit -n/m)
      }
      return { code, cwd }
    })
    expect(endings[0]!.code).toBe(3)
    expect(endings.at(-1)!.code).toBe(0)
    expect(readFileSync(join(endings.at(-1)!.cwd, 'runs', 'tiny', 'metrics.jsonl'), 'utf8')).toContain('"step":4,')
  },
  120_000,
)

test.each([
  Object.assign(new Error("EMFILE: too many open files, open 'x'"), { code: 'EMFILE' }),
  new Error('cannot be loaded', { cause: Object.assign(new Error('ENFILE'), { code: 'ENFILE' }) }),
  new Error('libx.so: cannot open shared object file: Too many open files'),
  new Error('Worker initialization failure: EMFILE'),
])('is never a mistake of ours: %s', (error) => {
  expect(defect(error)).toMatchObject({
    _tag: 'Missing',
    message: expect.stringMatching(/^too many files are open( \(\d+ may be\))?: /),
    remedy: 'Raise the limit (ulimit -n).',
    passing: true,
  })
})

test('other errors are, a part that is missing among them', () => {
  const error = Object.assign(new Error("Cannot find package 'x'"), { code: 'ERR_MODULE_NOT_FOUND' })
  expect(defect(error)).toEqual({ _tag: 'Defect', error })
  const circular: Error & { cause?: unknown } = new Error('round')
  circular.cause = circular
  expect(defect(circular)._tag).toBe('Defect')
})
