/** What data lie at a path, as a pipeline writes them: a folder of pictures, a list, archives, Parquet files or arrays. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Json } from '../dsl/type'
import { readNpyHeader } from '../io/npyHeader'

/** A source as it is written: its name, and what is below it. */
export interface Written {
  readonly reader: string
  readonly body: Readonly<Record<string, Json>>
}

/** What to learn from, and pictures of the same kind that are kept apart, where names tell them. */
export interface DataAt {
  readonly data: Written
  readonly test: Written | undefined
}

const TRAIN = /^train/i
const TEST = /^(val|test|dev)/i

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Files that are read as one set, by their ending. */
const SHARDS: readonly (readonly [ending: RegExp, reader: string, parameter: string])[] = [
  [/\.(tar|tgz|tar\.gz)$/i, 'tarShards', 'shards'],
  [/\.parquet$/i, 'parquet', 'files'],
]
const LIST = /\.(csv|tsv|txt)$/i
const ARRAY = /\.npy$/i

const written = (reader: string, body: Readonly<Record<string, Json>>): Written => ({ reader, body })

/** A file by itself, as its ending says. */
const fileAt = (path: string): Written | undefined => {
  const shards = SHARDS.find(([ending]) => ending.test(path))
  if (shards !== undefined) return written(shards[1], { [shards[2]]: path })
  return LIST.test(path) ? written('imageList', { path }) : ARRAY.test(path) ? written('npy', { images: path }) : undefined
}

/** Those for training and those for testing; all are for training where no name says so. */
const parted = (names: readonly string[]): { readonly train: readonly string[]; readonly test: readonly string[] } => {
  const [train, test] = [TRAIN, TEST].map((kind) => names.filter((name) => kind.test(name)))
  return train!.length > 0 ? { train: train!, test: test! } : { train: names, test: [] }
}

const oneOrAll = (paths: readonly string[]): Json => (paths.length === 1 ? paths[0]! : paths)

/** Arrays are told apart by their shapes: pictures have three or four axes, labels one. */
const arraysIn = (folder: string, names: readonly string[]): TE.TaskEither<Failure, DataAt> =>
  pipe(
    names.map((name) => readNpyHeader(join(folder, name), 'an array')),
    TE.sequenceSeqArray,
    TE.chainEitherK((headers) => {
      const setOf = (chosen: readonly string[]): Written | undefined => {
        const [images, labels] = [[3, 4], [1]].map((axes) =>
          headers.find(({ path, shape }) => chosen.some((name) => join(folder, name) === path) && axes.includes(shape.length)),
        )
        return images && written('npy', { images: images.path, ...(labels === undefined ? {} : { labels: labels.path }) })
      }
      const { train, test } = parted(names)
      const data = setOf(train)
      return data === undefined
        ? E.left(
            missing(
              `no array in ${folder} is one of pictures`,
              'Pictures are arrays of three or four axes: N × height × width (× 3).',
            ),
          )
        : E.right({ data, test: setOf(test) })
    }),
  )

/** What a folder holds: sub-folders for training and testing, one of the formats that keep many pictures in a file, or pictures. */
const folderAt = (path: string): TE.TaskEither<Failure, DataAt> => {
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  const folders = entries.filter((entry) => isFolder(join(path, entry.name))).map(({ name }) => name)
  const files = entries.map(({ name }) => name).filter((name) => !folders.includes(name))
  const { train, test } = parted(folders)
  if (train.length === 1 && test.length > 0 && folders.every((name) => TRAIN.test(name) || TEST.test(name)))
    return pipe(
      folderAt(join(path, train[0]!)),
      TE.bindTo('train'),
      TE.bind('test', () => folderAt(join(path, test.toSorted().at(-1)!))),
      TE.map((both) => ({ data: both.train.data, test: both.test.data })),
    )
  for (const [ending, reader, parameter] of SHARDS) {
    const names = files.filter((name) => ending.test(name)).sort()
    if (names.length === 0) continue
    const sets = parted(names)
    const setOf = (chosen: readonly string[]) =>
      written(reader, { [parameter]: oneOrAll(chosen.map((name) => join(path, name))) })
    return TE.right({ data: setOf(sets.train), test: sets.test.length === 0 ? undefined : setOf(sets.test) })
  }
  const arrays = files.filter((name) => ARRAY.test(name)).sort()
  if (arrays.length > 0) return arraysIn(path, arrays)
  const tables = parted(files.filter((name) => /\.[ct]sv$/i.test(name)))
  if (tables.train.length === 1) {
    const setOf = (name: string | undefined) =>
      name === undefined ? undefined : written('imageList', { path: join(path, name) })
    return TE.right({ data: setOf(tables.train[0])!, test: setOf(tables.test[0]) })
  }
  return TE.right({ data: written('imageFolder', { path }), test: undefined })
}

/** What lies there; fails where nothing does, or nothing that is known. */
export const dataAt = (path: string): TE.TaskEither<Failure, DataAt> => {
  if (isFolder(path))
    return TE.flatten(
      TE.tryCatch(
        async () => folderAt(path),
        (error) => missing(`cannot read ${path}: ${(error as Error).message}`, 'Name a folder that may be read.'),
      ),
    )
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    return TE.left(
      missing(`there is no ${path}`, 'Name a folder of pictures, a list (.csv, .tsv, .txt), .tar, .parquet or .npy file.'),
    )
  const data = fileAt(path)
  return data === undefined
    ? TE.left(
        missing(
          `${path} is no data that is known`,
          'Name a folder of pictures, a list (.csv, .tsv, .txt), .tar, .parquet or .npy file.',
        ),
      )
    : TE.right({ data, test: undefined })
}
