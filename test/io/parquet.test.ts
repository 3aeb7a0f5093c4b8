import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { missing } from '../../src/base/failure'
import { type Parquet, parquetSource } from '../../src/io/parquet'
import type { Source } from '../../src/io/source'

/** Small files by pyarrow 26.0, in base64; their pictures are of one shade, 16 or 240. */
const files = JSON.parse(readFileSync(join(__dirname, 'parquet.json'), 'utf8')) as Record<string, string>
/** Bytes in some rows, paths in others (`parquetRows.py`); and damaged files over which the library hangs or breaks. */
const rows = JSON.parse(readFileSync(join(__dirname, 'parquetRows.json'), 'utf8')) as Record<string, string>
const hostile = JSON.parse(readFileSync(join(__dirname, 'parquetHostile.json'), 'utf8')) as Record<string, string>
const bytesOf = (name: string): Buffer => Buffer.from(files[name]!, 'base64')

const top = mkdtempSync(join(tmpdir(), 'ibot-parquet-'))
const cache = join(top, 'cache', 'unpacked')
beforeAll(() => vi.stubEnv('IBOT_CACHE', join(top, 'cache')))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(top, { recursive: true })
})
let folder: string
let folders = 0
beforeEach(() => {
  folder = join(top, `files${folders++}`)
  mkdirSync(folder)
})

const stored = (content: string | Uint8Array, name = 'a.parquet'): string => {
  writeFileSync(join(folder, name), typeof content === 'string' ? bytesOf(content) : content)
  return join(folder, name)
}
const open = (paths: string | readonly string[], options: Partial<Parquet> = {}, told: string[] = []) =>
  parquetSource({ files: [paths].flat(), image: 'image', channels: 3, ...options }, (message) => told.push(message))()
const opened = async (...args: Parameters<typeof open>): Promise<Source> => {
  const source = await open(...args)
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const labels = (source: Source) => Array.from({ length: source.count }, (_, i) => source.label(i))
const read = async (source: Source, i: number) => {
  const picture = await source.read(i)
  return E.isRight(picture) ? picture.right.data[0] : picture.left
}
const shades = (source: Source) => Promise.all(Array.from({ length: source.count }, (_, i) => read(source, i)))

describe('parquet', () => {
  it.each(Object.keys(files).filter((name) => name.startsWith('Hugging Face') || name.startsWith('pages')))(
    'reads pictures and classes as written by %s',
    async (name) => {
      const path = stored(name)
      const source = await opened(path)
      expect(source).toMatchObject({ name: path, count: 5, channels: 3, size: undefined, classes: ['cat', 'dog', 'eel'] })
      expect(labels(source)).toEqual([2, 0, 1, 0, 2])
      expect(await read(source, 3)).toBe(16)
      expect(await shades(source)).toEqual([16, 240, 240, 16, 240])
    },
  )

  it('reads a column of bytes, with names for labels', async () => {
    const source = await opened(stored('bytes alone, names for labels'), { image: 'img' })
    expect(source.classes).toEqual(['cat', 'dog'])
    expect(labels(source)).toEqual([1, 0])
    expect(await shades(source)).toEqual([16, 240])
  })

  it.each(['paths', 'paths in a mapping'])('reads %s, from the folder of the file', async (name) => {
    mkdirSync(join(folder, 'sub'))
    for (const [path, value] of [
      ['dark.png', 16],
      ['sub/light.png', 240],
    ] as const)
      await sharp({ create: { width: 2, height: 1, channels: 3, background: { r: value, g: value, b: value } } }).toFile(
        join(folder, path),
      )
    const source = await opened(stored(name))
    expect(await shades(source)).toEqual([16, 240])
    expect(labels(source)).toEqual(name === 'paths' ? [1, 0] : [undefined, undefined])
  })

  it.each(Object.keys(rows))('decides row by row whether there are bytes or a path: %s', async (name) => {
    mkdirSync(join(folder, 'sub'))
    for (const [path, value] of [
      ['dark.png', 16],
      ['sub/light.png', 240],
    ] as const)
      await sharp({ create: { width: 2, height: 1, channels: 3, background: { r: value, g: value, b: value } } }).toFile(
        join(folder, path),
      )
    const path = stored(Buffer.from(rows[name]!, 'base64'))
    const empty = (row: number) =>
      missing(
        `${path}, row ${row}, cannot be decoded: it is empty`,
        'Remove the file, or replace it by a sound JPEG, PNG, WebP, GIF or TIFF picture.',
      )
    expect(await shades(await opened(path))).toEqual([16, 240, 240, empty(3), empty(4), empty(5), 16])
  })

  it('names a path that leads nowhere when its row is read', async () => {
    const path = stored(Buffer.from(rows['one group']!, 'base64'))
    const source = await opened(path)
    expect(await read(source, 1)).toMatchObject({
      message: `cannot read the picture ${join(folder, 'sub/light.png')}: there is no such file or folder`,
    })
    expect(await read(source, 0)).toBe(16)
  })

  it.each([
    ['a loop without end', /takes longer to read than its size explains$/],
    ['an error that nobody handles', /what it says of its contents is damaged$/],
  ])('survives %s in the library, and reads the next file', async (name, message) => {
    const path = stored(Buffer.from(hostile[name]!, 'base64'), 'hostile.parquet')
    const before = existsSync(cache) ? readdirSync(cache).length : 0
    expect(await open(path)).toMatchObject({ left: { _tag: 'Missing', message: expect.stringMatching(message) } })
    expect(existsSync(cache) ? readdirSync(cache).length : 0).toBe(before)
    expect(await shades(await opened(stored('no labels, as -1')))).toEqual([16, 240])
  })

  it('reads several files, and takes -1 everywhere for no labels', async () => {
    stored('no labels, as -1', 'x-0.parquet')
    stored('no labels, as -1', 'x-1.parquet')
    const source = await opened(join(folder, 'x-*.parquet'))
    expect(source.classes).toEqual([])
    expect(labels(source)).toEqual([undefined, undefined, undefined, undefined])
    expect(await shades(source)).toEqual([16, 240, 16, 240])
  })

  it('unpacks a file into the cache, once, and again where it changed', async () => {
    const told: string[] = []
    const path = stored('Hugging Face, snappy')
    const first = await opened(path, {}, told)
    expect(told).toEqual([`unpacking ${path} into ${cache}`])
    expect((await opened(path, {}, told)).fingerprint).toBe(first.fingerprint)
    expect(told).toHaveLength(1)
    stored('no labels, as -1')
    expect((await opened(path, {}, told)).count).toBe(2)
    expect(told).toHaveLength(2)
  })

  it('has a fingerprint that changes with pictures and labels, not with compression or folder', async () => {
    const print = async (name: string, options: Partial<Parquet> = {}) =>
      (await opened(stored(name, `${name}.parquet`), options)).fingerprint
    const snappy = await print('Hugging Face, snappy')
    expect(await print('Hugging Face, zstd')).toBe(snappy)
    const others = [await print('no labels, as -1'), await print('Hugging Face, gzip', { classes: ['x', 'y', 'z'] })]
    expect(new Set([snappy, ...others]).size).toBe(3)
  })

  it('names a row without a sound picture when it is read, and reads the others', async () => {
    const path = stored('a row without a picture')
    const remedy = 'Remove the file, or replace it by a sound JPEG, PNG, WebP, GIF or TIFF picture.'
    expect(await shades(await opened(path))).toEqual([
      16,
      missing(`${path}, row 1, cannot be decoded: it is empty`, remedy),
      missing(`${path}, row 2, cannot be decoded: it is empty`, remedy),
      missing(`${path}, row 3, cannot be decoded: Input buffer contains unsupported image format`, remedy),
    ])
  })

  const DAMAGED = 'Fetch the file again; it is no parquet file, damaged or cut off.'
  it('refuses a file that is cut in half, wherever, and leaves nothing of it', async () => {
    const whole = bytesOf('Hugging Face, none')
    const path = join(folder, 'a.parquet')
    for (let length = 0; length < whole.length; length += 211) {
      stored(whole.subarray(0, length))
      expect(await open(path)).toEqual(E.left(missing(expect.stringMatching(/a\.parquet cannot be read: ./), DAMAGED)))
    }
    // The footer is there, but a page is not.
    const holed = Buffer.concat([whole.subarray(0, 4), Buffer.alloc(200), whole.subarray(204)])
    const before = readdirSync(cache).length
    expect(await open(stored(holed))).toEqual(E.left(missing(expect.stringMatching(/a\.parquet cannot be read: ./), DAMAGED)))
    expect(readdirSync(cache)).toHaveLength(before)
  })

  const WHICH = (key: string) => `Say with '${key}' which column it is.`
  it.each<[string, string, Partial<Parquet>, string, string]>([
    ['without the column', 'paths', { image: 'img' }, "PATH has no column 'img'; it has 'image', 'label'", WHICH('image')],
    [
      'without the column of labels',
      'paths',
      { label: 'class' },
      "PATH has no column 'class'; it has 'image', 'label'",
      WHICH('label'),
    ],
    [
      'with numbers for pictures',
      'numbers for pictures',
      {},
      "PATH: column 'image' holds neither bytes nor paths of pictures, but INT32",
      WHICH('image'),
    ],
    [
      'with lists for pictures',
      'lists for pictures',
      {},
      "PATH: column 'image' holds neither bytes nor paths of pictures, but a mapping of list",
      WHICH('image'),
    ],
    ['without rows', 'no rows', {}, 'PATH hold no row', 'Give files with pictures.'],
    [
      'with labels for some only',
      'labels for some',
      {},
      "PATH, row 1, has no label in column 'label'",
      'Labels are numbers of classes, or their names, for all pictures or for none.',
    ],
    [
      'with a label beyond the names',
      'a label beyond',
      {},
      "PATH, row 3, has the label '3', which is no class of the 3 that are named",
      'Name all classes, or leave the names out.',
    ],
    [
      'with a path that is missing',
      'a path that is missing',
      {},
      'PATH, row 1, names no picture',
      'Put the bytes or the path of a picture there.',
    ],
  ])('refuses files %s', async (_, name, options, message, remedy) => {
    const path = stored(name)
    expect(await open(path, options)).toEqual(E.left(missing(message.replace('PATH', path), remedy)))
  })

  it('says what is wrong with a file of another kind, and with one that is not there', async () => {
    const path = stored(Buffer.from('no parquet file, but text'))
    expect(await open(path)).toEqual(E.left(missing(`${path} cannot be read: parquet file invalid (footer != PAR1)`, DAMAGED)))
    expect(await open(join(folder, 'gone-*.parquet'))).toEqual(
      E.left(missing(`${join(folder, 'gone-*.parquet')} matches no file`, 'Check the pattern; * stands for any part of a name.')),
    )
  })
})
