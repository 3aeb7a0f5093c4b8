/** `ibot view`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { pictureFolder } from '../loader/pictureFolder'
import { folder, start, TINY } from './ibot'

const URIS = /(?:src|href)="([^"]*)"/g

test('a pipeline gives a contact sheet and a page that needs nothing else', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  expect(await start(cwd, ['view', 'tiny.yaml', '--images', '3'])).toEqual({
    code: 0,
    stdout: 'tiny-views.png\ntiny-views.html\n',
    stderr: '',
  })
  // Two global views of 8 and two local ones of 4 pixels, 14 times enlarged, beside a picture of 8; above each its label.
  const { width, height, format } = await sharp(join(cwd, 'tiny-views.png')).metadata()
  expect({ width, height, format }).toEqual({
    width: 8 + 3 * (112 + 8) + 2 * (56 + 8),
    height: 8 + 3 * (20 + 112 + 8),
    format: 'png',
  })
  const html = readFileSync(join(cwd, 'tiny-views.html'), 'utf8')
  const uris = [...html.matchAll(URIS)].map(([, uri]) => uri!)
  expect(uris).toHaveLength(3 * 5)
  expect(uris.filter((uri) => !uri.startsWith('data:image/png;base64,'))).toEqual([])
  expect(html).not.toMatch(/<script|https?:\/\//)
  expect(html.match(/2 of 4 patches hidden/g)?.length).toBeGreaterThan(0)
  expect(html).toMatch(/resizedCrop box \[\d, \d, \d, \d\] size 8 interpolation bicubic/)

  // Once more: what is there stays.
  const before = readFileSync(join(cwd, 'tiny-views.html'))
  expect((await start(cwd, ['view', 'tiny.yaml', '--images', '1'])).stdout).toBe('tiny-views-2.png\ntiny-views-2.html\n')
  expect(readFileSync(join(cwd, 'tiny-views.html')).equals(before)).toBe(true)
})

test('a name that is taken is refused, one with an ending is understood', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  writeFileSync(join(cwd, 'seen.html'), 'mine')
  expect(await start(cwd, ['view', 'tiny.yaml', '--out', 'seen.png'])).toEqual({
    code: 3,
    stdout: '',
    stderr: "error  seen.html exists, and nothing is overwritten\n  Choose another name for '--out', or move the file away.\n",
  })
  expect(readFileSync(join(cwd, 'seen.html'), 'utf8')).toBe('mine')
  expect((await start(cwd, ['view', 'tiny.yaml', '--out', 'new/seen.html'])).stdout).toBe('new/seen.png\nnew/seen.html\n')
})

test('a number of pictures that is none is refused', async () => {
  const { code, stderr } = await start(folder({ 'tiny.yaml': TINY }), ['view', 'tiny.yaml', '--images', '0'])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      "error: option '--images <n>' argument '0' is invalid. Expected a whole number from 1 to 256.\nSee 'ibot view --help'.\n",
  })
})

test('a picture that cannot be read is named', async () => {
  const cwd = folder({
    'bad.jpg': 'no picture',
    'p.yaml': TINY.replace('{ shapes: { count: 24, size: 8 } }', '{ imageFolder: . }').replace('batch: 8', 'batch: 1'),
  })
  const { code, stderr } = await start(cwd, ['view', 'p.yaml'])
  expect(code).toBe(3)
  expect(stderr).toContain('bad.jpg cannot be decoded')
})

test('beside pictures that can be read, one that cannot is named, and the others are shown', async () => {
  const pictures = await pictureFolder(24)
  onTestFinished(() => rmSync(pictures, { recursive: true }))
  for (const name of ['0', '4']) writeFileSync(join(pictures, `class0/${name}.jpg`), 'no picture')
  const cwd = folder({ 'p.yaml': TINY.replace('{ shapes: { count: 24, size: 8 } }', `{ imageFolder: ${pictures} }`) })
  const { code, stdout, stderr } = await start(cwd, ['view', 'p.yaml', '--images', '24', '--set', 'train.maxBad=0.2'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'tiny-views.png\ntiny-views.html\n' })
  const named = /class0.[04]\.jpg cannot be decoded[^<\n]*; another picture stands in its place, as in training/g
  expect(stderr.match(named)).toHaveLength(2)
  const html = readFileSync(join(cwd, 'tiny-views.html'), 'utf8')
  expect(html.match(named)).toHaveLength(2)
  expect(html.match(/alt="global 1 of picture/g)).toHaveLength(24)
})
