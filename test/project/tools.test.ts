/** The type check and the linter are part of the tests. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(__dirname, '..', '..')
const run = (tool: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules', tool), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return { status, output: status === 0 ? '' : stdout + stderr }
}

test('the whole project type-checks, and what must not compile does not', () => {
  expect(run('typescript/bin/tsc', '-p', 'tsconfig.json')).toEqual({ status: 0, output: '' })
  // What runs in pages, where there is a document and no Node.js.
  expect(run('typescript/bin/tsc', '-p', 'browser')).toEqual({ status: 0, output: '' })
  expect(run('typescript/bin/tsc', '-p', 'browser/tab')).toEqual({ status: 0, output: '' })
})

test('the linter finds nothing', () => {
  expect(run('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')).toEqual({ status: 0, output: '' })
})
