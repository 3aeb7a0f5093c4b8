/** A list of pictures in a file: paths and labels, as lines of text or as a table. */
import { dirname, resolve } from 'node:path'
import { parse as parseCsv } from 'csv-parse/sync'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { type Decoding, decodePicture } from './decode'
import { fingerprint } from './fingerprint'
import { type Labels, labelParts, readLabels } from './labels'
import type { Source } from './source'
import { readUtf8 } from './utf8'

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

/** An entry of the list, and the line on which it stands. */
interface Entry {
  readonly image: string
  readonly label: string | undefined
  readonly line: number
}

const LABELLED = /^(.*\S)[ \t]+(\d+)$/

/** A label stands behind a tab; or, where all lines end so, it is a whole number behind a blank. */
const entriesOfText = (text: string): readonly Entry[] => {
  const lines = text.split('\n').flatMap((written, i) => {
    const content = written.trimEnd()
    return content === '' ? [] : [{ content, line: i + 1 }]
  })
  const numbered = lines.every(({ content }) => LABELLED.test(content))
  return lines.map(({ content, line }) => {
    const tab = content.indexOf('\t')
    const [, image, label] = numbered ? LABELLED.exec(content)! : []
    if (image !== undefined) return { image, label, line }
    return tab === -1
      ? { image: content, label: undefined, line }
      : { image: content.slice(0, tab), label: content.slice(tab + 1).trim(), line }
  })
}

interface Row {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

const rowsOf = (text: string, path: string): E.Either<Failure, readonly Row[]> =>
  E.tryCatch(
    () =>
      parseCsv(text, {
        delimiter: path.toLowerCase().endsWith('.tsv') ? '\t' : ',',
        info: true,
        skip_empty_lines: true,
        bom: true,
        // People put a blank behind a comma.
        trim: true,
      }) as unknown as readonly Row[],
    (error) =>
      missing(
        `${path} is no table: ${(error as Error).message}`,
        'Every row needs as many fields as the first, which names them.',
      ),
  )

const noColumn = (path: string, column: string, names: readonly string[], key: string): Failure =>
  missing(
    `${path} has no column '${column}'; its first row names ${quoted(names) || 'none'}`,
    `Say with '${key}' which column it is; the first row must hold the columns' names.`,
  )

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

const entriesOfTable = (
  { path, image, label }: ImageList,
  text: string,
  notify: (message: string) => void,
): E.Either<Failure, readonly Entry[]> =>
  pipe(
    rowsOf(text, path),
    E.chain(([header, ...rows]) => {
      const names = (header?.record ?? []).map((name) => name.trim())
      const [images, labels] = [names.indexOf(image), names.indexOf(label ?? 'label')]
      if (images === -1) return E.left(noColumn(path, image, names, 'image'))
      if (labels === -1 && label !== undefined) return E.left(noColumn(path, label, names, 'label'))
      if (labels === -1 && names.length > 1)
        notify(
          `${path} has no column 'label', so its pictures have no labels; its columns are ${quoted(names)}: say with 'label' which one holds them`,
        )
      return E.right(
        rows.map(({ record, info }) => ({
          image: record[images]!,
          label: labels === -1 ? undefined : record[labels]!.trim(),
          line: info.lines,
        })),
      )
    }),
  )

const isTable = (path: string): boolean => /\.[ct]sv$/i.test(path)

const checked = (path: string, entries: readonly Entry[]): E.Either<Failure, readonly Entry[]> => {
  if (entries.length === 0) return E.left(missing(`${path} lists no picture`, 'Put one path on each line.'))
  const nameless = entries.find(({ image }) => image === '')
  if (nameless !== undefined)
    return E.left(missing(`${path}:${nameless.line} names no picture`, 'Put a path there or remove the line.'))
  return E.right(entries)
}

const labelsOf = ({ path, classes }: ImageList, entries: readonly Entry[]): E.Either<Failure, Labels | undefined> => {
  const labelled = entries.filter(({ label }) => label !== undefined && label !== '')
  if (labelled.length === 0) return E.right(undefined)
  if (labelled.length < entries.length) {
    const bare = entries.find(({ label }) => label === undefined || label === '')!
    return E.left(missing(`${path}:${bare.line} has no label, but others have`, 'Give all pictures a label, or none.'))
  }
  return readLabels(
    entries.map(({ label }) => label!),
    classes,
    (i) => `${path}:${entries[i]!.line}`,
  )
}

const toSource = (list: ImageList, entries: readonly Entry[], labels: Labels | undefined): Source => {
  // The pictures are found again even if the process changes its folder.
  const root = resolve(list.root ?? dirname(list.path))
  const paths = entries.map(({ image }) => image)
  return {
    name: list.path,
    count: paths.length,
    channels: list.channels,
    size: undefined,
    classes: labels?.classes ?? [],
    label: (i) => labels?.numbers[i],
    path: (i) => resolve(root, paths[i]!),
    read: (i) => decodePicture(resolve(root, paths[i]!), list),
    fingerprint: fingerprint([...paths, ...labelParts(labels)]),
  }
}

/**
 * The pictures that a file lists, in its order, decoded when they are read. A table needs a first row with the names of its
 * columns; one without labels that has other columns is told to `notify`. Labels are numbers of classes, or names. Fails if the file can't be read, lists nothing, or labels only some.
 */
export const imageList = (list: ImageList, notify: (message: string) => void = () => undefined): TE.TaskEither<Failure, Source> =>
  pipe(
    readUtf8(list.path, 'the list of pictures'),
    TE.chainEitherK((text) =>
      pipe(
        isTable(list.path) ? entriesOfTable(list, text, notify) : E.right(entriesOfText(text)),
        E.chain((entries) => checked(list.path, entries)),
        E.bindTo('entries'),
        E.bind('labels', ({ entries }) => labelsOf(list, entries)),
        E.map(({ entries, labels }) => toSource(list, entries, labels)),
      ),
    ),
  )
