/** Pictures in an array that NumPy has saved. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fingerprint } from './fingerprint'
import { type Labels, labelParts, numberLabels } from './labels'
import { arrayBytes, integersOf, isInteger, type NpyHeader, readNpyHeader, typeInWords } from './npyHeader'
import { tooLarge } from './picture/undecodable'
import { readAt } from './readAt'
import type { Source } from './source'

export interface NpyFiles {
  /** Path of the file of the pictures: count×height×width, or the same ×1 or ×3; unsigned bytes. */
  readonly images: string
  /** Path of the file of their labels: whole numbers. */
  readonly labels?: string | undefined
  /** Names of the classes; without them they are called by their numbers. */
  readonly classes?: readonly string[] | undefined
}

const isByte = (type: string): boolean => /^[<>|=]?u1$/.test(type)

const checkPictures = (header: NpyHeader): E.Either<Failure, NpyHeader> => {
  const { path, type, shape } = header
  if (!isByte(type))
    return E.left(
      missing(`${path} holds ${typeInWords(type)}, not unsigned bytes (|u1)`, "Save values from 0 to 255 as 'uint8'."),
    )
  const [, height, , channels = 1] = shape
  if ((shape.length !== 3 && shape.length !== 4) || (channels !== 1 && channels !== 3))
    return E.left(
      missing(
        `${path} holds an array of ${shape.join('×') || 'one number'}, which are not pictures: they need count×height×width, or count×height×width×3 in colour`,
        shape.length === 4 && (height === 1 || height === 3)
          ? 'Put the channels last: array.transpose(0, 2, 3, 1).'
          : 'Give the file of the images here.',
      ),
    )
  const failure = shape.includes(0)
    ? missing(`${path} holds no picture: it is ${shape.join('×')}`, 'Give a file with pictures.')
    : tooLarge(path, shape)
  return failure === undefined ? E.right(header) : E.left(failure)
}

/** Before anything is read of them. */
const checkLabelHeader =
  (count: number, { images }: NpyFiles) =>
  (header: NpyHeader): E.Either<Failure, NpyHeader> => {
    const { path, type, shape } = header
    if (!isInteger(header))
      return E.left(
        missing(
          `${path} holds ${typeInWords(type)}, which are no numbers of classes`,
          /[USa]\d+$/.test(type)
            ? "Save numbers, and name the classes here with 'classes': classes, labels = numpy.unique(labels, return_inverse=True)."
            : "Save the labels as 'int64'.",
        ),
      )
    if (shape[0] !== count || shape.reduce((product, size) => product * size, 1) !== count)
      return E.left(
        missing(
          `${images} holds ${count.toLocaleString('en-US')} pictures, but ${path} holds an array of ${shape.join('×') || 'one number'}, not one label for each`,
          'Give the images and the labels of the same set.',
        ),
      )
    return E.right(header)
  }

const readLabels = (files: NpyFiles, count: number): TE.TaskEither<Failure, Labels | undefined> =>
  files.labels === undefined
    ? TE.right(undefined)
    : pipe(
        readNpyHeader(files.labels, 'the NPY file of the labels'),
        TE.chainEitherK(checkLabelHeader(count, files)),
        TE.chain((header) =>
          pipe(
            readAt(header.path, header.start, arrayBytes(header)),
            TE.chainEitherK((bytes) =>
              numberLabels(integersOf(header, bytes), files.classes, (i) => `picture ${i} in ${header.path}`),
            ),
          ),
        ),
      )

/** By how many of its first bytes an array is known: enough to tell data sets apart, few enough to be read at once. */
const KNOWN_BY = 2 ** 20

const toSource = ({ path, shape, start }: NpyHeader, labels: Labels | undefined, beginning: Uint8Array): Source => {
  const [count, height, width] = shape as readonly [number, number, number]
  const channels = shape[3] === 3 ? 3 : 1
  const area = height * width * channels
  return {
    name: path,
    count,
    channels,
    size: [height, width],
    classes: labels?.classes ?? [],
    label: (i) => labels?.numbers[i],
    read: (i) =>
      pipe(
        readAt(path, start + i * area, area),
        TE.map((data) => ({ width, height, channels, data }) as const),
      )(),
    stored: (i) => TE.right({ path, start: start + i * area, length: area }),
    fingerprint: fingerprint([shape.join(), beginning, ...labelParts(labels)]),
  }
}

/**
 * The pictures of an array in a file, read when they are wanted, with the labels of another one where it is given. Fails where the
 * arrays are of other types or shapes, or a file's length isn't that of its array.
 */
export const npySource = (files: NpyFiles): TE.TaskEither<Failure, Source> =>
  pipe(
    readNpyHeader(files.images, 'the NPY file of the images'),
    TE.chainEitherK(checkPictures),
    TE.bindTo('header'),
    TE.bind('labels', ({ header }) => readLabels(files, header.shape[0]!)),
    TE.bind('beginning', ({ header }) => readAt(header.path, header.start, Math.min(KNOWN_BY, arrayBytes(header)))),
    TE.map(({ header, labels, beginning }) => toSource(header, labels, beginning)),
  )
