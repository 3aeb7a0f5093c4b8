/**
 * The header of an NPY file, in which NumPy saves one array.
 *
 * Layout: 6 bytes of magic, the version (two bytes), the length of the text (2 bytes, from version 2 on 4; little-endian), the
 * text, a Python dictionary with `descr` (the type of an element), `fortran_order` and `shape`; then the elements.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fileSize, readAt } from './readAt'

export interface NpyHeader {
  readonly path: string
  /** As NumPy writes types: `|u1` for unsigned bytes, `<i8` for little-endian integers of 8 bytes. */
  readonly type: string
  readonly shape: readonly number[]
  /** Where the first element lies. */
  readonly start: number
}

/** Magic, version and the longer form of the length. */
const PREFIX = 12
const MAGIC = '934e554d5059'
/** No header that is meant is longer. */
const LONGEST = 65_536

const noNpy = (path: string, why: string): Failure =>
  missing(`${path} is not an NPY file: ${why}`, 'Name a file that was written by numpy.save.')

const lengthOf = (path: string, prefix: Uint8Array): E.Either<Failure, { readonly start: number; readonly length: number }> => {
  const magic = Buffer.from(prefix.subarray(0, 6)).toString('hex')
  if (magic !== MAGIC) return E.left(noNpy(path, `it begins with ${magic}, not ${MAGIC}`))
  const major = prefix[6]!
  if (major < 1 || major > 3) return E.left(noNpy(path, `its version is ${major}, and known are 1 to 3`))
  const view = new DataView(prefix.buffer, prefix.byteOffset)
  const [start, length] = major === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)]
  return length > LONGEST ? E.left(noNpy(path, `its header claims ${length} bytes`)) : E.right({ start, length })
}

/** Texts (`<U5`) have 4 bytes a letter. */
const BYTES_PER_LETTER = 4

/** How many bytes an array takes. */
export const arrayBytes = ({ shape, type }: Pick<NpyHeader, 'shape' | 'type'>): number =>
  shape.reduce((product, one) => product * one, Number(/\d+$/.exec(type)![0]) * (/U\d+$/.test(type) ? BYTES_PER_LETTER : 1))

/** Element types that neither pictures nor labels have. */
const KINDS: Readonly<Record<string, string>> = {
  U: 'texts',
  S: 'texts',
  a: 'texts',
  O: 'pickled objects of Python',
  V: 'records',
  M: 'times',
  m: 'spans of time',
}

/** An element type in words. */
export const typeInWords = (type: string): string => {
  const kind = KINDS[/^[<>|=]?([a-zA-Z])/.exec(type)?.[1] ?? '']
  return `${kind === undefined ? '' : `${kind}, `}elements of type ${type}`
}

const parse = (path: string, text: string, start: number): E.Either<Failure, NpyHeader> => {
  const type = /'descr':\s*'([<>|=]?[a-zA-Z]\d{1,15})'/.exec(text)?.[1]
  const other = /'descr':\s*'([^']{1,40})'/.exec(text)?.[1]
  if (type === undefined && other !== undefined)
    return E.left(
      missing(`${path} holds ${typeInWords(other)}, which are not read here`, "Save pictures as 'uint8' and labels as 'int64'."),
    )
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1]
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1]
  if (type === undefined || order === undefined || shape === undefined)
    return E.left(noNpy(path, `its header is ${text.trim().slice(0, 100) || 'empty'}`))
  if (order === 'True')
    return E.left(
      missing(
        `${path} holds its array in Fortran's order, the last axis outermost`,
        'Save it again with numpy.save(path, numpy.ascontiguousarray(array)).',
      ),
    )
  return E.right({ path, type, shape: shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)])), start })
}

const checkLength =
  (size: number) =>
  (header: NpyHeader): E.Either<Failure, NpyHeader> => {
    const { path, shape, type, start } = header
    const needed = arrayBytes(header)
    return size - start === needed
      ? E.right(header)
      : E.left(
          missing(
            `${path} has a wrong length: ${shape.join('×') || 1} elements of type ${type} need ${needed.toLocaleString('en-US')} bytes, the file holds ${Math.max(0, size - start).toLocaleString('en-US')}`,
            'Fetch the file again; it is damaged.',
          ),
        )
  }

/** The header of a file whose length fits it. `whatItIs` names its role in messages. */
export const readNpyHeader = (path: string, whatItIs: string): TE.TaskEither<Failure, NpyHeader> =>
  pipe(
    fileSize(path, whatItIs),
    TE.chain((size) =>
      size < PREFIX
        ? TE.left(noNpy(path, `it has only ${size} bytes`))
        : pipe(
            readAt(path, 0, PREFIX),
            TE.chainEitherK((prefix) => lengthOf(path, prefix)),
            TE.chain(({ start, length }) =>
              pipe(
                readAt(path, start, length),
                TE.chainEitherK((text) => parse(path, new TextDecoder().decode(text), start + length)),
              ),
            ),
            TE.chainEitherK(checkLength(size)),
          ),
    ),
  )

const INTEGER = /^([<>|=]?)([iu])([1248])$/

export const isInteger = ({ type }: Pick<NpyHeader, 'type'>): boolean => INTEGER.test(type)

/** The elements of an array for which `isInteger` holds. */
export const integersOf = ({ type }: Pick<NpyHeader, 'type'>, bytes: Uint8Array): readonly number[] => {
  const [, order, kind, size] = INTEGER.exec(type)!
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const little = order !== '>'
  const width = Number(size)
  const at: Readonly<Record<string, (place: number) => number | bigint>> = {
    i1: (place) => view.getInt8(place),
    u1: (place) => view.getUint8(place),
    i2: (place) => view.getInt16(place, little),
    u2: (place) => view.getUint16(place, little),
    i4: (place) => view.getInt32(place, little),
    u4: (place) => view.getUint32(place, little),
    i8: (place) => view.getBigInt64(place, little),
    u8: (place) => view.getBigUint64(place, little),
  }
  const read = at[`${kind}${size}`]!
  return Array.from({ length: bytes.length / width }, (_, i) => Number(read(i * width)))
}
