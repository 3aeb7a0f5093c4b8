/** `ibot features`: a run's features of pictures as files of other programs. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { openTable, readColumn } from '../../src/io/parquetTable'
import { readSafetensors } from '../../src/io/safetensorsFile'
import { folder, start, TINY, WITHOUT_TENSORFLOW } from './ibot'

const right = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

interface Line {
  readonly image: number
  readonly name: string
  readonly label: string
  readonly features: readonly number[]
}
const linesOf = (path: string): readonly Line[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** A run of a network of 8 features, and seven pictures of two classes, one of which is damaged. */
const prepared = async (pipeline = TINY) => {
  const cwd = folder({ 'tiny.yaml': pipeline })
  expect((await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu', '--out', 'tiny'])).code).toBe(0)
  for (const label of ['cat', 'dog']) mkdirSync(join(cwd, 'pictures', label), { recursive: true })
  for (let i = 0; i < 7; i++) {
    const picture = sharp({
      create: { width: 20 + i, height: 16, channels: 3, background: { r: 30 * i, g: 200 - 20 * i, b: 99 } },
    })
    writeFileSync(join(cwd, 'pictures', i % 2 === 0 ? 'cat' : 'dog', `${i}.png`), await picture.png().toBuffer())
  }
  writeFileSync(join(cwd, 'pictures', 'cat', '4.png'), 'no picture')
  const features = (...args: readonly string[]) =>
    start(cwd, ['features', 'tiny', '--backend', 'cpu', '--images', 'pictures', '--batch', '3', ...args], WITHOUT_TENSORFLOW)
  return { cwd, features }
}

test('every format holds the same features, names and labels, without damaged pictures; other programs read them', async () => {
  const { cwd, features } = await prepared()
  const path = (ending: string) => join(cwd, `out${ending}`)
  for (const to of ['npy', 'safetensors', 'parquet', 'jsonl'])
    expect(await features('--to', to, '--out', 'out')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 picture could not be read'),
    })
  const lines = linesOf(path('.jsonl'))
  expect(lines.map(({ label, name }) => [label, name])).toEqual(
    ['0', '2', '6', '1', '3', '5'].map((i) =>
      Number(i) % 2 === 0 ? ['cat', join('pictures', 'cat', `${i}.png`)] : ['dog', join('pictures', 'dog', `${i}.png`)],
    ),
  )
  const numbers = Float32Array.from(lines.flatMap(({ features }) => features))
  expect(numbers).toHaveLength(6 * 8)

  const npy = readFileSync(path('.npy'))
  const start = 10 + npy.readUInt16LE(8)
  expect(npy.subarray(10, start).toString('latin1').trim()).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (6, 8,), }")
  expect(start % 64).toBe(0)
  expect(new Float32Array(Uint8Array.from(npy.subarray(start)).buffer)).toEqual(numbers)
  for (const ending of ['.npy', '.safetensors'])
    expect(linesOf(path(`${ending}.index.jsonl`))).toEqual(lines.map(({ features: _, ...rest }) => rest))

  const { tensors, metadata } = right(right(await readSafetensors(path('.safetensors'), 'features')()))
  expect(tensors.get('features')).toMatchObject({ shape: [6, 8], data: numbers })
  expect(metadata).toMatchObject({ tokens: 'cls', step: '4', network: 'teacher' })

  const table = right(await openTable(path('.parquet'))())
  const column = async (name: string) => right(await readColumn(table, name)())
  expect(await column('label')).toEqual(lines.map(({ label }) => label))
  expect(((await column('features')) as number[][]).flatMap((row) => Array.from(row))).toEqual(Array.from(numbers))

  const python = process.env.IBOT_TEST_PYTHON
  if (python === undefined) return
  const read = spawnSync(
    python,
    [
      '-c',
      "import numpy, pyarrow.parquet as p; a=numpy.load('out.npy'); t=p.read_table('out.parquet'); print(a.shape, a.dtype, (numpy.array(t.column('features').to_pylist(), 'f4') == a).all(), t.column('label').to_pylist()[:4])",
    ],
    { cwd, encoding: 'utf8' },
  )
  expect(read).toMatchObject({ stdout: "(6, 8) float32 True ['cat', 'cat', 'cat', 'dog']\n", stderr: '' })
})

test('patches have a row of tokens, other sizes and several blocks other numbers; nothing is overwritten', async () => {
  const { cwd, features } = await prepared()
  const shapeOf = async (...args: readonly string[]) =>
    JSON.parse((await features('--to', 'jsonl', '--json', ...args)).stdout).shape
  expect(await shapeOf('--tokens', 'patch', '--size', '8x16', '--out', 'wide')).toEqual([8, 8])
  expect(linesOf(join(cwd, 'wide.jsonl'))[0]!.features).toHaveLength(8)
  expect(await shapeOf('--tokens', 'mean')).toEqual([8])
  expect(readdirSync(join(cwd, 'tiny', 'features'))).toEqual(['mean-step-4.jsonl'])
  const said = async (...args: readonly string[]) => {
    const { code, stderr } = await features('--to', 'jsonl', ...args)
    return `${code} ${stderr}`
  }
  expect(await said('--tokens', 'mean')).toMatch(/^3 .*mean-step-4.jsonl exists, and nothing is overwritten/s)
  expect(await said('--blocks', '2')).toMatch(/^3 .*'vit' has 1 block.*and 2 are asked for/s)
  expect(await said('--size', '10')).toMatch(/^3 .*10 × 10 pixels can't be divided/s)
  expect(await said('--images', 'nowhere')).toMatch(/^3 .*--images nowhere is no folder, list or archive/s)
  expect(await said('--precision', 'bfloat16')).toMatch(/^3 .*the cpu backend computes in float32, not in bfloat16/s)
  expect(await said('--images', '{ imageFolder: nowhere }')).toMatch(/^3 .*nowhere/s)
})

test('blocks of different stages have means next to each other; patches that they have not in common are refused', async () => {
  const { cwd, features } = await prepared(
    `name: tiny
pipeline:
  - dataset: { shapes: { count: 24, size: 16 } }
  - views: { global: [{ augment: { randomResizedCrop: { size: 16 } } }] }
  - swin: { patch: 4, width: 4, depths: [1, 1], heads: [1, 2], window: 2 }
  - classifier: { classes: 6 }
  - crossEntropy
  - adamw: { lr: 1e-3 }
  - train: { batch: 8, steps: 1 }
`,
  )
  expect((await features('--to', 'jsonl', '--tokens', 'mean', '--blocks', '2', '--out', 'mean')).code).toBe(0)
  expect((await features('--to', 'jsonl', '--tokens', 'patch', '--out', 'patch')).code).toBe(0)
  const [means, patches] = [linesOf(join(cwd, 'mean.jsonl')), linesOf(join(cwd, 'patch.jsonl'))]
  // The first stage has 4 features, the last one 8 of each of 4 patches.
  for (const [i, { features: mean }] of means.entries()) {
    expect(mean).toHaveLength(4 + 8)
    const last = patches[i]!.features as unknown as readonly (readonly number[])[]
    for (const [f, value] of mean.slice(4).entries())
      expect(value).toBeCloseTo(last.reduce((sum, patch) => sum + patch[f]!, 0) / 4, 5)
  }
  const { code, stderr } = await features('--to', 'jsonl', '--tokens', 'patch', '--blocks', '2', '--out', 'both')
  expect(`${code} ${stderr}`).toMatch(/^3 .*the last 2 blocks of 'swin' don't have the same patches.*'--tokens mean'/s)
})

test('what was begun of something else is not gone on with', async () => {
  const { cwd, features } = await prepared()
  const begun = join(cwd, 'out.npy.unfinished.d')
  mkdirSync(begun)
  writeFileSync(join(begun, 'request.json'), JSON.stringify({ tokens: 'mean' }))
  expect(await features('--to', 'npy', '--out', 'out')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('out.npy.unfinished.d holds features that were begun of something else'),
  })
})
