import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { NetworkName } from '../../src/base/networkName'
import { type Entry, serialize } from '../../src/io/safetensors'
import { swin } from '../../src/nn/swin'
import { HUGGING_FACE, HUGGING_FACE_SWIN, type NameTable, TIMM, theirNames } from '../../src/nn/weightNames'
import { type NetworkWeights, readNetwork } from '../../src/weights/network'
import type { Values } from '../../src/weights/values'
import { GOLDEN } from '../reference'

const folder = mkdtempSync(join(tmpdir(), 'weights-'))
afterAll(() => rmSync(folder, { recursive: true }))

const weightsOf = async (path: string, network: NetworkName = 'teacher'): Promise<NetworkWeights> => {
  const result = await readNetwork(path, network)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const messageOf = (result: E.Either<Failure, unknown>): string =>
  E.isLeft(result) && result.left._tag === 'Missing' ? result.left.message.replace(`${folder}/`, '') : JSON.stringify(result)

let teacher: ReadonlyMap<string, Values>
beforeAll(async () => {
  teacher = (await weightsOf(join(GOLDEN, 'checkpoint.pth'))).weights
})
const backbone = () => [...teacher].filter(([name]) => name.startsWith('backbone.'))

const written = (name: string, tensors: Iterable<readonly [string, Values]>): string => {
  const path = join(folder, `${name}.safetensors`)
  writeFileSync(path, serialize([...tensors].map(([key, values]) => [key, { dtype: 'F32', ...values } as Entry] as const)))
  return path
}

/** The backbone under the names of another library, its parts cut out of the first axis. */
const translated = (table: NameTable): readonly (readonly [string, Values])[] =>
  backbone().flatMap(([name, { shape, data }]) => {
    const parts = theirNames(table, name.slice('backbone.'.length))!
    const size = data.length / parts.length
    return parts.map(
      (part, i) =>
        [part, { shape: [shape[0]! / parts.length, ...shape.slice(1)], data: data.slice(i * size, (i + 1) * size) }] as const,
    )
  })

describe('weights have official names', () => {
  it('from either network of an official checkpoint, in both formats', async () => {
    const student = await weightsOf(join(GOLDEN, 'checkpoint_legacy.pth'), 'student')
    expect(student.names).toBe('official')
    expect([...student.weights.keys()].filter((name) => !teacher.has(name))).toEqual(['backbone.masked_embed'])
    expect(teacher.get('backbone.pos_embed')!.shape).toEqual([1, 17, 30])
    expect(student.weights.get('backbone.pos_embed')).not.toEqual(teacher.get('backbone.pos_embed'))
  })

  it.each<[string, () => Iterable<readonly [string, Values]>, NetworkWeights['names']]>([
    ['the official code, a backbone alone', () => backbone().map(([name, values]) => [name.slice(9), values]), 'official'],
    ['a wrapper around it', () => backbone().map(([name, values]) => [`module.${name}`, values]), 'official'],
    ['timm', () => translated(TIMM), 'official'],
    ['Hugging Face', () => translated(HUGGING_FACE), 'Hugging Face'],
    [
      "Hugging Face's classifier",
      () => translated(HUGGING_FACE).map(([name, values]) => [`vit.${name}`, values]),
      'Hugging Face',
    ],
    [
      'ibot',
      () =>
        backbone().flatMap(([name, values]) => [
          [`teacher.${name}`, values],
          [`student.${name}`, values],
        ]),
      'official',
    ],
  ])('from a file of %s', async (name, tensors, names) => {
    const got = await weightsOf(written(name.replace(/\W/g, ''), tensors()))
    expect(got.names).toBe(names)
    expect(new Map([...got.weights].sort())).toEqual(new Map(backbone().sort()))
  })

  it("with timm's LayerScale", async () => {
    const scale = { shape: [30], data: new Float32Array(30).fill(0.1) }
    const got = await weightsOf(written('scaled', [...translated(TIMM), ['blocks.0.ls1.gamma', scale], ['head.weight', scale]]))
    expect(got.names).toBe('timm')
    expect([...got.weights.keys()].filter((name) => !teacher.has(name))).toEqual(['backbone.blocks.0.gamma_1', 'head.weight'])
  })
})

describe("timm's register tokens", () => {
  const WIDTH = 30
  const registers = { shape: [1, 2, WIDTH], data: Float32Array.from({ length: 2 * WIDTH }, (_, i) => i) }
  /** With a position table that is made of ours, [1, 17, 30]. */
  const read = async (name: string, positions: (ours: Float32Array) => Float32Array) => {
    const table = positions(teacher.get('backbone.pos_embed')!.data)
    const others = translated(TIMM).filter(([key]) => key !== 'pos_embed')
    const file = written(name, [
      ...others,
      ['pos_embed', { shape: [1, table.length / WIDTH, WIDTH], data: table }],
      ['reg_token', registers],
    ])
    return (await weightsOf(file)).weights
  }

  it('take their rows of the position table with them', async () => {
    const got = await read('embedded', (ours) =>
      Float32Array.from([...ours.subarray(0, WIDTH), ...Array(WIDTH).fill(1), ...Array(WIDTH).fill(2), ...ours.subarray(WIDTH)]),
    )
    expect(got.get('backbone.pos_embed')).toEqual(teacher.get('backbone.pos_embed'))
    expect(got.get('backbone.register_tokens')).toEqual({
      ...registers,
      data: registers.data.map((value, i) => value + (i < WIDTH ? 1 : 2)),
    })
  })

  it('and [CLS] have no positions where the table is one of patches', async () => {
    const got = await read('bare', (ours) => ours.slice(WIDTH))
    const ours = teacher.get('backbone.pos_embed')!
    expect(got.get('backbone.pos_embed')).toEqual({ ...ours, data: ours.data.map((value, i) => (i < WIDTH ? 0 : value)) })
    expect(got.get('backbone.register_tokens')).toEqual(registers)
  })
})

describe('a Swin transformer has official names', () => {
  const net = swin({
    channels: 3,
    imageSize: 32,
    patch: 4,
    width: 6,
    depths: [2, 2],
    heads: [1, 2],
    window: 4,
    mlpRatio: 4,
    qkvBias: true,
    qkScale: undefined,
    dropPath: 0,
  })
  const weights = Object.entries(net.weights).map(([name, { shape }], i) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(i)
    return [name, { shape, data }] as const
  })
  const want = new Map(weights.map(([name, values]) => [`backbone.${name}`, values] as const).sort())

  it('from a file of timm', async () => {
    const theirs = weights.map(([name, values]) => [name.replace('layers.0.downsample', 'layers.1.downsample'), values] as const)
    const got = await weightsOf(written('swin-timm', theirs))
    expect(got.names).toBe('timm')
    expect(new Map([...got.weights].sort())).toEqual(want)
  })

  it('from a file of Hugging Face', async () => {
    const theirs = weights.flatMap(([name, { shape, data }]) => {
      const parts = theirNames(HUGGING_FACE_SWIN, name)!
      const size = data.length / parts.length
      return parts.map(
        (part, i) =>
          [
            `swin.${part}`,
            { shape: [shape[0]! / parts.length, ...shape.slice(1)], data: data.slice(i * size, (i + 1) * size) },
          ] as const,
      )
    })
    const got = await weightsOf(written('swin-hf', theirs))
    expect(got.names).toBe('Hugging Face')
    expect(new Map([...got.weights].sort())).toEqual(want)
  })
})

describe('a file is refused that', () => {
  it('is neither', async () => {
    const path = join(folder, 'notes.txt')
    writeFileSync(path, 'arch: vit_small\n')
    expect(messageOf(await readNetwork(path, 'teacher')())).toBe(
      "notes.txt can't be used: it is neither a safetensors file nor a checkpoint of PyTorch",
    )
  })

  it('has no backbone', async () => {
    const path = written('other', [['conv1.weight', { shape: [1], data: Float32Array.of(1) }]])
    expect(messageOf(await readNetwork(path, 'teacher')())).toBe(
      "other.safetensors can't be used: none of its 1 weights has a name of a backbone known here (conv1.weight, …)",
    )
  })

  it('is cut off', async () => {
    const path = join(folder, 'short.safetensors')
    writeFileSync(path, serialize([['a', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }]]).subarray(0, -1))
    expect(messageOf(await readNetwork(path, 'teacher')())).toBe(
      'short.safetensors can\'t be used: tensor "a" ends at byte 4 of the data, but there are only 3: the file is cut off',
    )
  })
})
