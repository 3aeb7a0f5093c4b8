/** A list of pictures in a file: paths and labels, as lines of text or as a table. */
import { dirname, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { type Decoding, decodePicture } from './decode'
import { fingerprint } from './fingerprint'
import { type Labels, labelParts, readLabels } from './labels'
import { type Entries, entriesOfTable, entriesOfText } from './listEntries'
import type { Source } from './source'

export interface ImageList extends Decoding {
  /** The file: a table where its name ends in .csv or .tsv, else lines of text. */
  readonly path: string
  /** The folder where relative paths in it start; without it, the one of the file. */
  readonly root?: string | undefined
  /** The column of the paths in a table. */
  readonly image: string
  /** The column of the labels in a table; without it, `label` where there is one. */
  readonly label?: string | undefined
  /** Names of the classes, in the order of their numbers. */
  readonly classes?: readonly string[] | undefined
}

const isTable = (path: string): boolean => /\.[ct]sv$/i.test(path)

const checked = (path: string, entries: Entries): E.Either<Failure, Entries> =>
  entries.images.count === 0 ? E.left(missing(`${path} lists no picture`, 'Put one path on each line.')) : E.right(entries)

const labelsOf = ({ path, classes }: ImageList, { images, label, line }: Entries): E.Either<Failure, Labels | undefined> => {
  const all = Array.from({ length: images.count }, (_, i) => label(i))
  const bare = all.indexOf(undefined)
  if (bare === -1) return readLabels(all as readonly string[], classes, (i) => `${path}:${line(i)}`)
  return all.every((one) => one === undefined)
    ? E.right(undefined)
    : E.left(missing(`${path}:${line(bare)} has no label, but others have`, 'Give all pictures a label, or none.'))
}

const toSource = (list: ImageList, { images }: Entries, labels: Labels | undefined): Source => {
  // The pictures are found again even if the process changes its folder.
  const root = resolve(list.root ?? dirname(list.path))
  const parts = function* (): Generator<string | Uint8Array> {
    for (let i = 0; i < images.count; i++) yield images.at(i)
    yield* labelParts(labels)
  }
  const path = (i: number): string => resolve(root, images.at(i))
  return {
    name: list.path,
    count: images.count,
    channels: list.channels,
    size: undefined,
    classes: labels?.classes ?? [],
    label: (i) => labels?.numbers[i],
    path,
    read: (i) => decodePicture(path(i), list),
    stored: (i) => TE.right({ path: path(i) }),
    fingerprint: fingerprint(parts()),
  }
}

/**
 * The pictures that a file lists, in its order, decoded when they are read. A table needs a first row with the names of its
 * columns; one without labels that has other columns is told to `notify`. Labels are numbers of classes, or names. Fails if the file can't be read, lists nothing, or labels only some.
 */
export const imageList = (list: ImageList, notify: (message: string) => void = () => undefined): TE.TaskEither<Failure, Source> =>
  pipe(
    isTable(list.path) ? entriesOfTable(list.path, list, notify) : entriesOfText(list.path),
    TE.chainEitherK((entries) => checked(list.path, entries)),
    TE.bindTo('entries'),
    TE.bind('labels', ({ entries }) => TE.fromEither(labelsOf(list, entries))),
    TE.map(({ entries, labels }) => toSource(list, entries, labels)),
  )
