/** `ibot view attention|pca|correspondence`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { folder, start, TINY, WITHOUT_TENSORFLOW } from './ibot'

const sizeOf = async (path: string) => {
  const { width, height } = await sharp(path).metadata()
  return [width, height]
}

test('a run gives pictures of its network, of its own data and of others', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  expect((await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu', '--out', 'tiny'])).code).toBe(0)
  const view = (...args: readonly string[]) => start(cwd, ['view', ...args], WITHOUT_TENSORFLOW)

  // A row for each of three pictures of 8 pixels, 14 times enlarged: a label, two heads beside the picture, and what is below them.
  expect(await view('attention', 'tiny', '--images', '3')).toEqual({ code: 0, stdout: 'tiny-attention.png\n', stderr: '' })
  expect(await sizeOf(join(cwd, 'tiny-attention.png'))).toEqual([8 + 3 * 120, 8 + 3 * (20 + 112 + 2 + 112 + 8)])

  const other = await sharp({ create: { width: 40, height: 24, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  writeFileSync(join(cwd, 'a.png'), other)
  writeFileSync(join(cwd, 'b.png'), await sharp(other).negate().png().toBuffer())
  expect((await view('pca', 'tiny', '--images', 'a.png', 'b.png', '--size', '16', '--out', 'c')).stdout).toBe('c.png\n')
  expect(await sizeOf(join(cwd, 'c.png'))).toEqual([8 + 120 + 120, 8 + 2 * (20 + 120)])

  expect((await view('correspondence', 'tiny', '--images', 'a.png', 'b.png')).stdout).toBe('tiny-correspondence.png\n')
  expect(await sizeOf(join(cwd, 'tiny-correspondence.png'))).toEqual([8 + 112 + 24 + 112 + 8, 8 + 20 + 112 + 8])

  expect(await view('correspondence', 'tiny', '--images', 'a.png')).toEqual({
    code: 3,
    stdout: '',
    stderr: 'error  pictures are compared two by two, and 1 are named\n  Name one more, or one less.\n',
  })
  expect(await view('pca', 'tiny', '--size', '10')).toEqual({
    code: 3,
    stdout: '',
    stderr: "error  pictures of 10 × 10 pixels can't be divided into patches of 4 × 4\n  Use a multiple of 4, such as 12.\n",
  })
  expect((await view('pca', 'tiny', '--images', 'nothing.png')).stderr).toBe(
    'error  cannot read the picture nothing.png: there is no such file or folder\n  Check the path; it is taken from the folder in which the command runs.\n',
  )
})

test('a mistake in the arguments names the command in full', async () => {
  expect(await start(folder(), ['view', 'pca'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "error: missing required argument 'run'\nSee 'ibot view pca --help'.\n",
  })
})
