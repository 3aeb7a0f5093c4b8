import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { toYaml } from '../../src/dsl/print'
import { tiny } from '../run/tiny'
import { ROOT } from './ibot'

const root = mkdtempSync(join(tmpdir(), 'ibot-unfinished-'))
afterAll(() => rmSync(root, { recursive: true }))

const node = (script: string, limit = 'true') =>
  spawnSync('sh', ['-c', `${limit} && exec "$0" -e "$1"`, process.execPath, script], { encoding: 'utf8', timeout: 60_000 })

test('a run that waits for what will never come is a failure, not exit 0, and its lock goes', () => {
  const { status, stdout } = node(`
    const { locked } = require(${JSON.stringify(join(ROOT, 'dist/store/runLock.js'))})
    const { runFolder } = require(${JSON.stringify(join(ROOT, 'dist/store/folder.js'))})
    locked(runFolder(${JSON.stringify(root)}), () => new Promise(() => undefined))().then((end) => console.log(JSON.stringify(end)))
  `)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ left: { _tag: 'Missing', message: expect.stringContaining('stands still') } })
  expect(existsSync(join(root, 'run.lock'))).toBe(false)
})

test.skipIf(process.platform === 'win32')(
  'with too few file handles for its workers a run ends soon, with another exit code than 0',
  () => {
    const file = join(root, 'tiny.yaml')
    writeFileSync(file, toYaml(tiny({ workers: 2 })))
    const out = join(root, 'few')
    const args = ['node', 'ibot', 'run', file, '--backend', 'cpu', '--out', out]
    const main = JSON.stringify(join(ROOT, 'dist/cli/main.js'))
    const { status, stderr } = node(`require(${main}).start(${JSON.stringify(args)})`, 'ulimit -n 26')
    expect([1, 3]).toContain(status)
    expect(stderr).not.toBe('')
    expect(existsSync(join(out, 'run.lock'))).toBe(false)
  },
)
