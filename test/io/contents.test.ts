/** What pictures hold, in every form in which they are stored: another content of the same size is noticed, and of which picture. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Failure } from '../../src/base/failure'
import { fileFailure } from '../../src/base/fileFailure'
import { cifarSource } from '../../src/io/cifar'
import { hashesOf } from '../../src/io/contents'
import { idxSource, serialize } from '../../src/io/idx'
import { imageFolder } from '../../src/io/imageFolder'
import { imageList } from '../../src/io/imageList'
import { npySource } from '../../src/io/npy'
import { parquetSource } from '../../src/io/parquet'
import { shapes } from '../../src/io/shapes'
import type { Source } from '../../src/io/source'
import { shareOf } from '../../src/io/subset'
import { tarShards } from '../../src/io/tarShards'
import { tarOf } from './archive'

const top = mkdtempSync(join(tmpdir(), 'ibot-contents-'))
beforeAll(() => vi.stubEnv('IBOT_CACHE', join(top, 'cache')))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(top, { recursive: true })
})

const right = <A>(result: E.Either<Failure, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const quiet = () => undefined
const hashed = async (source: Source, signal?: AbortSignal) => hashesOf(source, { onProgress: quiet, signal })()

/** Three pictures of as many bytes each; those of `other` hold something else. */
const contents = (other: number | undefined): readonly Buffer[] =>
  [0, 1, 2].map((i) => Buffer.alloc(100_000, i === other ? 100 : i))
const joined = (other: number | undefined, length: number): Buffer =>
  Buffer.concat(contents(other).map((bytes) => bytes.subarray(0, length)))

type Files = Readonly<Record<string, string | Uint8Array>>
const CHANNELS = { channels: 3 } as const
/** Each form: its files, and what opens them. */
const FORMS: Readonly<
  Record<string, readonly [(other: number | undefined) => Files, (folder: string) => TE.TaskEither<Failure, Source>]>
> = {
  'a folder': [
    (other) => Object.fromEntries(contents(other).map((bytes, i) => [`class${i}/${i}.png`, bytes])),
    (path) => imageFolder({ path, ...CHANNELS }),
  ],
  'a list': [
    (other) => ({
      'list.csv': 'image,label\n2.png,b\n0.png,a\n1.png,a\n',
      ...Object.fromEntries(contents(other).map((bytes, i) => [`${(i + 2) % 3}.png`, bytes])),
    }),
    (folder) => imageList({ path: join(folder, 'list.csv'), image: 'image', ...CHANNELS }),
  ],
  'a tar archive': [
    (other) => ({ 'a.tar': tarOf(...contents(other).map((bytes, i) => [`${i}.png`, bytes] as const)) }),
    (folder) => tarShards({ shards: [join(folder, 'a.tar')], ...CHANNELS }, quiet),
  ],
  'a gzipped tar archive': [
    (other) => ({ 'a.tar.gz': gzipSync(tarOf(...contents(other).map((bytes, i) => [`${i}.png`, bytes] as const))) }),
    (folder) => tarShards({ shards: [join(folder, 'a.tar.gz')], ...CHANNELS }, quiet),
  ],
  'an array of NumPy': [
    (other) => {
      const text = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 200, 500), }".padEnd(117)
      const head = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(`${text}\n`)])
      return { 'a.npy': Buffer.concat([head, joined(other, 100_000)]) }
    },
    (folder) => npySource({ images: join(folder, 'a.npy') }),
  ],
  'an IDX file': [
    (other) => ({ a: serialize({ shape: [3, 10, 10], data: joined(other, 100) }) }),
    (folder) => idxSource({ images: join(folder, 'a') }),
  ],
  CIFAR: [
    (other) => ({
      'batches.meta.txt': 'cat\ndog\n',
      ...Object.fromEntries(
        [1, 2, 3, 4, 5].map((batch) => [
          `data_batch_${batch}.bin`,
          Buffer.concat(
            (batch === 1 ? contents(other) : [Buffer.alloc(3072, 10 * batch)]).map((bytes) =>
              Buffer.concat([Buffer.of(1), bytes.subarray(0, 3072)]),
            ),
          ),
        ]),
      ),
    }),
    (path) => cifarSource({ path, split: 'train', labels: 'fine' }),
  ],
}
let folders = 0
const folderOf = (files: Files): string => {
  const folder = join(top, `${folders++}`)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

test.each(Object.keys(FORMS))('in %s', async (form) => {
  const [files, open] = FORMS[form]!
  const hashesWith = async (other: number | undefined) => right(await hashed(right(await open(folderOf(files(other)))())))
  const before = await hashesWith(undefined)
  expect(before.length).toBeGreaterThanOrEqual(3)
  expect(new Set(before).size).toBe(before.length)
  expect(await hashesWith(undefined)).toEqual(before)
  for (const other of [0, 1, 2]) {
    const after = await hashesWith(other)
    expect(Array.from(before.keys()).filter((i) => after[i] !== before[i])).toEqual([other])
  }
})

const PARQUET = JSON.parse(readFileSync(join(__dirname, 'parquet.json'), 'utf8')) as Record<string, string>
const parquet = async (name: string, change = (bytes: Buffer): Buffer => bytes): Promise<bigint[]> => {
  const folder = folderOf({ 'a.parquet': change(Buffer.from(PARQUET[name]!, 'base64')) })
  return Array.from(
    right(await hashed(right(await parquetSource({ files: [join(folder, 'a.parquet')], image: 'image', ...CHANNELS }, quiet)()))),
  )
}

test('in a Parquet file, however it is compressed', async () => {
  const before = await parquet('Hugging Face, none')
  const [dark, light] = before
  expect(dark).not.toBe(light)
  expect(before).toEqual([dark, light, light, dark, light])
  expect(await parquet('Hugging Face, zstd')).toEqual(before)
  const after = await parquet('Hugging Face, none', (bytes) => {
    const changed = Buffer.from(bytes)
    const end = changed.indexOf('IEND')
    changed[end - 6]! ^= 1
    return changed
  })
  expect([after[1], after[2], after[4]]).toEqual([light, light, light])
  expect(after[0]).not.toBe(dark)
})

test('behind the paths of a Parquet file, and where a row has a path in the place of bytes', async () => {
  const rows = JSON.parse(readFileSync(join(__dirname, 'parquetRows.json'), 'utf8')) as Record<string, string>
  const folder = folderOf({
    'a.parquet': Buffer.from(rows['one group']!, 'base64'),
    'dark.png': 'dark',
    'sub/light.png': 'light',
  })
  const open = async () =>
    right(await parquetSource({ files: [join(folder, 'a.parquet')], image: 'image', ...CHANNELS }, quiet)())
  const before = right(await hashed(await open()))
  writeFileSync(join(folder, 'sub/light.png'), 'other')
  const after = right(await hashed(await open()))
  const changed = Array.from(before.keys()).filter((i) => before[i] !== after[i])
  expect(changed.length).toBeGreaterThan(0)
  const source = await open()
  for (const i of changed) expect(right(await source.stored!(i)()).path).toBe(join(folder, 'sub/light.png'))
})

test('pictures that are drawn or in memory go by their pixels; one that cannot be read has the hash 0, a machine that cannot read fails', async () => {
  const options = { count: 20, size: 8, seed: 0, channels: 3 } as const
  const source = shapes(options)
  const before = right(await hashed(source))
  expect(new Set(before).size).toBe(20)
  expect(right(await hashed(shapes(options)))).toEqual(before)
  const failing = (code: string): Source => ({
    ...source,
    read: async (i) => (i === 3 ? E.left(fileFailure('it fails')(Object.assign(new Error(), { code }))) : source.read(i)),
  })
  expect(right(await hashed(failing('ENOENT')))).toEqual(before.with(3, 0n))
  expect(await hashed(failing('EMFILE'))).toMatchObject({ left: { _tag: 'Missing' } })
})

test('a picture that is gone has the hash 0; longer and shorter ones have others', async () => {
  const folder = folderOf({ '0.png': 'abc', '1.png': 'abcd', '2.png': 'abc', '3.png': 'x' })
  const source = right(await imageFolder({ path: folder, ...CHANNELS })())
  rmSync(join(folder, '3.png'))
  const [first, longer, same, gone] = right(await hashed(source))
  expect(first).toBe(same)
  expect(longer).not.toBe(first)
  expect(gone).toBe(0n)
  copyFileSync(join(folder, '1.png'), join(folder, '0.png'))
  expect(right(await hashed(source))[0]).toBe(longer)
})

test('a part of a source goes by the pictures that it has', async () => {
  const folder = folderOf(
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${String.fromCharCode(97 + i)}.png`, `${i}`])),
  )
  const source = right(await imageFolder({ path: folder, ...CHANNELS })())
  const part = shareOf(source, 0.4, 0)
  expect(part.count).toBe(8)
  const all = right(await hashed(source))
  const places = Array.from({ length: part.count }, (_, i) => part.path!(i).charCodeAt(folder.length + 1) - 97)
  expect(places).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(Array.from(right(await hashed(part)))).toEqual(places.map((place) => all[place]!))
})

test('it ends where it is told to stop', async () => {
  const controller = new AbortController()
  const seen: number[] = []
  const onProgress = (done: number) => {
    seen.push(done)
    controller.abort('SIGTERM')
  }
  const result = await hashesOf(shapes({ count: 100, size: 8, seed: 0, channels: 1 }), {
    onProgress,
    signal: controller.signal,
  })()
  expect(result).toMatchObject({ left: { _tag: 'Stopped', signal: 'SIGTERM' } })
  expect(seen).toHaveLength(1)
})
