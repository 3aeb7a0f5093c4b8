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
import { Instance, readPickle, type Value } from './pickle'

/** All that the pickles may name: what an array of NumPy is made by, as Python 2 and 3 call it. */
const ALLOWED: ReadonlySet<string> = new Set([
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray._reconstruct',
  'numpy.ndarray',
  'numpy.dtype',
  '_codecs.encode',
])

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
        readPickle(bytes, { allowed: ALLOWED }),
        E.mapLeft((why) => damaged(path, why)),
      ),
    ),
    TE.chainEitherK(({ value }) => E.fromNullable(damaged(path, 'it holds no dict'))(keyed(value))),
  )

/** Bytes as Python 2 or 3 pickles them; protocols before 3 encode a text as Latin-1. */
const bytesOf = (value: Value | undefined): Uint8Array | undefined => {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value, 'latin1')
  return value instanceof Instance && value.type === '_codecs.encode' ? bytesOf(value.args[0]) : undefined
}

const isTuple = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)

/** The elements of an array of bytes, count × `VALUES`, rows first. */
const pixelsOf = (value: Value | undefined, count: number): Uint8Array | undefined => {
  if (!(value instanceof Instance) || !value.type.endsWith('._reconstruct') || !isTuple(value.state)) return undefined
  const [, shape, type, fortran, elements] = value.state
  const bytes = bytesOf(elements)
  const isBytes = type instanceof Instance && type.type === 'numpy.dtype' && type.args[0] === 'u1'
  const fits = isTuple(shape) && shape.length === 2 && shape[0] === count && shape[1] === VALUES && fortran === false
  return isBytes && fits && bytes?.length === count * VALUES ? bytes : undefined
}

const isLabels = (value: Value | undefined): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => Number.isInteger(one) && Number(one) >= 0)

/** Reads a file whose labels stand under `key`. */
export const readPythonBatch = (path: string, key: string): TE.TaskEither<Failure, CifarBatch> =>
  pipe(
    readDict(path, 'the batch of CIFAR'),
    TE.chainEitherK((dict) => {
      const labels = dict.get(key)
      if (!isLabels(labels)) return E.left(damaged(path, `its '${key}' are no list of classes`))
      const bytes = pixelsOf(dict.get('data'), labels.length)
      if (bytes === undefined)
        return E.left(damaged(path, `its 'data' are no array of ${labels.length.toLocaleString('en-US')}×${VALUES} bytes`))
      return E.right({ path, labels, pixels: (i: number) => bytes.subarray(i * VALUES, (i + 1) * VALUES) })
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
