/** Pictures in Parquet files, as the `datasets` library of Hugging Face writes them. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { placeIn, startsOf } from './chain'
import type { Decoding } from './decode'
import { fingerprint } from './fingerprint'
import { type Labels, labelParts, numberLabels, readLabels } from './labels'
import { type Pictures, picturesOf } from './parquetPictures'
import { classNames, columnOf, openTable, readColumn, type Table } from './parquetTable'
import { shardFiles } from './shards'
import type { Source } from './source'

export interface Parquet extends Decoding {
  /** Paths of the files; braces and stars stand for several. */
  readonly files: readonly string[]
  /** The column of the pictures: their bytes, their paths, or both as `bytes` and `path`. */
  readonly image: string
  /** The column of the labels; without it, `label` where there is one. */
  readonly label?: string | undefined
  /** Names of the classes, in the order of their numbers. */
  readonly classes?: readonly string[] | undefined
}

type Value = number | string

const labelsIn = (table: Table, column: string): TE.TaskEither<Failure, readonly Value[]> =>
  pipe(
    readColumn(table, column),
    TE.chainEitherK((values) => {
      const labels = values.map((value) => (typeof value === 'bigint' ? Number(value) : value))
      const wrong = labels.findIndex((label) => typeof label !== 'number' && typeof label !== 'string')
      return wrong === -1
        ? E.right(labels as readonly Value[])
        : E.left(
            missing(
              `${table.path}, row ${wrong}, has no label in column '${column}'`,
              'Labels are numbers of classes, or their names, for all pictures or for none.',
            ),
          )
    }),
  )

/** Hugging Face's label of pictures that have none. */
const UNLABELLED = -1

const labelsOf = (parquet: Parquet, tables: readonly Table[]): TE.TaskEither<Failure, Labels | undefined> => {
  const column = parquet.label ?? 'label'
  if (parquet.label === undefined && !tables.some(({ columns }) => columns.has(column))) return TE.right(undefined)
  const starts = startsOf(tables.map(({ rows }) => rows))
  const placeOf = (i: number): string => {
    const [file, row] = placeIn(starts, i)
    return `${tables[file]!.path}, row ${row},`
  }
  return pipe(
    tables,
    TE.traverseSeqArray((table) =>
      pipe(
        TE.fromEither(columnOf(table, column, 'label')),
        TE.chain(() => labelsIn(table, column)),
      ),
    ),
    TE.chainEitherK((all): E.Either<Failure, Labels | undefined> => {
      const labels = all.flat()
      const classes = parquet.classes ?? classNames(tables[0]!, column)
      if (labels.every((label) => label === UNLABELLED)) return E.right(undefined)
      return labels.every((label) => typeof label === 'number')
        ? numberLabels(labels, classes, placeOf)
        : readLabels(labels.map(String), classes, placeOf)
    }),
  )
}

const toSource = (parquet: Parquet, files: readonly Pictures[], labels: Labels | undefined): Source => {
  const starts = startsOf(files.map(({ count }) => count))
  return {
    name: parquet.files.join(', '),
    count: starts[starts.length - 1]!,
    channels: parquet.channels,
    size: undefined,
    classes: labels?.classes ?? [],
    label: (i) => labels?.numbers[i],
    read: (i) => {
      const [file, row] = placeIn(starts, i)
      return files[file]!.read(row, parquet)
    },
    path: (i) => {
      const [file, row] = placeIn(starts, i)
      return files[file]!.path(row)
    },
    stored: (i) => {
      const [file, row] = placeIn(starts, i)
      return files[file]!.stored(row)
    },
    fingerprint: fingerprint([...files.flatMap(({ parts }) => parts), ...labelParts(labels)]),
  }
}

/**
 * The pictures of all files, in their order, decoded when they are read. Bytes are unpacked into the cache first, once, as a Parquet
 * file gives them only by hundreds; paths start at the folder of their file. Labels are numbers or names; their names are those that Hugging
 * Face's `datasets` wrote, if none are given.
 */
export const parquetSource = (parquet: Parquet, notify: (message: string) => void): TE.TaskEither<Failure, Source> =>
  pipe(
    TE.fromIOEither(() => shardFiles(parquet.files)),
    TE.chain((paths) => TE.traverseSeqArray(openTable)(paths)),
    TE.bindTo('tables'),
    TE.filterOrElse(
      ({ tables }) => tables.some(({ rows }) => rows > 0),
      () => missing(`${parquet.files.join(', ')} hold no row`, 'Give files with pictures.'),
    ),
    // What costs little comes first: a wrong label is told before anything is unpacked.
    TE.bind('labels', ({ tables }) => labelsOf(parquet, tables)),
    TE.bind('pictures', ({ tables }) => TE.traverseSeqArray((table: Table) => picturesOf(table, parquet.image, notify))(tables)),
    TE.map(({ pictures, labels }) => toSource(parquet, pictures, labels)),
  )
