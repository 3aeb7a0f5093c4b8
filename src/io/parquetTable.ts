/** Parquet files as tables: which columns there are, and their values. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'
import { fileFailure } from './files'
import type { Answer } from './parquetChild'
import { askParquet } from './parquetProcess'
import type { Column, Contents } from './parquetReading'
import { statRegular } from './regular'

export interface Table extends Contents {
  readonly path: string
}

const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error && error.syscall !== undefined

/** What is said of a damaged file. */
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
    await statRegular(path)
    const [answer] = await askParquet({ kind: 'contents', path })
    return { path, ...(answer as Extract<Answer, { readonly kind: 'contents' }>).contents }
  }, parquetFailure(path))

/** All values of a column. */
export const readColumn = ({ path }: Table, column: string): TE.TaskEither<Failure, readonly unknown[]> =>
  TE.tryCatch(async () => {
    const answers = await askParquet({ kind: 'column', path, column })
    return answers.flatMap((answer) => (answer.kind === 'values' ? answer.values : []))
  }, parquetFailure(path))

/** A column that must be there; `key` is the parameter that names it. */
export const columnOf = ({ path, columns }: Table, name: string, key: string): E.Either<Failure, Column> =>
  pipe(
    columns.get(name),
    E.fromNullable(
      missing(
        `${path} has no column '${name}'; it has ${[...columns.keys()].map((one) => `'${one}'`).join(', ') || 'none'}`,
        `Say with '${key}' which column it is.`,
      ),
    ),
  )

/** The names of a column's classes where the `datasets` library of Hugging Face has written them. */
export const classNames = ({ features }: Table, column: string): readonly string[] | undefined => {
  if (features === undefined) return undefined
  const names: unknown = pipe(
    E.tryCatch(() => JSON.parse(features).info.features[column].names, defect),
    E.getOrElse((): unknown => undefined),
  )
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined
}
