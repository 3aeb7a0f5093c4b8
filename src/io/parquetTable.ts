/** Parquet files as tables: which columns there are, a column's values, and their bytes, by hyparquet. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { AsyncBuffer, FileMetaData, SchemaTree } from 'hyparquet'
import { defect, type Failure, missing } from '../base/failure'
import { fileFailure } from './files'
import { statRegular } from './regular'

export interface Table {
  readonly path: string
  readonly rows: number
  /** Columns, each with what it is of. */
  readonly columns: Readonly<Record<string, SchemaTree>>
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
}

/** Loaded when the first file is read, as most commands need none. */
const library = async () => {
  const [hyparquet, { compressors }] = await Promise.all([import('hyparquet'), import('hyparquet-compressors')])
  return { ...hyparquet, compressors }
}

const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error

/** What the library says of a damaged file. */
export const parquetFailure =
  (path: string) =>
  (error: unknown): Failure => {
    if (isSystemError(error)) return fileFailure(`cannot read the parquet file ${path}`)(error)
    return error instanceof Error
      ? missing(`${path} cannot be read: ${error.message}`, 'Fetch the file again; it is no parquet file, damaged or cut off.')
      : defect(error)
  }

export const openTable = (path: string): TE.TaskEither<Failure, Table> =>
  TE.tryCatch(async () => {
    const { asyncBufferFromFile, parquetMetadataAsync, parquetSchema } = await library()
    await statRegular(path)
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    const columns = Object.fromEntries(parquetSchema(metadata).children.map((child) => [child.element.name, child]))
    return { path, rows: Number(metadata.num_rows), columns, file, metadata }
  }, parquetFailure(path))

/** The values of a column, one after the other; no more than a row group of them is held in memory. Throws what the library throws. */
export async function* valuesOf({ file, metadata }: Table, column: string): AsyncGenerator<unknown> {
  const { parquetReadObjects, compressors } = await library()
  let rowStart = 0
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows)
    const rows = await parquetReadObjects({ file, metadata, compressors, columns: [column], utf8: false, rowStart, rowEnd })
    if (rows.length !== rowEnd - rowStart) throw new Error(`it holds ${rows.length} of ${rowEnd - rowStart} rows of a group`)
    for (const row of rows) yield row[column]
    rowStart = rowEnd
  }
}

/** All values of a column. */
export const readColumn = (table: Table, column: string): TE.TaskEither<Failure, readonly unknown[]> =>
  TE.tryCatch(async () => {
    const values: unknown[] = []
    for await (const value of valuesOf(table, column)) values.push(value)
    return values
  }, parquetFailure(table.path))

/** A column that must be there; `key` is the parameter that names it. */
export const columnOf = ({ path, columns }: Table, name: string, key: string): E.Either<Failure, SchemaTree> =>
  pipe(
    columns[name],
    E.fromNullable(
      missing(
        `${path} has no column '${name}'; it has ${
          Object.keys(columns)
            .map((one) => `'${one}'`)
            .join(', ') || 'none'
        }`,
        `Say with '${key}' which column it is.`,
      ),
    ),
  )

/** Whether a column is known to hold nothing but nulls. */
export const isAllNull = ({ metadata }: Table, path: readonly string[]): boolean =>
  metadata.row_groups.every(({ columns }) => {
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('\n') === path.join('\n'))?.meta_data
    return chunk?.statistics?.null_count !== undefined && chunk.statistics.null_count === chunk.num_values
  })

/** The names of a column's classes where the `datasets` library of Hugging Face has written them. */
export const classNames = ({ metadata }: Table, column: string): readonly string[] | undefined => {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value
  if (text === undefined) return undefined
  const names: unknown = pipe(
    E.tryCatch(() => JSON.parse(text).info.features[column].names, defect),
    E.getOrElse((): unknown => undefined),
  )
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined
}
