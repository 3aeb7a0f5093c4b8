import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, describe, expect, it } from 'vitest'
import { missing } from '../../src/base/failure'
import { type NpyFiles, npySource } from '../../src/io/npy'
import type { Source } from '../../src/io/source'

const folder = mkdtempSync(join(tmpdir(), 'ibot-npy-'))
afterAll(() => rmSync(folder, { recursive: true }))

const header = (text: string, version = 1): Uint8Array => {
  const length = version === 1 ? Buffer.alloc(2) : Buffer.alloc(4)
  if (version === 1) length.writeUInt16LE(text.length)
  else length.writeUInt32LE(text.length)
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.of(version, 0), length, Buffer.from(text)])
}
/** As numpy.save writes it. */
const npy = (descr: string, shape: readonly number[], data: Uint8Array, version = 1, fortran = 'False'): Uint8Array => {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${tuple}), }`
  return Buffer.concat([header(`${text.padEnd(117)}\n`, version), data])
}
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i % 256)
const stored = (name: string, content: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const opened = async (files: NpyFiles): Promise<Source> => {
  const source = await npySource(files)()
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const labels = (source: Source) => Array.from({ length: source.count }, (_, i) => source.label(i))

/** numpy.save of numpy.arange(24, dtype='uint8').reshape(2, 2, 2, 3), by NumPy 2.4. */
const BY_NUMPY = Buffer.from(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIsIDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhc=',
  'base64',
)

describe('npy', () => {
  it('reads what NumPy has saved, picture by picture', async () => {
    const path = stored('numpy.npy', BY_NUMPY)
    const source = await opened({ images: path })
    expect(source).toMatchObject({ name: path, count: 2, channels: 3, size: [2, 2], classes: [] })
    expect(labels(source)).toEqual([undefined, undefined])
    for (const i of [1, 0])
      expect(await source.read(i)).toEqual(
        E.right({ width: 2, height: 2, channels: 3, data: counting(24).subarray(12 * i, 12 * i + 12) }),
      )
  })

  it.each<[string, readonly number[], number]>([
    ['without channels', [2, 2, 3], 1],
    ['with one channel', [2, 2, 3, 1], 1],
  ])('reads grey pictures %s', async (_, shape, version) => {
    const source = await opened({ images: stored('grey.npy', npy('|u1', shape, counting(12), version)) })
    expect(source).toMatchObject({ count: 2, channels: 1, size: [2, 3] })
    expect(await source.read(1)).toEqual(E.right({ width: 3, height: 2, channels: 1, data: counting(12).subarray(6) }))
  })

  it.each([1, 2, 3])('reads version %i of the format', async (version) => {
    const source = await opened({ images: stored('version.npy', npy('|u1', [1, 1, 2], counting(2), version)) })
    expect(await source.read(0)).toEqual(E.right({ width: 2, height: 1, channels: 1, data: counting(2) }))
  })

  it.each<[string, Uint8Array]>([
    ['|u1', Uint8Array.of(2, 0)],
    ['|i1', Uint8Array.of(2, 0)],
    ['<u2', Uint8Array.of(2, 0, 0, 0)],
    ['>i2', Uint8Array.of(0, 2, 0, 0)],
    ['<i4', new Uint8Array(Int32Array.of(2, 0).buffer)],
    ['<u4', new Uint8Array(Uint32Array.of(2, 0).buffer)],
    ['<i8', new Uint8Array(BigInt64Array.of(2n, 0n).buffer)],
    ['<u8', new Uint8Array(BigUint64Array.of(2n, 0n).buffer)],
  ])('reads labels of type %s', async (type, bytes) => {
    const images = stored('images.npy', npy('|u1', [2, 1, 1], counting(2)))
    const source = await opened({ images, labels: stored('labels.npy', npy(type, [2], bytes)) })
    expect(labels(source)).toEqual([2, 0])
    expect(source.classes).toEqual(['0', '1', '2'])
    expect((await opened({ images, labels: join(folder, 'labels.npy'), classes: ['a', 'b', 'c'] })).classes).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('has a fingerprint that changes with shape, pixels and labels', async () => {
    const images = (shape: readonly number[], data: Uint8Array) => stored('f.npy', npy('|u1', shape, data))
    const prints = [
      await opened({ images: images([2, 1, 2], counting(4)) }),
      await opened({ images: images([2, 2, 1], counting(4)) }),
      await opened({ images: images([2, 1, 2], Uint8Array.of(0, 1, 2, 4)) }),
      await opened({ images: images([2, 1, 2], counting(4)), labels: stored('l.npy', npy('|u1', [2], Uint8Array.of(0, 1))) }),
      await opened({ images: images([2, 1, 2], counting(4)), labels: stored('l.npy', npy('|u1', [2], Uint8Array.of(1, 0))) }),
    ].map(({ fingerprint }) => fingerprint)
    expect(new Set(prints).size).toBe(5)
  })

  it('names a file that was cut off while it was in use', async () => {
    const path = stored('shrinks.npy', npy('|u1', [2, 1, 4], counting(8)))
    const source = await opened({ images: path })
    stored('shrinks.npy', npy('|u1', [2, 1, 4], counting(5)))
    expect(await source.read(1)).toEqual(
      E.left(missing(`${path} ends after 133 bytes, before what is read from it`, 'Fetch the file again; it is cut off.')),
    )
  })

  const SAVED = 'Name a file that was written by numpy.save.'
  const HERE = 'Give the file of the images here.'
  it.each<[string, Uint8Array, string, string]>([
    ['an empty file', new Uint8Array(0), 'PATH is not an NPY file: it has only 0 bytes', SAVED],
    [
      'another format',
      Buffer.from('PK\x03\x04 an npz file'),
      'PATH is not an NPY file: it begins with 504b03042061, not 934e554d5059',
      SAVED,
    ],
    ['another version', header('x'.repeat(9), 9), 'PATH is not an NPY file: its version is 9, and known are 1 to 3', SAVED],
    [
      'an endless header',
      Buffer.from('934e554d50590200ffffffff', 'hex'),
      'PATH is not an NPY file: its header claims 4294967295 bytes',
      SAVED,
    ],
    ['another text', header("{'shape': (1,)}"), "PATH is not an NPY file: its header is {'shape': (1,)}", SAVED],
    [
      'a header that is cut off',
      Buffer.from('934e554d505901007600', 'hex').subarray(0, 10),
      'PATH is not an NPY file: it has only 10 bytes',
      SAVED,
    ],
    [
      'records',
      header("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
      "PATH is not an NPY file: its header is {'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }",
      SAVED,
    ],
    [
      "Fortran's order",
      npy('|u1', [1, 2, 2], counting(4), 1, 'True'),
      "PATH holds its array in Fortran's order, the last axis outermost",
      'Save it again with numpy.save(path, numpy.ascontiguousarray(array)).',
    ],
    [
      'an array cut in half',
      npy('|u1', [2, 30, 30], counting(900)),
      'PATH has a wrong length: 2×30×30 elements of type |u1 need 1,800 bytes, the file holds 900',
      'Fetch the file again; it is damaged.',
    ],
    [
      'floating-point numbers',
      npy('<f4', [1, 1, 1], counting(4)),
      'PATH holds elements of type <f4, not unsigned bytes (|u1)',
      "Save values from 0 to 255 as 'uint8'.",
    ],
    [
      'labels in place of pictures',
      npy('|u1', [4], counting(4)),
      'PATH holds an array of 4, which are not pictures: they need count×height×width, or count×height×width×3 in colour',
      HERE,
    ],
    [
      'channels first',
      npy('|u1', [1, 3, 2, 2], counting(12)),
      'PATH holds an array of 1×3×2×2, which are not pictures: they need count×height×width, or count×height×width×3 in colour',
      'Put the channels last: array.transpose(0, 2, 3, 1).',
    ],
    [
      'alpha',
      npy('|u1', [1, 2, 2, 4], counting(16)),
      'PATH holds an array of 1×2×2×4, which are not pictures: they need count×height×width, or count×height×width×3 in colour',
      HERE,
    ],
    ['no picture', npy('|u1', [0, 2, 2], counting(0)), 'PATH holds no picture: it is 0×2×2', 'Give a file with pictures.'],
  ])('refuses %s', async (_, content, message, remedy) => {
    const path = stored('bad.npy', content)
    expect(await npySource({ images: path })()).toEqual(E.left(missing(message.replace('PATH', path), remedy)))
  })

  it.each<[string, Uint8Array, readonly string[] | undefined, string, string]>([
    [
      'that are no integers',
      npy('<f8', [2], counting(16)),
      undefined,
      'LABELS holds elements of type <f8, which are no numbers of classes',
      "Save the labels as 'int64'.",
    ],
    ...(['<U3', '>U12', '|S4'] as const).map(
      (type) =>
        [
          `that are texts, ${type}`,
          npy(type, [2], counting(2 * Number(type.slice(2)) * (type[1] === 'U' ? 4 : 1))),
          undefined,
          `LABELS holds texts, elements of type ${type}, which are no numbers of classes`,
          "Save numbers, and name the classes here with 'classes': classes, labels = numpy.unique(labels, return_inverse=True).",
        ] as [string, Uint8Array, undefined, string, string],
    ),
    [
      'that are objects',
      npy('|O', [2], counting(40)),
      undefined,
      'LABELS holds pickled objects of Python, elements of type |O, which are not read here',
      "Save pictures as 'uint8' and labels as 'int64'.",
    ],
    [
      'of another set',
      npy('|u1', [3], counting(3)),
      undefined,
      'IMAGES holds 2 pictures, but LABELS holds an array of 3, not one label for each',
      'Give the images and the labels of the same set.',
    ],
    [
      'below zero',
      npy('|i1', [2], Uint8Array.of(0, 255)),
      undefined,
      "picture 1 in LABELS has the label '-1', which is no class",
      'Labels are whole numbers from 0 to 999,999, or names of classes.',
    ],
    [
      'beyond the names',
      npy('|u1', [2], Uint8Array.of(0, 2)),
      ['a', 'b'],
      "picture 1 in LABELS has the label '2', which is no class of the 2 that are named",
      'Name all classes, or leave the names out.',
    ],
  ])('refuses labels %s', async (_, content, classes, message, remedy) => {
    const images = stored('good.npy', npy('|u1', [2, 1, 1], counting(2)))
    const path = stored('bad.npy', content)
    expect(await npySource({ images, labels: path, classes })()).toEqual(
      E.left(missing(message.replace('IMAGES', images).replace('LABELS', path), remedy)),
    )
  })

  it('refuses pictures of more pixels than one may have, and reads none of them', async () => {
    const path = join(folder, 'large.npy')
    const text = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 60000, 60000), }".padEnd(117)
    writeFileSync(path, Buffer.concat([Buffer.from('\x93NUMPY\x01\0\x76\0', 'latin1'), Buffer.from(`${text}\n`)]))
    truncateSync(path, 128 + 60_000 ** 2)
    expect(await npySource({ images: path })()).toMatchObject({
      left: { message: `${path} holds pictures of 60000×60000 pixels, more than the 178,956,970 that one may have` },
    })
  })

  it('refuses a file that is not there, and a folder', async () => {
    const gone = join(folder, 'gone.npy')
    expect(await npySource({ images: gone })()).toEqual(
      E.left(
        missing(
          `cannot read the NPY file of the images ${gone}: there is no such file or folder`,
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
    expect(await npySource({ images: folder })()).toEqual(
      E.left(missing(`cannot read the NPY file of the images ${folder}: it is a folder, not a file`, 'Name a file.')),
    )
  })
})
