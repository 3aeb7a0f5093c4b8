/**
 * The IDX format of MNIST and its kin: one array of bytes behind its sizes.
 *
 * Layout: two zero bytes, the element type (8: unsigned bytes, the only one read here), the number of dimensions, each
 * size (unsigned, 32 bits, big-endian), then the elements, rows first. Files may be gzipped.
 */
import { constants, gunzipSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { hexadecimal } from '../base/bytes'
import { type Failure, missing } from '../base/failure'
import { readFile } from './files'
import { fingerprint } from './fingerprint'
import { tooLarge } from './picture/undecodable'
import type { Source } from './source'

export interface Idx {
  /** One to four sizes. */
  readonly shape: readonly number[]
  /** As many elements as the product of the shape, rows first. */
  readonly data: Uint8Array
}

const UNSIGNED_BYTES = 0x08
const grouped = (value: number): string => value.toLocaleString('en-US')
const sizes = (shape: readonly number[]): string => shape.join('×')

/** The header lies in the first so many bytes, packed or not. */
const HEADER_IN = 4096
/** All of it is held in memory; the largest set of its kind, EMNIST, takes 547 million. */
const MOST_BYTES = 800_000_000

const isGzipped = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** How many bytes a file takes by its header; undefined for other kinds of files. */
const lengthOf = (header: Uint8Array): number | undefined => {
  const [zero, alsoZero, type, dimensions] = header
  if (zero !== 0 || alsoZero !== 0 || type !== UNSIGNED_BYTES || !dimensions || dimensions > 4) return undefined
  if (header.length < 4 + 4 * dimensions) return undefined
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i))
  return 4 + 4 * dimensions + shape.reduce((product, size) => product * size, 1)
}

/** How far beyond its header's word a file may go, so that it can be told of. */
const SLACK = 65_536

const gunzipped = (bytes: Uint8Array, name: string): E.Either<Failure, Uint8Array> => {
  const header = gunzipSync(bytes.subarray(0, HEADER_IN), { finishFlush: constants.Z_SYNC_FLUSH })
  const length = lengthOf(header)
  // Another kind of file is told by its beginning.
  if (length === undefined) return E.right(header)
  if (length > MOST_BYTES)
    return E.left(
      missing(
        `${name} holds ${grouped(length)} bytes, more than the ${grouped(MOST_BYTES)} that are held in memory`,
        'Save it as an NPY file, which is read picture by picture: numpy.save.',
      ),
    )
  // In one piece, and never more than a little beyond what is meant.
  return E.right(gunzipSync(bytes, { maxOutputLength: length + SLACK, chunkSize: length + SLACK }))
}

const unpack = (bytes: Uint8Array, name: string): E.Either<Failure, Uint8Array> =>
  isGzipped(bytes)
    ? pipe(
        E.tryCatch(
          () => gunzipped(bytes, name),
          (error) => {
            const { code, message } = error as NodeJS.ErrnoException
            return missing(
              code === 'ERR_BUFFER_TOO_LARGE'
                ? `${name} unpacks to more bytes than its header says`
                : `${name} is gzipped, but cannot be unpacked: ${message}`,
              'Fetch the file again; it is damaged.',
            )
          },
        ),
        E.flatten,
      )
    : E.right(bytes)

const badMagic = (bytes: Uint8Array, name: string): Failure =>
  missing(
    `${name} is not an IDX file of unsigned bytes: it begins with ${hexadecimal(bytes.subarray(0, 4)) || 'nothing'}, not 000008 and the number of dimensions (01 to 04)`,
    'Name a file such as train-images-idx3-ubyte or train-labels-idx1-ubyte, as it is or gzipped.',
  )

const parsePlain = (bytes: Uint8Array, name: string): E.Either<Failure, Idx> => {
  const [zero, alsoZero, type, dimensions] = bytes
  if (zero !== 0 || alsoZero !== 0 || type !== UNSIGNED_BYTES || !dimensions || dimensions > 4)
    return E.left(badMagic(bytes, name))
  const start = 4 + 4 * dimensions
  if (bytes.length < start)
    return E.left(missing(`${name} ends within its header, after ${bytes.length} bytes`, 'Fetch the file again; it is cut off.'))
  const header = new DataView(bytes.buffer, bytes.byteOffset, start)
  const shape = Array.from({ length: dimensions }, (_, i) => header.getUint32(4 + 4 * i))
  const needed = shape.reduce((product, size) => product * size, 1)
  const data = bytes.subarray(start)
  return data.length === needed
    ? E.right({ shape, data })
    : E.left(
        missing(
          `${name} has a wrong length: the header says ${dimensions > 1 ? `${sizes(shape)} = ` : ''}${grouped(needed)} bytes of ${dimensions > 1 ? 'pixels' : 'labels'}, the file holds ${grouped(data.length)}`,
          'Fetch the file again; it is damaged.',
        ),
      )
}

/** Reads an IDX file of 1 to 4 dimensions, gzipped or not. `name` names it in messages. The data may share memory with `bytes`. */
export const parse = (bytes: Uint8Array, name: string): E.Either<Failure, Idx> =>
  pipe(
    unpack(bytes, name),
    E.chain((plain) => parsePlain(plain, name)),
  )

/** The bytes of an IDX file, not gzipped. The data must fill the shape. */
export const serialize = ({ shape, data }: Idx): Uint8Array => {
  const start = 4 + 4 * shape.length
  const bytes = new Uint8Array(start + data.length)
  const header = new DataView(bytes.buffer)
  header.setUint32(0, UNSIGNED_BYTES * 256 + shape.length)
  shape.forEach((size, i) => {
    header.setUint32(4 + 4 * i, size)
  })
  bytes.set(data, start)
  return bytes
}

const checkPictures = (idx: Idx, path: string): E.Either<Failure, Idx> => {
  const { shape } = idx
  if ((shape.length !== 3 && shape.length !== 4) || (shape.length === 4 && shape[3] !== 3))
    return E.left(
      missing(
        `${path} holds ${sizes(shape)} bytes, which are not pictures: they need count×height×width, or count×height×width×3 in colour`,
        shape.length === 1 ? 'These look like labels; give the file of the images here.' : 'Give the file of the images here.',
      ),
    )
  const failure = shape.includes(0)
    ? missing(`${path} holds no picture: it is ${sizes(shape)}`, 'Give a file with pictures.')
    : tooLarge(path, shape)
  return failure === undefined ? E.right(idx) : E.left(failure)
}

const checkLabels = (labels: Idx, count: number, classes: number | undefined, paths: IdxFiles): E.Either<Failure, Idx> => {
  const { shape, data } = labels
  if (shape.length !== 1)
    return E.left(
      missing(
        `${paths.labels} holds ${sizes(shape)} bytes, which are not labels: they need one dimension`,
        'Give the file of the labels here.',
      ),
    )
  if (shape[0] !== count)
    return E.left(
      missing(
        `${paths.images} holds ${grouped(count)} pictures, but ${paths.labels} holds ${grouped(data.length)} labels`,
        'Give the images and the labels of the same set.',
      ),
    )
  const wrong = classes === undefined ? -1 : data.findIndex((label) => label >= classes)
  return wrong === -1
    ? E.right(labels)
    : E.left(
        missing(
          `${paths.labels} gives picture ${wrong} the label ${data[wrong]}, but there are only ${classes} classes (0 to ${classes! - 1})`,
          'Name all classes, or leave the names out.',
        ),
      )
}

export interface IdxFiles {
  /** Path of the file of the pictures: count×height×width, or count×height×width×3. */
  readonly images: string
  /** Path of the file of their labels. */
  readonly labels?: string | undefined
  /** Names of the classes; without them, those that occur are called by their numbers. */
  readonly classes?: readonly string[] | undefined
}

const toSource = (files: IdxFiles, images: Idx, labels: Idx | undefined): Source => {
  const [count, height, width] = images.shape as [number, number, number]
  const channels = images.shape.length === 4 ? 3 : 1
  const area = height * width * channels
  const numbers = (data: Uint8Array) =>
    Array.from({ length: data.reduce((most, label) => Math.max(most, label), 0) + 1 }, (_, i) => `${i}`)
  const classes = labels === undefined ? [] : (files.classes ?? numbers(labels.data))
  return {
    name: files.images,
    count,
    channels,
    size: [height, width],
    classes,
    label: (i) => labels?.data[i],
    // A copy, because pictures belong to whoever reads them.
    read: async (i) => E.right({ width, height, channels, data: new Uint8Array(images.data.subarray(i * area, (i + 1) * area)) }),
    fingerprint: fingerprint([images.shape.join(), images.data, labels?.data ?? '', ...classes]),
  }
}

/** The pictures of an IDX file, all held in memory, with the labels of another one where it is given. */
export const idxSource = (files: IdxFiles): TE.TaskEither<Failure, Source> =>
  pipe(
    TE.Do,
    TE.bind('images', () =>
      pipe(
        readFile(files.images, 'the IDX file of the images'),
        TE.chainEitherK((bytes) => parse(bytes, files.images)),
        TE.chainEitherK((idx) => checkPictures(idx, files.images)),
      ),
    ),
    TE.bind('labels', ({ images }): TE.TaskEither<Failure, Idx | undefined> => {
      const path = files.labels
      if (path === undefined) return TE.right(undefined)
      return pipe(
        readFile(path, 'the IDX file of the labels'),
        TE.chainEitherK((bytes) => parse(bytes, path)),
        TE.chainEitherK((idx) => checkLabels(idx, images.shape[0]!, files.classes?.length, files)),
      )
    }),
    TE.map(({ images, labels }) => toSource(files, images, labels)),
  )
