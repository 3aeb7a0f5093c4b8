/**
 * The Python version of CIFAR: pickles of dicts with lists of labels and an array of count × 3072 values, for each picture first
 * all red ones, then the green, then the blue.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { type CifarBatch, VALUES } from './cifarBinary'
import { readFile } from './files'
import { readPickle, type Value } from './pickle'
import { ARRAY_NAMES, arrayOf, integersIn } from './pickledArray'

const damaged = (path: string, why: string): Failure =>
  missing(`${path} is not a file of CIFAR's Python version: ${why}`, 'Fetch the data set again, or name its folder.')

type Dict = ReadonlyMap<string, Value>

/** A text, which is bytes where Python 3 has read the files as bytes and written them again. */
const textOf = (value: Value): string | undefined => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  return typeof value === 'string' ? value : undefined
}

const keyed = (value: Value): Dict | undefined =>
  value instanceof Map ? new Map([...value].map(([key, one]) => [textOf(key) ?? '', one])) : undefined

const readDict = (path: string, whatItIs: string): TE.TaskEither<Failure, Dict> =>
  pipe(
    readFile(path, whatItIs),
    TE.chainEitherK((bytes) =>
      pipe(
        readPickle(bytes, { allowed: ARRAY_NAMES }),
        E.mapLeft((why) => damaged(path, why)),
      ),
    ),
    TE.chainEitherK(({ value }) => E.fromNullable(damaged(path, 'it holds no dict'))(keyed(value))),
  )

/** The values of each picture, of an array of bytes: count × `VALUES`, or count × 3 × 32 × 32. */
const pixelsOf = (value: Value | undefined, count: number): ((i: number) => Uint8Array) | undefined => {
  const array = arrayOf(value)
  if (array === undefined || !/^[|<>=]u1$/.test(array.type) || array.bytes.length !== count * VALUES) return undefined
  const { bytes, shape, fortran } = array
  const flat = shape.length === 2 && shape[0] === count && shape[1] === VALUES
  if (flat && fortran) return (i) => Uint8Array.from({ length: VALUES }, (_, at) => bytes[at * count + i]!)
  if (fortran || !(flat || shape.join() === `${count},3,32,32`)) return undefined
  return (i) => bytes.subarray(i * VALUES, (i + 1) * VALUES)
}

const labelsOf = (value: Value | undefined): readonly number[] | undefined => {
  const labels = integersIn(value)
  return labels !== undefined && labels.length > 0 && labels.every((one) => one >= 0) ? labels : undefined
}

/** Reads a file whose labels stand under `key`. */
export const readPythonBatch = (path: string, key: string): TE.TaskEither<Failure, CifarBatch> =>
  pipe(
    readDict(path, 'the batch of CIFAR'),
    TE.chainEitherK((dict) => {
      const labels = labelsOf(dict.get(key))
      if (labels === undefined) return E.left(damaged(path, `its '${key}' are no list of classes`))
      const pixels = pixelsOf(dict.get('data'), labels.length)
      if (pixels === undefined)
        return E.left(damaged(path, `its 'data' are no array of ${labels.length.toLocaleString('en-US')}×${VALUES} bytes`))
      return E.right({ path, labels, pixels })
    }),
  )

/** Names of classes, which stand under `key`. */
export const readPythonNames = (path: string, key: string): TE.TaskEither<Failure, readonly string[]> =>
  pipe(
    readDict(path, 'the names of the classes'),
    TE.chainEitherK((dict) => {
      const names = dict.get(key)
      const texts = Array.isArray(names) ? names.map(textOf) : [undefined]
      return texts.every((name) => name !== undefined)
        ? E.right(texts)
        : E.left(damaged(path, `its '${key}' are no list of texts`))
    }),
  )
