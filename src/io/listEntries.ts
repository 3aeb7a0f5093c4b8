/** What a list of pictures says, kept in little memory: lists have up to tens of millions of entries. */
import { parse as parseCsv } from 'csv-parse/sync'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'
import { inTurns } from '../base/turn'
import { type Strings, stringsBuilder } from './strings'

export interface Entries {
  /** As they are written. */
  readonly images: Strings
  /** The label of entry i; undefined where it has none. */
  readonly label: (i: number) => string | undefined
  /** The line on which entry i stands, from 1. */
  readonly line: (i: number) => number
}

/** No path that leads anywhere is longer. */
const LONGEST_PATH = 16_384
/** A row of a table; each field of it takes memory of its own. */
const LONGEST_ROW = 1_000_000

/** Thrown inside, where a list can't be read on; never leaves this file. */
class Unlisted extends Error {
  constructor(readonly failure: Failure) {
    super()
  }
}

const collecting = (path: string) => {
  const images = stringsBuilder()
  /** Few texts for very many labels: the number of each, 0 for none. */
  const numbers = new Map<string, number>()
  const labels: number[] = []
  const lines: number[] = []
  return {
    add: (image: string, label: string | undefined, line: number): void => {
      if (image === '') throw new Unlisted(missing(`${path}:${line} names no picture`, 'Put a path there or remove the line.'))
      if (image.length > LONGEST_PATH)
        throw new Unlisted(
          missing(
            `${path}:${line} names a picture in ${image.length} letters, which no path has`,
            'Put a path there or remove the line.',
          ),
        )
      images.add(image)
      lines.push(line)
      if (label === undefined || label === '') labels.push(0)
      else {
        const known = numbers.get(label) ?? numbers.size + 1
        numbers.set(label, known)
        labels.push(known)
      }
    },
    done: (): Entries => {
      const texts = [undefined, ...numbers.keys()]
      const [labelNumbers, lineNumbers] = [Uint32Array.from(labels), Uint32Array.from(lines)]
      return { images: images.done(), label: (i) => texts[labelNumbers[i]!], line: (i) => lineNumbers[i]! }
    },
  }
}

const failureOf = (error: unknown): Failure => (error instanceof Unlisted ? error.failure : defect(error))

const attempt = (read: () => Entries): E.Either<Failure, Entries> => E.tryCatch(read, failureOf)

/** So many lines are read at once. */
const AT_ONCE = 1024

/** Lines that aren't blank, without what is blank at their ends. */
function* linesOf(text: string): Generator<readonly [content: string, line: number]> {
  for (let at = 0, line = 1; at <= text.length; line++) {
    const end = text.indexOf('\n', at)
    const content = text.slice(at, end === -1 ? text.length : end).trimEnd()
    if (content !== '') yield [content, line]
    if (end === -1) return
    at = end + 1
  }
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/** A line that ends with a blank and a whole number: where the path ends and the number begins. */
const numberAt = (content: string): readonly [pathEnd: number, numberStart: number] | undefined => {
  let start = content.length
  while (start > 0 && isDigit(content.charCodeAt(start - 1))) start--
  let end = start
  while (end > 0 && isBlank(content.charCodeAt(end - 1))) end--
  return start < content.length && end < start && end > 0 ? [end, start] : undefined
}

function* allNumbered(text: string): Generator<void, boolean> {
  for (const [content, line] of linesOf(text)) {
    if (numberAt(content) === undefined) return false
    if (line % AT_ONCE === 0) yield
  }
  return true
}

function* entriesOfLines(path: string, text: string): Generator<void, Entries> {
  const entries = collecting(path)
  const numbered = yield* allNumbered(text)
  for (const [content, line] of linesOf(text)) {
    const places = numbered ? numberAt(content) : undefined
    const tab = content.indexOf('\t')
    if (places !== undefined) entries.add(content.slice(0, places[0]), content.slice(places[1]), line)
    else if (tab === -1) entries.add(content, undefined, line)
    else entries.add(content.slice(0, tab), content.slice(tab + 1).trim(), line)
    if (line % AT_ONCE === 0) yield
  }
  return entries.done()
}

/**
 * Lines of text. A label stands behind a tab; or, where all lines end so, it is a whole number behind a blank. Signals get their
 * turn in between.
 */
export const entriesOfText = (path: string, text: string): TE.TaskEither<Failure, Entries> =>
  TE.tryCatch(() => inTurns(entriesOfLines(path, text)), failureOf)

/** Which columns of a table are wanted. */
export interface Columns {
  readonly image: string
  /** Without it, `label` where there is one. */
  readonly label?: string | undefined
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

const noColumn = (path: string, column: string, names: readonly string[], key: string): Unlisted =>
  new Unlisted(
    missing(
      `${path} has no column '${column}'; its first row names ${quoted(names) || 'none'}`,
      `Say with '${key}' which column it is; the first row must hold the columns' names.`,
    ),
  )

/** The places of the columns, by the first row; that there are others, but no labels, is told to `notify`. */
const placesOf = (
  path: string,
  { image, label }: Columns,
  names: readonly string[],
  notify: (message: string) => void,
): readonly [image: number, label: number] => {
  const [images, labels] = [names.indexOf(image), names.indexOf(label ?? 'label')]
  if (images === -1) throw noColumn(path, image, names, 'image')
  if (labels === -1 && label !== undefined) throw noColumn(path, label, names, 'label')
  if (labels === -1 && names.length > 1)
    notify(
      `${path} has no column 'label', so its pictures have no labels; its columns are ${quoted(names)}: say with 'label' which one holds them`,
    )
  return [images, labels]
}

/** Refuses a text with a line that is no row of any table, whose fields would take a thousand times its memory. */
const checkLines = (path: string, text: string): void => {
  for (let at = 0, line = 1; at < text.length; line++) {
    const end = text.indexOf('\n', at)
    const length = (end === -1 ? text.length : end) - at
    if (length > LONGEST_ROW)
      throw new Unlisted(
        missing(`${path}:${line} has ${length} letters, which are no row of a table`, 'Put one picture on each line.'),
      )
    at += length + 1
  }
}

/** Rows of a table, of which the first names the columns. */
export const entriesOfTable = (
  path: string,
  text: string,
  columns: Columns,
  notify: (message: string) => void,
): E.Either<Failure, Entries> =>
  attempt(() => {
    checkLines(path, text)
    const entries = collecting(path)
    let places: readonly [image: number, label: number] | undefined
    const take = (row: readonly string[], line: number): void => {
      if (places === undefined) {
        places = placesOf(
          path,
          columns,
          row.map((name) => name.trim()),
          notify,
        )
        return
      }
      const [image, label] = places
      entries.add(row[image]!, label === -1 ? undefined : row[label]!.trim(), line)
    }
    try {
      parseCsv(text, {
        delimiter: path.toLowerCase().endsWith('.tsv') ? '\t' : ',',
        skip_empty_lines: true,
        bom: true,
        // People put a blank behind a comma.
        trim: true,
        max_record_size: LONGEST_ROW,
        // Rows aren't kept.
        on_record: (row: readonly string[], { lines }: { readonly lines: number }) => {
          take(row, lines)
          return null
        },
      })
    } catch (error) {
      if (error instanceof Unlisted) throw error
      throw new Unlisted(
        missing(
          `${path} is no table: ${(error as Error).message}`,
          'Every row needs as many fields as the first, which names them.',
        ),
      )
    }
    if (places === undefined) placesOf(path, columns, [], notify)
    return entries.done()
  })
