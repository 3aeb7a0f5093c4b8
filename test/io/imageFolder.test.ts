import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Failure, missing } from '../../src/base/failure'
import { EXTENSIONS } from '../../src/io/extensions'
import { imageFolder } from '../../src/io/imageFolder'
import type { Source } from '../../src/io/source'

const top = mkdtempSync(join(tmpdir(), 'ibot-folder-'))
afterAll(() => rmSync(top, { recursive: true }))

/** A picture of one shade in each format, 3 wide and 2 high. */
const shades = new Map<string, Buffer>()
beforeAll(async () => {
  for (const format of ['png', 'jpeg', 'webp', 'gif', 'tiff'] as const)
    shades.set(
      format,
      await sharp({ create: { width: 3, height: 2, channels: 3, background: '#808080' } })
        .toFormat(format)
        .toBuffer(),
    )
})

let folders = 0
/** A new folder with these files: pictures in the format that is named, else this text. */
const tree = (files: Record<string, string>): string => {
  const root = join(top, `tree${folders++}`)
  mkdirSync(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), shades.get(content) ?? content)
  }
  return root
}
const open = (path: string, channels: 1 | 3 = 3): Promise<E.Either<Failure, Source>> => imageFolder({ path, channels })()
const opened = async (path: string, channels: 1 | 3 = 3): Promise<Source> => {
  const source = await open(path, channels)
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const labels = (source: Source) => Array.from({ length: source.count }, (_, i) => source.label(i))

describe('imageFolder', () => {
  it('takes first-level sub-folders for classes and counts deeper pictures for them', async () => {
    const root = tree({
      'dog/1.png': 'png',
      'cat/old/deep/2.jpeg': 'jpeg',
      'cat/b.JPG': 'jpeg',
      'cat/a.webp': 'webp',
      'Zebra/x.Tiff': 'tiff',
      'dog/2.gif': 'gif',
      'dog/notes.txt': 'none',
      'README.md': 'none',
    })
    const source = await opened(root)
    expect(source).toMatchObject({ name: root, count: 6, channels: 3, size: undefined, classes: ['Zebra', 'cat', 'dog'] })
    expect(labels(source)).toEqual([0, 1, 1, 1, 2, 2])
    for (let i = 0; i < source.count; i++)
      expect(await source.read(i)).toEqual(E.right({ width: 3, height: 2, channels: 3, data: new Uint8Array(18).fill(128) }))
  })

  it('takes a flat folder for pictures without labels', async () => {
    const source = await opened(tree({ 'b.png': 'png', 'a.png': 'png', '.hidden.png': 'none', '.cache/c.png': 'none' }), 1)
    expect(source).toMatchObject({ count: 2, channels: 1, classes: [] })
    expect(labels(source)).toEqual([undefined, undefined])
    expect(await source.read(0)).toEqual(E.right({ width: 3, height: 2, channels: 1, data: new Uint8Array(6).fill(128) }))
  })

  it('sorts by the code points of the paths, not of the class names', async () => {
    const root = tree({
      'a/z.png': 'png',
      'a b/z.png': 'broken',
      'a/Z.png': 'broken',
      'a/\u{1f600}.png': 'png',
      'a/\u{ff5e}.png': 'broken',
    })
    const source = await opened(root)
    expect(source.classes).toEqual(['a', 'a b'])
    expect(labels(source)).toEqual([1, 0, 0, 0, 0])
    const sound = await Promise.all([0, 1, 2, 3, 4].map(async (i) => E.isRight(await source.read(i))))
    expect(sound).toEqual([false, false, true, false, true])
  })

  it('names a broken picture when it is read, and reads the others', async () => {
    const root = tree({ 'a.png': 'not a picture', 'b.png': 'png' })
    const source = await opened(root)
    expect(await source.read(0)).toEqual(
      E.left(
        missing(
          `${join(root, 'a.png')} cannot be decoded: Input buffer contains unsupported image format`,
          'Remove the file, or replace it by a sound JPEG, PNG, WebP, GIF or TIFF picture.',
        ),
      ),
    )
    expect(E.isRight(await source.read(1))).toBe(true)
  })

  it('follows links, each folder once, and comes to an end where they lead round', async () => {
    const root = tree({ 'a/1.png': 'png', 'b/sub/2.png': 'png' })
    const elsewhere = tree({ '3.png': 'png' })
    symlinkSync(root, join(root, 'self'))
    symlinkSync(join(root, 'a'), join(root, 'a', 'again'))
    symlinkSync(join(root, 'b'), join(root, 'b', 'sub', 'up'))
    symlinkSync(root, join(root, 'b', 'top'))
    symlinkSync(elsewhere, join(root, 'c'))
    symlinkSync(join(root, 'a', '1.png'), join(root, 'b', 'link.png'))
    const source = await opened(root)
    expect(source.classes).toEqual(['a', 'b', 'c'])
    expect(labels(source)).toEqual([0, 1, 1, 2])
  })

  it('takes a link that leads nowhere or to itself for a picture that is gone: named when it is read', async () => {
    const root = tree({ 'a/1.png': 'png' })
    symlinkSync('gone.png', join(root, 'a', 'link.png'))
    symlinkSync('x.png', join(root, 'a', 'x.png'))
    const source = await opened(root)
    expect(source.count).toBe(3)
    const [sound, gone, circle] = await Promise.all([0, 1, 2].map((i) => source.read(i)))
    expect(E.isRight(sound!)).toBe(true)
    expect(gone).toEqual(
      E.left(
        missing(
          `cannot read the picture ${join(root, 'a', 'link.png')}: there is no such file or folder`,
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
    expect(circle).toEqual(
      E.left(
        missing(
          `cannot read the picture ${join(root, 'a', 'x.png')}: its symbolic links lead round in a circle`,
          'Remove the link.',
        ),
      ),
    )
  })

  it('names a pipe or a device that is called a picture when it is read, and waits for nothing', async () => {
    const root = tree({ 'a/1.png': 'png' })
    execFileSync('mkfifo', [join(root, 'a', 'pipe.png')])
    symlinkSync('/dev/zero', join(root, 'a', 'zero.png'))
    const source = await opened(root)
    const read = await Promise.all([1, 2].map((i) => source.read(i)))
    expect(read).toEqual(
      ['pipe.png', 'zero.png'].map((name) =>
        E.left(
          missing(
            `cannot read the picture ${join(root, 'a', name)}: it is a pipe, a socket or a device, not a file`,
            'Name a file.',
          ),
        ),
      ),
    )
  })

  it('tells what is left out: pictures of other kinds, and what leads nowhere', async () => {
    const root = tree({ 'a/1.bmp': 'png', 'a/2.ppm': 'png', 'a/3.pgm': 'png', 'a/4.HEIC': '', 'a/5.avif': '', 'a/notes.txt': '' })
    symlinkSync('/nowhere', join(root, 'b'))
    const told: string[] = []
    const source = await imageFolder({ path: root, channels: 3 }, (message) => told.push(message))()
    expect(source).toMatchObject({ right: { count: 3, classes: ['a'] } })
    expect(told).toEqual([
      `${root}: 2 pictures of kinds that are not looked for (.avif .heic) left out: a/4.HEIC, a/5.avif. Read are ${EXTENSIONS.join(' ')}`,
      `${root}: 1 link, pipe or device left out that is no file: b`,
    ])
  })

  it("reads all that torchvision's ImageFolder lists", () => {
    for (const ending of '.jpg .jpeg .png .ppm .bmp .pgm .tif .tiff .webp'.split(' ')) expect(EXTENSIONS).toContain(ending)
  })

  it('has a fingerprint that changes with names and sizes', async () => {
    const trees = [
      { 'a/1.png': 'png' },
      { 'a/2.png': 'png' },
      { 'b/1.png': 'png' },
      { 'a/1.png': 'gif' },
      { 'a/1.png': 'png', 'a/2.png': 'png' },
    ]
    const all = await Promise.all(trees.map(async (files) => (await opened(tree(files))).fingerprint))
    expect(new Set(all).size).toBe(trees.length)
    expect((await opened(tree({ 'a/1.png': 'png', 'a/notes.txt': 'left out' }))).fingerprint).toBe(all[0])
  })

  it('refuses a folder that is not there', async () => {
    expect(await open(join(top, 'gone'))).toEqual(
      E.left(
        missing(
          `cannot read the folder of pictures ${join(top, 'gone')}: there is no such file or folder`,
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
  })

  it('refuses a file', async () => {
    const path = join(tree({ 'a.png': 'png' }), 'a.png')
    expect(await open(path)).toEqual(
      E.left(missing(`cannot read the folder of pictures ${path}: it is a file`, 'Name the folder that the file is in.')),
    )
  })

  const remedy = `Put pictures there, directly or in one sub-folder for each class. Read are ${EXTENSIONS.join(' ')}.`
  it.each<[string, Record<string, string>, string]>([
    ['an empty folder', {}, 'it has no files'],
    ['one file of another kind', { 'a/x.PSD': 'psd' }, '1 file with .psd'],
    ['several kinds', { 'a.psd': '', 'b.psd': '', Makefile: '', 'd/e.heic': '' }, '4 files with .heic, .psd, no extension'],
    [
      'very many kinds',
      Object.fromEntries([...'abcdefg'].map((x) => [`f.${x}`, ''])),
      '7 files with .a, .b, .c, .d, .e and 2 more',
    ],
  ])('says what it saw where there are no pictures: %s', async (_, files, seen) => {
    const root = tree(files)
    expect(await open(root)).toEqual(E.left(missing(`${root} holds no pictures: ${seen}`, remedy)))
  })

  it('refuses pictures beside sub-folders', async () => {
    const root = tree({ 'a.png': 'png', 'cat/1.png': 'png', 'dog/1.png': 'png' })
    expect(await open(root)).toEqual(
      E.left(
        missing(
          `${root} has 1 picture (a.png) beside 2 sub-folders (cat, dog), so it is neither flat nor divided into classes`,
          'For labels, move each picture into the sub-folder of its class; without labels, move all pictures into one folder without sub-folders.',
        ),
      ),
    )
  })

  it('refuses classes without a picture', async () => {
    const root = tree({ 'a/1.png': 'png', 'b/notes.txt': 'none' })
    mkdirSync(join(root, 'c'))
    expect(await open(root)).toEqual(
      E.left(
        missing(
          `${root} has sub-folders without a picture: b, c`,
          'Each sub-folder is a class; remove these or put pictures in.',
        ),
      ),
    )
  })
})
