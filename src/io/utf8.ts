/** Text files line by line. */
import { createReadStream } from 'node:fs'
import type { Failure } from '../base/failure'
import { errorCode, fileFailure } from '../base/fileFailure'
import { statRegular } from './regular'
import { notUtf8 } from './text'

/** Letters of a line that are kept. */
const LONGEST = 2 ** 22

/**
 * The lines of a file in UTF-8 without their ends (`\n`) and without a byte order mark, those of a chunk of the file at once; a very long
 * one is the last, and only its beginning. Rejects as reading a file does, and where it is not UTF-8; `lineFailure` says what that means.
 */
export async function* utf8Lines(path: string): AsyncGenerator<readonly string[], void, undefined> {
  await statRegular(path)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let begun = ''
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n')
    lines[0] = begun + lines[0]!
    begun = lines.pop()!
    if (lines.length > 0) yield lines
    if (begun.length > LONGEST) {
      yield [begun.slice(0, LONGEST)]
      return
    }
  }
  const last = begun + decoder.decode()
  if (last !== '') yield [last]
}

/** What an error of `utf8Lines` means. */
export const lineFailure =
  (path: string, whatItIs: string) =>
  (error: unknown): Failure =>
    errorCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA'
      ? notUtf8(path, whatItIs)
      : fileFailure(`cannot read ${whatItIs} ${path}`)(error)
