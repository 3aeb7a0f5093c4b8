/** `ibot report`, and the report that a run leaves. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, linkIbot, start, TINY } from './ibot'

test('a run leaves a report, which is made anew or elsewhere at any time', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  const ran = await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu'])
  expect(ran.stdout).toContain('report   runs/tiny/report.html\n')
  const report = join(cwd, 'runs', 'tiny', 'report.html')
  const first = readFileSync(report, 'utf8')
  writeFileSync(report, 'an older one')
  expect(await start(cwd, ['report', 'runs/tiny'])).toEqual({ code: 0, stdout: 'runs/tiny/report.html\n', stderr: '' })
  expect(readFileSync(report, 'utf8')).toBe(first)

  expect((await start(cwd, ['report', 'runs/tiny', '--out', 'mine.html'])).stdout).toBe('mine.html\n')
  expect(await start(cwd, ['report', 'runs/tiny', '--out', 'mine.html'])).toEqual({
    code: 3,
    stdout: '',
    stderr: "error  mine.html exists, and nothing is overwritten\n  Choose another name for '--out', or move the file away.\n",
  })
  expect(existsSync(join(cwd, 'mine.html'))).toBe(true)

  expect(await start(cwd, ['report', 'runs/tinny'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "runs/tinny  there is no run in this folder to report on\n  did you mean 'runs/tiny'?\n\n1 problem\n",
  })
})

/** Pictures that take their time: a report reads all 24. */
const SLOW = `import { writeFileSync } from 'node:fs'
import { define, source } from 'ibot/define'

let reads = 0
process.on('exit', () => writeFileSync('reads', String(reads)))

const right = (value) => ({ _tag: 'Right', right: value })
const read = async (i) => {
  reads++
  await new Promise((resolve) => setTimeout(resolve, 400))
  return right({ width: 8, height: 8, channels: 3, data: Uint8Array.from({ length: 192 }, (_, k) => (17 * k + 31 * i) % 256) })
}
const opened = { name: 'slow', count: 24, channels: 3, size: [8, 8], classes: [], label: () => undefined, fingerprint: '0', read }

export const slow = define(source)({ name: 'slow', doc: 'Takes its time.', fields: {}, build: () => () => async () => right(opened) })
`
const SLOW_RUN = TINY.replace('shapes: { count: 24, size: 8 }', 'slow: {}')
  .replace(/ {2}- knn.*\n/, '')
  .replace('batch: 8, steps: 4', 'batch: 2, steps: 1')

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while the report is made ends the process soon: the run is done and saved, and there is no page',
  async (signal, code) => {
    const cwd = folder({ 'slow.yaml': SLOW_RUN, 'slow.mjs': SLOW })
    linkIbot(cwd)
    const running = start(cwd, ['run', 'slow.yaml', '--ops', 'slow.mjs', '--backend', 'cpu', '--json', '--out', 'run'])
    await running.said('"event":"checkpoint","step":1')
    running.process.kill(signal)
    const ended = await running
    expect(ended).toMatchObject({
      code,
      stderr: "stopped  the run's report was not made\n  Make it with: ibot report run --ops slow.mjs\n",
    })
    expect(JSON.parse(ended.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ run: 'run', steps: 1 })
    expect(readdirSync(join(cwd, 'run')).filter((name) => /report|tmp|lock/.test(name))).toEqual([])
    // Two by the step; a whole report takes 28 more.
    expect(Number(readFileSync(join(cwd, 'reads'), 'utf8'))).toBeLessThan(20)
  },
)
