/** The pictures in one Parquet file: their bytes, or paths that lead to them. */
import { dirname, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Picture } from '../image/picture'
import { type Decoding, decodePicture } from './decode'
import { columnOf, isAllNull, parquetFailure, readColumn, type Table, valuesOf } from './parquetTable'
import { readPlaces, writePieces } from './pieces'
import { readAt } from './readAt'
import { stringsBuilder } from './strings'
import { unpackedOnce } from './unpacked'

/** The pictures of one file. */
export interface Pictures {
  readonly count: number
  /** Where the picture of a row lies. */
  readonly path: (row: number) => string
  readonly read: (row: number, decoding: Decoding) => Promise<E.Either<Failure, Picture>>
  /** What a fingerprint takes in of them. */
  readonly parts: readonly (string | Uint8Array)[]
}

/** Where in a picture's column its bytes or its path are. */
type Column = { readonly kind: 'bytes' | 'paths'; readonly inside: string | undefined }

const isText = (element: { readonly logical_type?: { readonly type: string }; readonly converted_type?: string }): boolean =>
  element.logical_type?.type === 'STRING' || element.converted_type === 'UTF8'

const pictureColumn = (table: Table, name: string): E.Either<Failure, Column> =>
  pipe(
    columnOf(table, name, 'image'),
    E.chain(({ element, children }): E.Either<Failure, Column> => {
      const inner = children.map((child) => child.element.name)
      if (inner.includes('bytes') && !(inner.includes('path') && isAllNull(table, [name, 'bytes'])))
        return E.right({ kind: 'bytes', inside: 'bytes' })
      if (inner.includes('path')) return E.right({ kind: 'paths', inside: 'path' })
      if (element.type === 'BYTE_ARRAY') return E.right({ kind: isText(element) ? 'paths' : 'bytes', inside: undefined })
      return E.left(
        missing(
          `${table.path}: column '${name}' holds neither bytes nor paths of pictures, but ${inner.length > 0 ? `a mapping of ${inner.join(', ')}` : element.type}`,
          "Say with 'image' which column it is.",
        ),
      )
    }),
  )

/** What a row holds, whether it lies in a mapping or not. */
const innerOf =
  ({ inside }: Column) =>
  (value: unknown): unknown =>
    inside === undefined ? value : (value as Readonly<Record<string, unknown>> | null | undefined)?.[inside]

const NOTHING = new Uint8Array(0)

async function* bytesIn(table: Table, name: string, column: Column): AsyncGenerator<Uint8Array> {
  for await (const value of valuesOf(table, name)) {
    const bytes = innerOf(column)(value)
    yield bytes instanceof Uint8Array ? bytes : NOTHING
  }
}

/** Pictures whose bytes are in the file: laid out one behind the other in the cache. */
const embedded = (
  table: Table,
  name: string,
  column: Column,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Pictures> =>
  pipe(
    unpackedOnce(
      table.path,
      {
        what: `parquet column ${name}`,
        write: (target) => writePieces(target, bytesIn(table, name, column)),
        failure: (error) => ('syscall' in (error as object) ? undefined : parquetFailure(table.path)(error)),
      },
      notify,
    ),
    TE.bindTo('path'),
    TE.bind('places', ({ path }) => readPlaces(path)),
    TE.map(({ path, places }) => ({
      count: places.length - 1,
      path: (row) => `${table.path}, row ${row}`,
      read: (row, decoding) =>
        pipe(
          readAt(path, places[row]!, places[row + 1]! - places[row]!),
          TE.chain((bytes) => () => decodePicture(bytes, decoding, `${table.path}, row ${row},`)),
        )(),
      parts: [new Uint8Array(places.buffer)],
    })),
  )

/** Pictures beside the file. */
const referred = (table: Table, name: string, column: Column): TE.TaskEither<Failure, Pictures> =>
  pipe(
    readColumn(table, name),
    TE.chainEitherK((values) => {
      const paths = stringsBuilder()
      const wrong = values.map(innerOf(column)).findIndex((path) => {
        if (typeof path !== 'string' || path === '') return true
        paths.add(path)
        return false
      })
      if (wrong !== -1)
        return E.left(missing(`${table.path}, row ${wrong}, names no picture`, 'Put the bytes or the path of a picture there.'))
      const all = paths.done()
      const folder = resolve(dirname(table.path))
      const path = (row: number): string => resolve(folder, all.at(row))
      return E.right({
        count: all.count,
        path,
        read: (row: number, decoding: Decoding) => decodePicture(path(row), decoding),
        parts: all.bytes,
      })
    }),
  )

/** Opens the pictures of a column; bytes are unpacked first. */
export const picturesOf = (table: Table, name: string, notify: (message: string) => void): TE.TaskEither<Failure, Pictures> =>
  pipe(
    TE.fromEither(pictureColumn(table, name)),
    TE.chain((column) => (column.kind === 'bytes' ? embedded(table, name, column, notify) : referred(table, name, column))),
  )
