import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { afterAll, describe, expect, it } from 'vitest'
import { missing } from '../../src/base/failure'
import { type Cifar, cifarSource } from '../../src/io/cifar'
import type { Source } from '../../src/io/source'

const top = mkdtempSync(join(tmpdir(), 'ibot-cifar-'))
afterAll(() => rmSync(top, { recursive: true }))

let folders = 0
const folderOf = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const folder = join(top, `folder${folders++}`)
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}
const open = (path: string, options: Partial<Cifar> = {}) => cifarSource({ path, split: 'train', labels: 'fine', ...options })()
const opened = async (...args: Parameters<typeof open>): Promise<Source> => {
  const source = await open(...args)
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const labels = (source: Source) => Array.from({ length: source.count }, (_, i) => source.label(i))

/** Planes of the values `start`, `start` + 1, `start` + 2, but for their second value: 200, 201, 202. */
const planes = (start: number): Uint8Array =>
  Uint8Array.from({ length: 3072 }, (_, i) => (i % 1024 === 1 ? 200 : start) + Math.floor(i / 1024))
/** The same as a picture. */
const picture = (start: number) => ({
  width: 32,
  height: 32,
  channels: 3,
  data: Uint8Array.from({ length: 3072 }, (_, i) => (Math.floor(i / 3) === 1 ? 200 : start) + (i % 3)),
})
const record = (start: number, ...labels: readonly number[]): Uint8Array =>
  Buffer.concat([Uint8Array.from(labels), planes(start)])

const NAMES = 'airplane\nautomobile\nbird\n\n'
const binary10 = (train: readonly Uint8Array[], test: Uint8Array): Readonly<Record<string, string | Uint8Array>> => ({
  'batches.meta.txt': NAMES,
  ...Object.fromEntries(train.map((bytes, i) => [`data_batch_${i + 1}.bin`, bytes])),
  'test_batch.bin': test,
})
const FIVE = [0, 1, 2, 1, 0].map((label, i) => record(10 * i, label))
const TEST = Buffer.concat([record(100, 2), record(110, 1)])

/** Files with two pictures as the official ones are pickled, by Python 2, and as Python 3 writes them; gzipped, in base64. */
const pickles = JSON.parse(readFileSync(join(__dirname, 'cifar.json'), 'utf8')) as Record<string, Record<string, string>>
const pickled = (version: string, file: string): Uint8Array => gunzipSync(Buffer.from(pickles[version]![file]!, 'base64'))
/** A batch as Python 3 saves it again (`cifarPickles.py`). */
const again = JSON.parse(readFileSync(join(__dirname, 'cifarPickles.json'), 'utf8')) as Record<string, string>
const CURE = 'Fetch the data set again; it is damaged.'

describe('cifar, the binary version', () => {
  it('reads CIFAR-10, batch by batch', async () => {
    const folder = folderOf(binary10(FIVE, TEST))
    const train = await opened(folder)
    expect(train).toMatchObject({
      name: 'CIFAR-10 (train)',
      count: 5,
      channels: 3,
      size: [32, 32],
      classes: ['airplane', 'automobile', 'bird'],
    })
    expect(labels(train)).toEqual([0, 1, 2, 1, 0])
    expect(await train.read(3)).toEqual(E.right(picture(30)))
    const test = await opened(folder, { split: 'test' })
    expect(labels(test)).toEqual([2, 1])
    expect(await test.read(1)).toEqual(E.right(picture(110)))
    expect(test.fingerprint).not.toBe(train.fingerprint)
  })

  it('reads CIFAR-100 with fine or coarse labels', async () => {
    const folder = folderOf({
      'fine_label_names.txt': 'apple\nbear\nboy\n',
      'coarse_label_names.txt': 'fruit\nother\n',
      'train.bin': Buffer.concat([record(1, 0, 0), record(5, 1, 2)]),
      'test.bin': record(9, 1, 1),
    })
    const fine = await opened(folder)
    expect(fine).toMatchObject({ name: 'CIFAR-100 (train)', count: 2, classes: ['apple', 'bear', 'boy'] })
    expect(labels(fine)).toEqual([0, 2])
    expect(await fine.read(1)).toEqual(E.right(picture(5)))
    const coarse = await opened(folder, { labels: 'coarse' })
    expect(coarse.classes).toEqual(['fruit', 'other'])
    expect(labels(coarse)).toEqual([0, 1])
    expect(labels(await opened(folder, { labels: 'coarse', split: 'test' }))).toEqual([1])
  })

  it('names a batch of a wrong length', async () => {
    const folder = folderOf(binary10([...FIVE.slice(0, 4), FIVE[4]!.subarray(0, 1500)], TEST))
    expect(await open(folder)).toEqual(
      E.left(
        missing(
          `${join(folder, 'data_batch_5.bin')} has a wrong length: 1,500 bytes are not a number of pictures with labels, 3,073 bytes each`,
          CURE,
        ),
      ),
    )
    const empty = folderOf(binary10(FIVE, new Uint8Array(0)))
    expect(await open(empty, { split: 'test' })).toEqual(
      E.left(
        missing(
          `${join(empty, 'test_batch.bin')} has a wrong length: 0 bytes are not a number of pictures with labels, 3,073 bytes each`,
          CURE,
        ),
      ),
    )
  })

  it('names a label that is no class', async () => {
    const folder = folderOf(binary10(FIVE, Buffer.concat([record(0, 2), record(0, 3)])))
    expect(await open(folder, { split: 'test' })).toEqual(
      E.left(missing(`${join(folder, 'test_batch.bin')} gives picture 1 the label 3, but there are only 3 classes`, CURE)),
    )
  })

  it('names a batch that is not there', async () => {
    const folder = folderOf(binary10(FIVE.slice(0, 2), TEST))
    expect(await open(folder)).toEqual(
      E.left(
        missing(
          `cannot read the batch of CIFAR ${join(folder, 'data_batch_3.bin')}: there is no such file or folder`,
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
  })
})

describe('cifar, the Python version', () => {
  const version10 = (version: string, more = {}) =>
    folderOf({ 'batches.meta': pickled(version, 'meta'), test_batch: pickled(version, 'train'), ...more })

  it.each(Object.keys(pickles))('reads CIFAR-10 as pickled by %s', async (version) => {
    const source = await opened(version10(version), { split: 'test' })
    expect(source).toMatchObject({ name: 'CIFAR-10 (test)', count: 2, classes: ['airplane', 'automobile', 'bird'] })
    expect(labels(source)).toEqual([2, 0])
    for (const i of [0, 1]) expect(await source.read(i)).toEqual(E.right(picture(10 + 3 * i)))
  })

  it.each(Object.keys(again))('reads a batch that was saved again: %s', async (name) => {
    const source = await opened(
      version10('python3, protocol 4', { test_batch: gunzipSync(Buffer.from(again[name]!, 'base64')) }),
      {
        split: 'test',
      },
    )
    expect(labels(source)).toEqual([2, 0])
    for (const i of [0, 1]) expect(await source.read(i)).toEqual(E.right(picture(10 + 3 * i)))
  })

  it('reads CIFAR-100 with fine or coarse labels', async () => {
    const folder = folderOf({ meta: pickled('python2', 'meta100'), train: pickled('python2', 'train100') })
    const fine = await opened(folder)
    expect(fine).toMatchObject({ name: 'CIFAR-100 (train)', classes: ['apple', 'aquarium_fish', 'baby', 'bear', 'beaver'] })
    expect(labels(fine)).toEqual([4, 2])
    expect(await fine.read(1)).toEqual(E.right(picture(23)))
    const coarse = await opened(folder, { labels: 'coarse' })
    expect(coarse.classes).toEqual(['fish', 'mammals'])
    expect(labels(coarse)).toEqual([1, 0])
  })

  const whole = pickled('python2', 'train')
  const edited = (from: string, to: string): Uint8Array =>
    Buffer.from(Buffer.from(whole).toString('latin1').replace(from, to), 'latin1')
  it.each<[string, Uint8Array, string]>([
    [
      'that is cut in half',
      whole.subarray(0, whole.length / 2),
      'it is cut off: 6144 bytes should follow byte 217, but there are 2987',
    ],
    [
      'that would run code',
      Buffer.from("cos\nsystem\n(S'true'\ntR."),
      'it asks for os.system, which nothing that is read here needs',
    ],
    ['that holds no dict', Buffer.from('K\x01.', 'latin1'), 'it holds no dict'],
    ['without labels', edited('labels', 'nolabs'), "its 'labels' are no list of classes"],
    ['without data', edited('data', 'atad'), "its 'data' are no array of 2×3072 bytes"],
    ['of other numbers', edited('U\x02u1', 'U\x02f4'), "its 'data' are no array of 2×3072 bytes"],
  ])('refuses a batch %s', async (_, content, why) => {
    const folder = version10('python2', { test_batch: content })
    expect(await open(folder, { split: 'test' })).toEqual(
      E.left(
        missing(
          `${join(folder, 'test_batch')} is not a file of CIFAR's Python version: ${why}`,
          'Fetch the data set again, or name its folder.',
        ),
      ),
    )
  })

  it('refuses names of classes that are none', async () => {
    const folder = version10('python2', { 'batches.meta': pickled('python2', 'train') })
    expect(await open(folder, { split: 'test' })).toEqual(
      E.left(
        missing(
          `${join(folder, 'batches.meta')} is not a file of CIFAR's Python version: its 'label_names' are no list of texts`,
          'Fetch the data set again, or name its folder.',
        ),
      ),
    )
  })
})

describe('cifar', () => {
  it('refuses a folder of something else', async () => {
    const folder = folderOf({ 'train.bin': 'x' })
    expect(await open(folder)).toEqual(
      E.left(
        missing(
          `${folder} is not a folder of CIFAR: it has none of batches.meta.txt, fine_label_names.txt, batches.meta, meta`,
          'Name the unpacked folder: cifar-10-batches-bin, cifar-10-batches-py, cifar-100-binary or cifar-100-python.',
        ),
      ),
    )
  })

  it('refuses coarse labels where there are none', async () => {
    const folder = folderOf(binary10(FIVE, TEST))
    expect(await open(folder, { labels: 'coarse' })).toEqual(
      E.left(
        missing(`${folder} holds CIFAR-10, which has no coarse labels`, "Leave 'labels' out, or name a folder of CIFAR-100."),
      ),
    )
  })
})
