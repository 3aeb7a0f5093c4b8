/** The lines of a text file that may be of any length, a chunk of the file at a time. */
import { createReadStream } from 'node:fs'

const NEWLINE = 10
/** Bytes of a line that are kept: no line of ours is longer, and a file without ends of lines must not fill the memory. */
const LONGEST = 2 ** 22

/**
 * Lines without their ends, those of a chunk of the file at once; of one longer than `longest` bytes, only its beginning. The
 * last one may lack its end; an empty one behind the last end is none. Rejects as opening and reading a file do.
 */
export async function* linesIn(path: string, longest = LONGEST): AsyncGenerator<readonly string[], void, undefined> {
  let begun: Uint8Array[] = []
  let length = 0
  const add = (bytes: Uint8Array): void => {
    const some = bytes.subarray(0, longest - length)
    if (some.length === 0) return
    begun.push(some)
    length += some.length
  }
  const ended = (): string => {
    const text = Buffer.concat(begun).toString('utf8')
    begun = []
    length = 0
    return text.endsWith('\r') ? text.slice(0, -1) : text
  }
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const lines: string[] = []
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end))
      lines.push(ended())
      from = end + 1
    }
    add(chunk.subarray(from))
    if (lines.length > 0) yield lines
  }
  if (length > 0) yield [ended()]
}
