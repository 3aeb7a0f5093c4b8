/** `ibot report`, and the report that a run leaves. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, start, TINY } from './ibot'

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
    stderr: "runs/tinny  there is no run in this folder to tell of\n  did you mean 'runs/tiny'?\n\n1 problem\n",
  })
})
