/** What a list of pictures says, kept in little memory: lists have up to tens of millions of entries. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { parse as csvParser } from 'csv-parse'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { type Strings, stringsBuilder } from './strings'
import { lineFailure, utf8Lines } from './utf8'

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
        // A copy: what was cut out of a text keeps all of the text in memory.
        if (known > numbers.size) numbers.set(Buffer.from(label).toString(), known)
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

const attempt = (path: string, read: () => Promise<Entries>): TE.TaskEither<Failure, Entries> =>
  TE.tryCatch(read, (error) => (error instanceof Unlisted ? error.failure : lineFailure(path, 'the list of pictures')(error)))

/** Hears of every line, from 1. */
const eachLine = async (path: string, take: (content: string, line: number) => void): Promise<void> => {
  let line = 0
  for await (const some of utf8Lines(path)) for (const content of some) take(content, ++line)
}

/** Hears of lines that aren't blank, without what is blank at their ends. */
const eachEntry = (path: string, take: (content: string, line: number) => void): Promise<void> =>
  eachLine(path, (content, line) => {
    const trimmed = content.trimEnd()
    if (trimmed !== '') take(trimmed, line)
  })

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/** A blank, or the carriage return of an end of a line, or a form feed. */
const isTrimmed = (code: number): boolean => isBlank(code) || code === 0x0d || code === 0x0c

/** A line that ends with a blank and a whole number: where the path ends and the number begins. */
const numberAt = (content: string): readonly [pathEnd: number, numberStart: number] | undefined => {
  let start = content.length
  while (start > 0 && isDigit(content.charCodeAt(start - 1))) start--
  let end = start
  while (end > 0 && isBlank(content.charCodeAt(end - 1))) end--
  return start < content.length && end < start && end > 0 ? [end, start] : undefined
}

const areAllNumbered = async (path: string): Promise<boolean> => {
  for await (const lines of utf8Lines(path))
    for (const line of lines) {
      const content = line.trimEnd()
      if (content !== '' && numberAt(content) === undefined) return false
    }
  return true
}

/** Lines of text. A label stands behind a tab; or, where all lines end so, it is a whole number behind a blank. */
export const entriesOfText = (path: string): TE.TaskEither<Failure, Entries> =>
  attempt(path, async () => {
    const entries = collecting(path)
    const areNumbered = await areAllNumbered(path)
    await eachEntry(path, (content, line) => {
      const places = areNumbered ? numberAt(content) : undefined
      const tab = content.indexOf('\t')
      if (places !== undefined) entries.add(content.slice(0, places[0]), content.slice(places[1]), line)
      else if (tab === -1) entries.add(content, undefined, line)
      else entries.add(content.slice(0, tab), content.slice(tab + 1).trim(), line)
    })
    return entries.done()
  })

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

/** Whether a table is plain lines: no quotes, and no ends of lines other than `\n` and `\r\n`. Refuses lines that are no row of any table. */
const isPlain = async (path: string): Promise<boolean> => {
  let plain = true
  await eachLine(path, (content, line) => {
    if (content.length > LONGEST_ROW)
      throw new Unlisted(
        missing(`${path}:${line} has ${content.length} letters, which are no row of a table`, 'Put one picture on each line.'),
      )
    if (!plain) return
    const end = content.indexOf('\r')
    plain = !content.includes('"') && (end === -1 || end === content.length - 1)
  })
  return plain
}

const noTable = (path: string, why: string): Unlisted =>
  new Unlisted(missing(`${path} is no table: ${why}`, 'Every row needs as many fields as the first, which names them.'))

type TakeRow = (row: readonly string[], line: number) => void

/** Without the blanks that a parser of tables takes away, too, which are fewer than `trim` does. */
const withoutBlanks = (field: string): string => {
  let [start, end] = [0, field.length]
  while (start < end && isTrimmed(field.charCodeAt(start))) start++
  while (end > start && isTrimmed(field.charCodeAt(end - 1))) end--
  return field.slice(start, end)
}

/** Rows of lines without quotes, of which most tables are: many times as fast as a parser that looks at every letter. */
const eachPlainRow = async (path: string, delimiter: string, take: TakeRow): Promise<void> => {
  let columns: number | undefined
  await eachLine(path, (content, line) => {
    const row = content.split(delimiter).map(withoutBlanks)
    if (row.length === 1 && row[0] === '') return
    columns ??= row.length
    if (row.length !== columns) throw noTable(path, `Invalid Record Length: expect ${columns}, got ${row.length} on line ${line}`)
    take(row, line)
  })
}

const eachQuotedRow = async (path: string, delimiter: string, take: TakeRow): Promise<void> => {
  const rows = csvParser({
    delimiter,
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
  try {
    await pipeline(createReadStream(path), rows.resume())
  } catch (error) {
    if (error instanceof Unlisted || !(error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')))
      throw error
    throw noTable(path, error.message)
  }
}

/** Rows of a table, of which the first names the columns. */
export const entriesOfTable = (
  path: string,
  columns: Columns,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Entries> =>
  attempt(path, async () => {
    const entries = collecting(path)
    let places: readonly [image: number, label: number] | undefined
    const take: TakeRow = (row, line) => {
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
    const delimiter = path.toLowerCase().endsWith('.tsv') ? '\t' : ','
    await ((await isPlain(path)) ? eachPlainRow : eachQuotedRow)(path, delimiter, take)
    if (places === undefined) placesOf(path, columns, [], notify)
    return entries.done()
  })
