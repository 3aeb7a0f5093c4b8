/** A FILE that can't be read as a pipeline: always a problem of the user's, never an error that is thrown. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterEach, expect, test } from 'vitest'
import { exitCode } from '../../src/base/failure'
import { failureText } from '../../src/cli/failureText'
import { readText } from '../../src/cli/file'
import { folder, start, TINY } from './ibot'

const here = process.cwd()
afterEach(() => process.chdir(here))

const refused = async (cwd: string, file: string): Promise<string> => {
  process.chdir(cwd)
  const read = await readText(file)()
  if (E.isRight(read)) throw new Error(`${file} was read`)
  expect(exitCode(read.left)).toBe(2)
  return failureText(read.left).replace('\n\n1 problem', '')
}

test('no such file', async () => {
  const cwd = folder({ 'tiny.yaml': TINY, 'notes.txt': '' })
  expect(await refused(cwd, 'tinny.yaml')).toBe("tinny.yaml  there is no such file\n  did you mean 'tiny.yaml'?")
  expect(await refused(cwd, 'tiny')).toBe("tiny  there is no such file\n  did you mean 'tiny.yaml'?")
  expect(await refused(cwd, 'tiny.yaml/x.yaml')).toMatch(/^tiny.yaml\/x.yaml {2}there is no such file\n/)
  expect(await refused(cwd, 'notse.txt')).toMatch(/^notse.txt {2}there is no such file\n {2}check the path/)
  mkdirSync(join(cwd, 'pipelines'))
  writeFileSync(join(cwd, 'pipelines', 'mnist.yml'), TINY)
  expect(await refused(cwd, 'mnist')).toContain("did you mean 'pipelines/mnist.yml'?")
  expect(await refused(cwd, 'piplines/mnsit.yml')).toContain("did you mean 'pipelines/mnist.yml'?")
})

test('a folder', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  expect(await refused(cwd, '.')).toBe('.  this is a folder, not a file\n  name a file in it: tiny.yaml')
})

test('a file that is larger than any pipeline', async () => {
  const cwd = folder({ 'pictures.bin': '' })
  truncateSync(join(cwd, 'pictures.bin'), 3 * 2 ** 30)
  expect(await start(cwd, ['check', 'pictures.bin'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('pictures.bin has 3,221,225,472 bytes, which no pipeline has'),
  })
})

test('not UTF-8', async () => {
  const cwd = folder({
    'latin.yaml': Buffer.from('name: tiny\n# caf\xe9\n', 'latin1'),
    'wide.yaml': Buffer.from(`\ufeff${TINY}`, 'utf16le'),
    'marked.yaml': `\ufeff${TINY}`,
  })
  expect(await refused(cwd, 'latin.yaml')).toMatchInlineSnapshot(`
    "latin.yaml:2:6  this is not UTF-8 text
      1 | name: tiny
      2 | # caf�
        |      ^
      save the file as UTF-8"
  `)
  expect(await refused(cwd, 'wide.yaml')).toContain('is it a pipeline at all? If so, save it as UTF-8')
  expect(await readText('marked.yaml')()).toEqual(E.right(TINY))
})

test('an empty file', async () => {
  const { code, stdout, stderr } = await start(folder({ 'empty.yaml': '' }), ['check', 'empty.yaml'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatchInlineSnapshot(`
    "empty.yaml:1:1  this file has no pipeline in it
      1 |
        | ^
      begin with 'name: …' and 'pipeline:', followed by the list of stages

    1 problem
    "
  `)
})
