/** The pictures in one Parquet file: their bytes, or paths that lead to them. */
import { dirname, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Picture } from '../image/picture'
import { checkLength, type Decoding, decodePicture } from './decode'
import { askParquet } from './parquetProcess'
import { inPiece } from './parquetReading'
import { columnOf, parquetFailure, readColumn, type Table } from './parquetTable'
import { readPlaces } from './pieces'
import { readAt } from './readAt'
import type { Stored } from './source'
import { stringsBuilder } from './strings'
import { unpackedOnce } from './unpacked'

/** The pictures of one file. */
export interface Pictures {
  readonly count: number
  /** Where the picture of a row lies. */
  readonly path: (row: number) => string
  readonly read: (row: number, decoding: Decoding) => Promise<E.Either<Failure, Picture>>
  readonly stored: (row: number) => TE.TaskEither<Failure, Stored>
  /** What a fingerprint takes in of them. */
  readonly parts: readonly (string | Uint8Array)[]
}

/** What a picture's column holds: bytes (in a mapping: bytes, or where they are missing a path), or paths only. */
type Held = { readonly kind: 'bytes' | 'paths'; readonly inMapping: boolean }

const heldIn = (table: Table, name: string): E.Either<Failure, Held> =>
  pipe(
    columnOf(table, name, 'image'),
    E.chain(({ type, isText, children, nullChildren }): E.Either<Failure, Held> => {
      if (children.includes('bytes') && !(children.includes('path') && nullChildren.includes('bytes')))
        return E.right({ kind: 'bytes', inMapping: true })
      if (children.includes('path')) return E.right({ kind: 'paths', inMapping: true })
      if (type === 'BYTE_ARRAY') return E.right({ kind: isText ? 'paths' : 'bytes', inMapping: false })
      return E.left(
        missing(
          `${table.path}: column '${name}' holds neither bytes nor paths of pictures, but ${children.length > 0 ? `a mapping of ${children.join(', ')}` : type}`,
          "Say with 'image' which column it is.",
        ),
      )
    }),
  )

/** Where a relative path begins. */
const folderOf = ({ path }: Table): string => resolve(dirname(path))

/**
 * Pictures whose bytes are in the file: laid out one behind the other in the cache, behind a byte that says whether they are bytes or a
 * path. That byte doesn't count for the fingerprint.
 */
const embedded = (
  table: Table,
  name: string,
  inMapping: boolean,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Pictures> =>
  pipe(
    unpackedOnce(
      table.path,
      {
        what: `parquet column ${name}, bytes or paths`,
        write: async (target) => {
          await askParquet({ kind: 'unpack', path: table.path, column: name, inMapping, target })
        },
        failure: (error) =>
          error instanceof Error && 'syscall' in error && error.syscall !== undefined
            ? undefined
            : parquetFailure(table.path)(error),
      },
      notify,
    ),
    TE.bindTo('path'),
    TE.bind('places', ({ path }) => readPlaces(path)),
    TE.map(({ path, places }) => {
      const name = (row: number): string => `${table.path}, row ${row}`
      const pieceAt = (row: number) =>
        pipe(
          TE.fromEither(checkLength(places[row + 1]! - places[row]!, `${name(row)},`)),
          TE.chain((length) => readAt(path, places[row]!, length)),
        )
      const pathIn = (content: Uint8Array): string => resolve(folderOf(table), Buffer.from(content).toString())
      return {
        count: places.length - 1,
        path: name,
        read: (row, decoding) =>
          pipe(
            pieceAt(row),
            TE.chain((piece) => () => {
              const { kind, content } = inPiece(piece)
              return kind === 'path'
                ? decodePicture(pathIn(content), decoding)
                : decodePicture(content, decoding, `${name(row)},`)
            }),
          )(),
        stored: (row) =>
          pipe(
            readAt(path, places[row]!, 1),
            TE.chain((beginning): TE.TaskEither<Failure, Stored> => {
              const start = places[row]! + 1
              return inPiece(beginning).kind === 'path'
                ? TE.map((piece: Uint8Array) => ({ path: pathIn(inPiece(piece).content) }))(pieceAt(row))
                : TE.right({ path, start, length: places[row + 1]! - start })
            }),
          ),
        parts: [new Uint8Array(places.map((place, i) => place - i).buffer)],
      }
    }),
  )

/** No path that leads anywhere is longer. */
const LONGEST_PATH = 16_384

const isPath = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= LONGEST_PATH

/** Pictures beside the file. */
const referred = (table: Table, name: string, inMapping: boolean): TE.TaskEither<Failure, Pictures> =>
  pipe(
    readColumn(table, name),
    TE.chainEitherK((values) => {
      const paths = stringsBuilder()
      const wrong = values.findIndex((value) => {
        const path = inMapping ? (value as { readonly path?: unknown } | null | undefined)?.path : value
        if (!isPath(path)) return true
        paths.add(path)
        return false
      })
      if (wrong !== -1)
        return E.left(missing(`${table.path}, row ${wrong}, names no picture`, 'Put the bytes or the path of a picture there.'))
      const all = paths.done()
      const folder = folderOf(table)
      const path = (row: number): string => resolve(folder, all.at(row))
      return E.right({
        count: all.count,
        path,
        read: (row: number, decoding: Decoding) => decodePicture(path(row), decoding),
        stored: (row: number) => TE.right({ path: path(row) }),
        parts: all.bytes,
      })
    }),
  )

/** Opens the pictures of a column; bytes are unpacked first. */
export const picturesOf = (table: Table, name: string, notify: (message: string) => void): TE.TaskEither<Failure, Pictures> =>
  pipe(
    TE.fromEither(heldIn(table, name)),
    TE.chain(({ kind, inMapping }) =>
      kind === 'bytes' ? embedded(table, name, inMapping, notify) : referred(table, name, inMapping),
    ),
  )
