/** `ibot init`: a pipeline for one's own pictures, whatever form they have, that is right and runs. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { expect, test } from 'vitest'
import { propose } from '../../src/init/proposal'
import { toPng } from '../../src/io/encode'
import { tarOf } from '../io/archive'
import { folder, start, WITHOUT_TENSORFLOW } from './ibot'

const png = (seed: number, { side = 24, channels = 3 }: { side?: number; channels?: 1 | 3 } = {}): Promise<Uint8Array> =>
  toPng({
    width: side + 4,
    height: side,
    channels,
    data: Uint8Array.from({ length: (side + 4) * side * channels }, (_, i) => (i * (seed + 3)) % 251),
  })

/** Files of pictures by their names. */
const pictures = async (names: readonly string[], of: { side?: number; channels?: 1 | 3 } = {}) =>
  Object.fromEntries(await Promise.all(names.map(async (name, i) => [name, await png(i, of)] as const)))

const numbered = (prefix: string, count: number, ending = '.png'): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}${ending}`)

/** An array as NumPy saves it. */
const npyOf = (shape: readonly number[], type: string, bytes: Uint8Array): Uint8Array => {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join(' ')}), }`.padEnd(117)
  const header = Buffer.concat([Buffer.from('934e554d5059', 'hex'), Buffer.from([1, 0, 118, 0]), Buffer.from(`${text}\n`)])
  return Buffer.concat([header, bytes])
}

const made = async (files: Readonly<Record<string, string | Uint8Array>>, data = 'data', ...more: readonly string[]) => {
  const root = folder(files)
  const { code, stdout, stderr } = await start(root, ['init', 'mine', '--data', data, '--json', ...more])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const text = readFileSync(join(root, 'mine', 'pipeline.yaml'), 'utf8')
  const checked = await start(root, ['check', 'mine/pipeline.yaml', '--json'], WITHOUT_TENSORFLOW)
  expect(checked, checked.stdout).toMatchObject({ code: 0 })
  return { root, text, told: JSON.parse(stdout), forecast: JSON.parse(checked.stdout).forecast }
}

test('classes in folders: a tenth of each is kept apart, k-NN tells, and it runs; nothing is overwritten', async () => {
  const files = await pictures([...numbered('data/cats/', 20), ...numbered('data/dogs/', 10)])
  const { root, text, told, forecast } = await made(files)
  expect(told).toMatchObject({
    ok: true,
    pictures: 30,
    classes: 2,
    looked: 30,
    files: ['mine/pipeline.yaml', 'mine/train.txt', 'mine/test.txt'],
  })
  const [train, held] = ['train', 'test'].map((name) =>
    readFileSync(join(root, 'mine', `${name}.txt`), 'utf8')
      .trim()
      .split('\n'),
  )
  expect([train!.length, held!.length]).toEqual([27, 3])
  expect(new Set([...train!, ...held!]).size).toBe(30)
  expect(forecast).toMatchObject({ data: { pictures: 27, channels: 3, classes: 2 }, probes: [{ name: 'knn', pictures: 3 }] })
  expect(text).toMatch(/^# iBOT on 30 pictures of 2 classes: all were looked at, shorter sides are 24 pixels/)
  // Every value that was chosen has its reason beside it.
  for (const stage of ['vit', 'projectionHead', 'emaTeacher', 'masking']) expect(text).toMatch(new RegExp(`- ${stage}: .* # \\w`))
  const ran = await start(root, ['run', 'mine/pipeline.yaml', '--no-download', '--backend', 'wasm', '--set', 'train.steps=2'])
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('knn') })
  const again = await start(root, ['init', 'mine', '--data', 'data'])
  expect(again).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('mine/pipeline.yaml exists, and nothing is overwritten'),
  })
  expect(readFileSync(join(root, 'mine', 'pipeline.yaml'), 'utf8')).toBe(text)
})

test('grey pictures without labels: one channel, no probe, and why', async () => {
  const { text, forecast } = await made(await pictures(numbered('data/', 12), { channels: 1, side: 70 }).then((files) => files))
  expect(forecast).toMatchObject({ data: { channels: 1, classes: 0 }, probes: [] })
  expect(text).toContain('# No probe: the pictures have no labels')
  expect(text).not.toContain('colorJitter')
}, 120_000)

test('folders for training and testing are taken as they are', async () => {
  const { text, told } = await made(
    await pictures(['train/a', 'train/b', 'val/a', 'val/b'].flatMap((name) => numbered(`data/${name}/`, 6))),
  )
  expect(told).toMatchObject({ pictures: 12, files: ['mine/pipeline.yaml'] })
  expect(text).toContain('test: { imageFolder: { path: data/val } }')
})

test('a list, archives, Parquet files and arrays', async () => {
  const names = numbered('', 12)
  const files = await pictures(names)
  const table = ['path,label', ...names.map((name, i) => `${name},${i % 2 ? 'x' : 'y'}`)].join('\n')
  const listed = await made({ ...Object.fromEntries(names.map((name) => [`data/${name}`, files[name]!])), 'data/all.csv': table })
  expect(listed.text).toContain('dataset: { imageList: { path: data/all.csv, subset: mine/train.txt } }')

  const members = names.flatMap((name, i) => [
    [name, files[name]!] as const,
    [name.replace('.png', '.cls'), String(i % 2)] as const,
  ])
  const shards = await made({
    'data/train-0.tar': tarOf(...members.slice(0, 12)),
    'data/train-1.tar': tarOf(...members.slice(12)),
  })
  expect(shards.text).toContain('tarShards: { shards: [data/train-0.tar, data/train-1.tar], subset: mine/train.txt }')

  const column = (name: string, data: readonly unknown[], type: 'BYTE_ARRAY' | 'INT32') => ({ name, data: [...data], type })
  const parquet = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        column(
          'image',
          names.map((name) => files[name]!),
          'BYTE_ARRAY',
        ),
        column(
          'label',
          names.map((_, i) => i % 3),
          'INT32',
        ),
      ],
    }),
  )
  const tables = await made({ 'data/train.parquet': parquet, 'data/test.parquet': parquet })
  expect(tables.text).toContain('test: { parquet: { files: data/test.parquet } }')

  const images = npyOf(
    [12, 20, 20],
    '|u1',
    Uint8Array.from({ length: 12 * 400 }, (_, i) => (i * 7) % 256),
  )
  const arrays = await made({
    'data/images.npy': images,
    'data/labels.npy': npyOf(
      [12],
      '|u1',
      Uint8Array.from({ length: 12 }, (_, i) => i % 3),
    ),
  })
  expect(arrays.forecast.data).toMatchObject({ pictures: 12, channels: 1, classes: 3 })
  expect(arrays.text).toContain('No probe: the pictures have no names')
}, 240_000)

test.each([
  ['nothing there', 'none', {}, 'there is no none'],
  ['another file', 'a.txt2', { 'a.txt2': 'x' }, 'is no data that is known'],
  ['no pictures', 'data', { 'data/a.doc': 'x' }, 'data'],
  ['damaged pictures', 'data', { 'data/a.png': 'x', 'data/b.png': 'y' }, 'can be read'],
])('%s is refused, and nothing written', async (_, data, files, message) => {
  const root = folder(files)
  const { code, stderr } = await start(root, ['init', '--data', data])
  expect(code).toBe(3)
  expect(stderr).toContain(message)
  expect(existsSync(join(root, 'pipeline.yaml'))).toBe(false)
})

test('what is proposed grows with the pictures, their number, and the machine', () => {
  const photos = { count: 1_281_167, channels: 3, side: 375, memory: 64e9, hasGpu: true } as const
  expect(propose(photos)).toMatchObject({
    global: 224,
    local: 96,
    locals: 10,
    patch: 16,
    network: { name: 'vitSmall' },
    prototypes: 8192,
    batch: 32,
    epochs: 100,
  })
  expect(propose({ ...photos, memory: 320e9 }).batch).toBe(256)
  const small = { count: 60_000, channels: 3, side: 32, memory: 8e9, hasGpu: false } as const
  expect(propose(small)).toMatchObject({
    global: 32,
    local: 12,
    patch: 4,
    network: { name: 'vit', width: 192 },
    batch: 64,
    epochs: 10,
  })
  // Whatever the sizes: views are of whole patches, three a side at least, and a batch is at most the pictures.
  for (let side = 1; side < 400; side++)
    for (const count of [1, 2, 5, 1000]) {
      const { global, local, patch, batch, network } = propose({ ...small, side, count, memory: 1e6 * side })
      expect([global % patch, local % patch, network.width % network.heads]).toEqual([0, 0, 0])
      expect(global / patch).toBeGreaterThanOrEqual(3)
      expect(batch).toBeLessThanOrEqual(count)
    }
})
