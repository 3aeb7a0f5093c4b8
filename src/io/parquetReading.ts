/** Parquet files read by hyparquet. It takes what a file says for granted, so that a damaged one may hang or break it: only `parquetChild` calls this. */
import { open, rm } from 'node:fs/promises'
import type { AsyncBuffer, Compressors, FileMetaData, SchemaTree } from 'hyparquet'
import { type Piece, writePieces } from './pieces'

/** What a column holds. */
export interface Column {
  /** The type of its values; none for a mapping. */
  readonly type: string | undefined
  readonly isText: boolean
  /** The names of what a mapping holds. */
  readonly children: readonly string[]
  /** Of `children`, those that are known to hold nothing but nulls. */
  readonly nullChildren: readonly string[]
}

/** What a file holds. */
export interface Contents {
  readonly rows: number
  readonly columns: ReadonlyMap<string, Column>
  /** What the `datasets` library of Hugging Face has written of them, as JSON. */
  readonly features: string | undefined
}

/** Told before each step of how many bytes of the file it reads. */
export type Progress = (bytes: number) => void

/** No page of pictures that is meant unpacks to more. */
const LONGEST_PAGE = 2 ** 29

const library = async () => {
  const [hyparquet, { compressors }] = await Promise.all([import('hyparquet'), import('hyparquet-compressors')])
  return { ...hyparquet, compressors: bounded(compressors) }
}

const bounded = (compressors: Compressors): Compressors =>
  Object.fromEntries(
    Object.entries(compressors).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        if (!(length >= 0 && length <= LONGEST_PAGE)) throw new Error(`a page in it claims to unpack to ${length} bytes`)
        return unpack(input, length)
      },
    ]),
  )

/** A file whose parts are read when they are asked for; what lies outside of it is an error, never an endless wait. */
const bufferOf = async (path: string): Promise<AsyncBuffer & { readonly close: () => Promise<void> }> => {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      if (!(start >= 0 && start <= end && end <= size))
        throw new Error(`it has ${size} bytes, and says that some lie at ${start} to ${end}`)
      const bytes = new Uint8Array(end - start)
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done)
        if (bytesRead === 0) throw new Error('it became shorter while it was read')
        done += bytesRead
      }
      return bytes.buffer
    },
    close: () => file.close(),
  }
}

interface Opened {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
}

const withFile = async <A>(path: string, use: (opened: Opened) => Promise<A>): Promise<A> => {
  const { parquetMetadataAsync } = await library()
  const file = await bufferOf(path)
  try {
    return await use({ file, metadata: await parquetMetadataAsync(file, { geoparquet: false }) })
  } finally {
    await file.close()
  }
}

const isText = ({ element }: SchemaTree): boolean => element.logical_type?.type === 'STRING' || element.converted_type === 'UTF8'

const isAllNull = ({ row_groups }: FileMetaData, path: readonly string[]): boolean =>
  row_groups.every(({ columns }) => {
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('\n') === path.join('\n'))?.meta_data
    return chunk?.statistics?.null_count !== undefined && chunk.statistics.null_count === chunk.num_values
  })

const columnOf = (metadata: FileMetaData, tree: SchemaTree): Column => {
  const children = tree.children.map(({ element }) => element.name)
  return {
    type: tree.element.type,
    isText: isText(tree),
    children,
    nullChildren: children.filter((child) => isAllNull(metadata, [tree.element.name, child])),
  }
}

export const readContents = (path: string): Promise<Contents> =>
  withFile(path, async ({ metadata }) => {
    const { parquetSchema } = await library()
    const rows = Number(metadata.num_rows)
    const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows))
    if (!(rows >= 0) || groups.some((count) => !(count >= 0)) || groups.reduce((sum, count) => sum + count, 0) !== rows)
      throw new Error(
        `it says that it has ${rows} rows, and of its parts that they have ${groups.slice(0, 10).join(', ') || 'none'}`,
      )
    return {
      rows,
      columns: new Map(parquetSchema(metadata).children.map((tree) => [tree.element.name, columnOf(metadata, tree)])),
      features: metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value,
    }
  })

/** The values of a column, one row group after the other; no more of them is held in memory. */
async function* groupsOf({ file, metadata }: Opened, column: string, progress: Progress): AsyncGenerator<readonly unknown[]> {
  const { parquetReadObjects, compressors } = await library()
  let rowStart = 0
  for (const { num_rows, columns } of metadata.row_groups) {
    const sizes = columns
      .filter(({ meta_data }) => meta_data?.path_in_schema[0] === column)
      .map(({ meta_data }) => Number(meta_data?.total_compressed_size ?? 0))
    progress(
      Math.min(
        file.byteLength,
        sizes.reduce((sum, size) => sum + Math.max(0, size), 0),
      ),
    )
    const rowEnd = rowStart + Number(num_rows)
    const rows = await parquetReadObjects({ file, metadata, compressors, columns: [column], utf8: false, rowStart, rowEnd })
    if (rows.length !== rowEnd - rowStart) throw new Error(`it holds ${rows.length} of ${rowEnd - rowStart} rows of a group`)
    yield rows.map((row) => row[column])
    rowStart = rowEnd
  }
}

/** Gives all values of a column to `take`, one row group after the other. */
export const readColumn = (
  path: string,
  column: string,
  take: (values: readonly unknown[]) => void,
  progress: Progress,
): Promise<void> =>
  withFile(path, async (opened) => {
    for await (const values of groupsOf(opened, column, progress)) take(values)
  })

const NOTHING = new Uint8Array(0)
const [BYTES, PATH] = [0, 1]

/** A picture's bytes, or, where it has none, its path; behind a byte that says which of them it is. */
const pieceOf = (value: unknown, inMapping: boolean): Piece => {
  const { bytes, path } = inMapping
    ? ((value ?? {}) as { readonly bytes?: unknown; readonly path?: unknown })
    : { bytes: value, path: undefined }
  if (!(bytes instanceof Uint8Array) && typeof path === 'string' && path !== '') return [Uint8Array.of(PATH!), Buffer.from(path)]
  return [Uint8Array.of(BYTES!), bytes instanceof Uint8Array ? bytes : NOTHING]
}

/** What a piece holds. */
export const inPiece = (piece: Uint8Array): { readonly kind: 'bytes' | 'path'; readonly content: Uint8Array } => ({
  kind: piece[0] === PATH ? 'path' : 'bytes',
  content: piece.subarray(1),
})

/** Lays the pictures of a column one behind the other in a new file. */
export const unpackColumn = (
  path: string,
  column: string,
  inMapping: boolean,
  target: string,
  progress: Progress,
): Promise<void> =>
  withFile(path, async (opened) => {
    const pieces = async function* (): AsyncGenerator<Piece> {
      for await (const values of groupsOf(opened, column, progress)) for (const value of values) yield pieceOf(value, inMapping)
    }
    // A process before this one may have begun it.
    await rm(target, { force: true })
    await writePieces(target, pieces())
  })
