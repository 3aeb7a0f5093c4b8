import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { afterAll, describe, expect, it } from 'vitest'
import { missing } from '../../src/base/failure'
import { type Idx, idxSource, parse, serialize } from '../../src/io/idx'

const folder = mkdtempSync(join(tmpdir(), 'ibot-idx-'))
afterAll(() => rmSync(folder, { recursive: true }))

const counting = (...shape: number[]): Idx => ({
  shape,
  data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 256),
})
const labels = (...data: number[]): Idx => ({ shape: [data.length], data: Uint8Array.from(data) })
const stored = (name: string, content: Idx | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content instanceof Uint8Array ? content : serialize(content))
  return path
}
const opened = async (...args: Parameters<typeof idxSource>) => {
  const source = await idxSource(...args)()
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}

describe('IDX', () => {
  it('refuses gzipped bombs before they are unpacked', async () => {
    const megabytes = gzipSync(Buffer.alloc(2 ** 24, 'x'), { level: 1 })
    const many = Array.from({ length: 60 }, () => megabytes)
    const lying = Buffer.concat([gzipSync(serialize(counting(2, 3, 3))), ...many])
    expect(parse(lying, 'x')).toEqual(
      E.left(missing('x unpacks to more bytes than its header says', 'Fetch the file again; it is damaged.')),
    )
    const header = serialize({ shape: [7_000_000, 32, 32], data: new Uint8Array(0) })
    expect(parse(gzipSync(header), 'x')).toEqual(
      E.left(
        missing(
          'x holds 7,168,000,016 bytes, more than the 800,000,000 that are held in memory',
          'Save it as an NPY file, which is read picture by picture: numpy.save.',
        ),
      ),
    )
    expect(parse(Buffer.concat(many), 'x')).toMatchObject({
      left: { message: expect.stringContaining('is not an IDX file of unsigned bytes: it begins with 78787878') },
    })
    expect(process.resourceUsage().maxRSS).toBeLessThan(1_500_000)
  })

  it('gives back what was written, gzipped or not', () => {
    const idx = fc
      .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
      .chain((shape) =>
        fc
          .uint8Array({ minLength: shape.reduce((a, b) => a * b), maxLength: shape.reduce((a, b) => a * b) })
          .map((data) => ({ shape, data })),
      )
    fc.assert(
      fc.property(idx, fc.boolean(), (content, gzip) => {
        const bytes = serialize(content)
        const parsed = parse(gzip ? gzipSync(bytes) : bytes, 'x')
        expect(E.isRight(parsed) && { shape: parsed.right.shape, data: Uint8Array.from(parsed.right.data) }).toEqual(content)
      }),
    )
  })

  it('is written as MNIST is', () => {
    expect(Buffer.from(serialize({ shape: [1, 2, 2], data: Uint8Array.of(1, 2, 3, 4) })).toString('hex')).toBe(
      '0000080300000001000000020000000201020304',
    )
  })

  const header = (...shape: number[]) => serialize({ shape, data: new Uint8Array(0) })
  it.each<[string, Uint8Array, string, string]>([
    [
      'another format',
      Buffer.from('89504e470d0a1a0a', 'hex'),
      'x is not an IDX file of unsigned bytes: it begins with 89504e47, not 000008 and the number of dimensions (01 to 04)',
      'Name a file such as train-images-idx3-ubyte or train-labels-idx1-ubyte, as it is or gzipped.',
    ],
    [
      'floating-point numbers',
      Buffer.from('00000d010000000000', 'hex'),
      'x is not an IDX file of unsigned bytes: it begins with 00000d01, not 000008 and the number of dimensions (01 to 04)',
      'Name a file such as train-images-idx3-ubyte or train-labels-idx1-ubyte, as it is or gzipped.',
    ],
    [
      'an empty file',
      new Uint8Array(0),
      'x is not an IDX file of unsigned bytes: it begins with nothing, not 000008 and the number of dimensions (01 to 04)',
      'Name a file such as train-images-idx3-ubyte or train-labels-idx1-ubyte, as it is or gzipped.',
    ],
    [
      'five dimensions',
      Buffer.from('00000805', 'hex'),
      'x is not an IDX file of unsigned bytes: it begins with 00000805, not 000008 and the number of dimensions (01 to 04)',
      'Name a file such as train-images-idx3-ubyte or train-labels-idx1-ubyte, as it is or gzipped.',
    ],
    [
      'a cut in the header',
      header(60000, 28, 28).subarray(0, 10),
      'x ends within its header, after 10 bytes',
      'Fetch the file again; it is cut off.',
    ],
    [
      'too few pixels',
      Buffer.concat([header(60000, 28, 28), new Uint8Array(1234)]),
      'x has a wrong length: the header says 60000×28×28 = 47,040,000 bytes of pixels, the file holds 1,234',
      'Fetch the file again; it is damaged.',
    ],
    [
      'too many labels',
      Buffer.concat([header(2), new Uint8Array(3)]),
      'x has a wrong length: the header says 2 bytes of labels, the file holds 3',
      'Fetch the file again; it is damaged.',
    ],
    [
      'a gzipped file cut off',
      gzipSync(serialize(counting(4, 5, 5))).subarray(0, 40),
      'x is gzipped, but cannot be unpacked: unexpected end of file',
      'Fetch the file again; it is damaged.',
    ],
  ])('refuses %s', (_, bytes, message, remedy) => {
    expect(parse(bytes, 'x')).toEqual(E.left(missing(message, remedy)))
  })
})

describe('idxSource', () => {
  it('opens grey pictures with labels, from gzipped files too', async () => {
    const source = await opened({
      images: stored('grey.gz', gzipSync(serialize(counting(3, 2, 4)))),
      labels: stored('grey-labels', labels(1, 0, 3)),
    })
    expect(source).toMatchObject({
      name: join(folder, 'grey.gz'),
      count: 3,
      channels: 1,
      size: [2, 4],
      classes: ['0', '1', '2', '3'],
    })
    expect([0, 1, 2].map(source.label)).toEqual([1, 0, 3])
    expect(await source.read(1)).toEqual(
      E.right({ width: 4, height: 2, channels: 1, data: Uint8Array.of(8, 9, 10, 11, 12, 13, 14, 15) }),
    )
  })

  it('opens pictures in colour without labels', async () => {
    const source = await opened({ images: stored('colour', counting(2, 1, 2, 3)) })
    expect(source).toMatchObject({ count: 2, channels: 3, size: [1, 2], classes: [] })
    expect(source.label(0)).toBeUndefined()
    expect(await source.read(1)).toEqual(E.right({ width: 2, height: 1, channels: 3, data: Uint8Array.of(6, 7, 8, 9, 10, 11) }))
  })

  it('gives pictures that may be written to', async () => {
    const source = await opened({ images: stored('own', counting(1, 1, 2)) })
    const first = await source.read(0)
    if (E.isRight(first)) first.right.data.fill(99)
    expect(await source.read(0)).toEqual(E.right({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 1) }))
  })

  it('has a fingerprint that changes with pixels, shape and labels', async () => {
    const images = stored('print', counting(2, 2, 2))
    const zeroes = stored('print-labels', labels(0, 0))
    const sources = [
      await opened({ images }),
      await opened({ images, labels: zeroes }),
      await opened({ images, labels: stored('print-labels-1', labels(0, 1)) }),
      await opened({ images: stored('print-1', { ...counting(2, 2, 2), data: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 8) }) }),
      await opened({ images: stored('print-2', { ...counting(2, 2, 2), shape: [2, 1, 4] }) }),
    ].map(({ fingerprint }) => fingerprint)
    expect(new Set(sources).size).toBe(5)
    expect(sources[0]).toMatch(/^[0-9a-f]{16}$/)
    expect((await opened({ images: stored('print-copy', counting(2, 2, 2)) })).fingerprint).toBe(sources[0])
  })

  const images = stored('images', counting(3, 2, 2))
  it.each<[string, Parameters<typeof idxSource>[0], string, string]>([
    [
      'counts that differ',
      { images, labels: stored('two', labels(0, 1)) },
      `${images} holds 3 pictures, but ${join(folder, 'two')} holds 2 labels`,
      'Give the images and the labels of the same set.',
    ],
    [
      'labels as images',
      { images: stored('three', labels(0, 1, 2)) },
      `${join(folder, 'three')} holds 3 bytes, which are not pictures: they need count×height×width, or count×height×width×3 in colour`,
      'These look like labels; give the file of the images here.',
    ],
    [
      'four channels',
      { images: stored('rgba', counting(1, 2, 2, 4)) },
      `${join(folder, 'rgba')} holds 1×2×2×4 bytes, which are not pictures: they need count×height×width, or count×height×width×3 in colour`,
      'Give the file of the images here.',
    ],
    [
      'images as labels',
      { images, labels: images },
      `${images} holds 3×2×2 bytes, which are not labels: they need one dimension`,
      'Give the file of the labels here.',
    ],
    [
      'no picture',
      { images: stored('none', counting(0, 28, 28)) },
      `${join(folder, 'none')} holds no picture: it is 0×28×28`,
      'Give a file with pictures.',
    ],
    [
      'a label without a class',
      { images, labels: stored('high', labels(0, 2, 1)), classes: ['cat', 'dog'] },
      `${join(folder, 'high')} gives picture 1 the label 2, but there are only 2 classes (0 to 1)`,
      'Name all classes, or leave the names out.',
    ],
    [
      'a file that is not there',
      { images, labels: join(folder, 'gone') },
      `cannot read the IDX file of the labels ${join(folder, 'gone')}: there is no such file or folder`,
      'Check the path; it is taken from the folder in which the command runs.',
    ],
  ])('refuses %s', async (_, files, message, remedy) => {
    expect(await idxSource(files)()).toEqual(E.left(missing(message, remedy)))
  })
})
