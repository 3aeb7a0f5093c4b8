/**
 * Rows that are computed one after the other, kept on the disk as they come: work that is cut off goes on where it was. In a folder
 * beside the file that is made of them: `request.json`, what is computed; `rows.f32`, the numbers; `pictures.jsonl`, a line a picture.
 */
import { createReadStream } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { makeFolders } from '../base/makeFolders'
import { elements } from '../base/shape'
import { linesIn } from '../io/lines'
import type { Labelled, Rows } from './format'

const FLOAT = 4
/** Bytes of rows that a format is given at a time, at least one row. */
const CHUNK = 2 ** 24

/** A picture that was looked at: it has a row, or couldn't be read. */
type Line = Labelled | { readonly image: number; readonly damaged: string }

const isDamaged = (line: Line): line is Extract<Line, { readonly damaged: string }> => 'damaged' in line

export interface Unfinished {
  /** The number of the first picture that is still to be looked at. */
  readonly next: number
  /** Adds rows and the pictures that they are of, and those that couldn't be read; all in the order of the source. */
  readonly add: (lines: readonly Line[], values: Float32Array) => Promise<void>
  /** Closes its files; what was added stays. */
  readonly close: () => Promise<void>
  /** Closes its files, and gives all rows and how many pictures couldn't be read. */
  readonly rows: (about: Rows['about']) => Promise<Rows & { readonly damaged: number }>
  /** Removes what is here. */
  readonly remove: () => Promise<void>
}

const parsed = (line: string): Line | undefined => {
  try {
    const value = JSON.parse(line) as Line
    return typeof value.image === 'number' ? value : undefined
  } catch {
    return undefined
  }
}

/** The bytes of whole lines whose pictures have all their numbers in a file of so many rows, and what they tell. */
const whole = async (path: string, rows: number) => {
  let [bytes, kept, next] = [0, 0, 0]
  try {
    const { size } = await fs.stat(path)
    for await (const lines of linesIn(path))
      for (const text of lines) {
        const line = parsed(text)
        const end = bytes + Buffer.byteLength(text) + 1
        if (line === undefined || end > size || (!isDamaged(line) && kept === rows)) return { bytes, kept, next }
        bytes = end
        next = line.image + 1
        if (!isDamaged(line)) kept++
      }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return { bytes, kept, next }
}

async function* linesOf(path: string): AsyncGenerator<readonly Labelled[]> {
  for await (const lines of linesIn(path)) {
    const found = lines.flatMap((text) => {
      const line = parsed(text)
      return line === undefined || isDamaged(line) ? [] : [line]
    })
    if (found.length > 0) yield found
  }
}

/** Numbers of rows, so many rows at a time. */
async function* numbersOf(path: string, row: number): AsyncGenerator<Float32Array> {
  const rows = Math.max(1, Math.floor(CHUNK / (FLOAT * row)))
  const stream = createReadStream(path, { highWaterMark: FLOAT * row * rows })
  let left: Buffer = Buffer.alloc(0)
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    const all = left.length === 0 ? bytes : Buffer.concat([left, bytes])
    const end = all.length - (all.length % (FLOAT * row))
    left = all.subarray(end)
    if (end > 0) yield new Float32Array(Uint8Array.from(all.subarray(0, end)).buffer)
  }
}

async function* together(pictures: AsyncIterable<readonly Labelled[]>, numbers: AsyncIterable<Float32Array>, row: number) {
  let waiting: readonly Labelled[] = []
  const more = pictures[Symbol.asyncIterator]()
  for await (const values of numbers) {
    const count = values.length / row
    while (waiting.length < count) {
      const next = await more.next()
      if (next.done === true) return
      waiting = [...waiting, ...next.value]
    }
    yield { pictures: waiting.slice(0, count), values }
    waiting = waiting.slice(count)
  }
}

/** Opens the work in a folder, which was begun with the same request, or begins it. `shape` is that of a row. */
export const openUnfinished =
  (folder: string, request: object, shape: readonly number[]): TE.TaskEither<Failure, Unfinished> =>
  async () => {
    const [asked, numbers, index] = ['request.json', 'rows.f32', 'pictures.jsonl'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const row = elements(shape)
    try {
      await makeFolders(folder)
      const before = await fs.readFile(asked, 'utf8').catch(() => undefined)
      if (before === undefined) await fs.writeFile(asked, `${JSON.stringify(request, null, 2)}\n`)
      else if (!isDeepStrictEqual(JSON.parse(before), JSON.parse(JSON.stringify(request))))
        return E.left(
          missing(
            `${folder} holds features that were begun of something else`,
            "Choose another name for '--out', or remove that folder.",
          ),
        )
      const size = await fs.stat(numbers).then(
        (found) => found.size,
        () => 0,
      )
      const { bytes, kept, next } = await whole(index, Math.floor(size / (FLOAT * row)))
      const [rows, lines] = [await fs.open(numbers, 'a'), await fs.open(index, 'a')]
      await rows.truncate(FLOAT * row * kept)
      await lines.truncate(bytes)
      let count = kept
      const close = async (): Promise<void> => {
        await rows.close()
        await lines.close()
      }
      return E.right({
        next,
        close,
        add: async (some, values) => {
          // Numbers first: a line is only believed with all of them.
          await rows.appendFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
          await lines.appendFile(some.map((line) => `${JSON.stringify(line)}\n`).join(''))
          count += some.filter((line) => !isDamaged(line)).length
        },
        rows: async (about) => {
          await close()
          let damaged = 0
          for await (const some of linesIn(index)) for (const text of some) if ('damaged' in (parsed(text) ?? {})) damaged++
          return {
            count,
            shape,
            numbers,
            about,
            damaged,
            pictures: () => linesOf(index),
            chunks: () => together(linesOf(index), numbersOf(numbers, row), row),
          }
        },
        remove: () => fs.rm(folder, { recursive: true, force: true }),
      })
    } catch (error) {
      return E.left(fileFailure(`cannot write ${folder}`)(error))
    }
  }
