/** JSON Lines: one picture a line, with its name, its label and its numbers. */
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import * as TE from 'fp-ts/TaskEither'
import { fileFailure } from '../base/fileFailure'
import { elements } from '../base/shape'
import type { FeatureFormat, Rows } from './format'

/** Numbers in lists of lists. */
const nested = (values: readonly number[], [first, ...rest]: readonly number[]): unknown =>
  first === undefined || rest.length === 0
    ? values
    : Array.from({ length: first }, (_, i) => {
        const size = elements(rest)
        return nested(values.slice(i * size, (i + 1) * size), rest)
      })

async function* lines({ chunks, shape }: Rows): AsyncGenerator<string> {
  const size = elements(shape)
  for await (const { pictures, values } of chunks())
    yield pictures
      .map((picture, i) => {
        // Nine digits tell every float32.
        const row = Array.from(values.subarray(i * size, (i + 1) * size), (value) => Number(value.toPrecision(9)))
        return `${JSON.stringify({ ...picture, features: nested(row, shape) })}\n`
      })
      .join('')
}

export const jsonl: FeatureFormat = {
  ending: '.jsonl',
  index: false,
  write: (rows, path) => TE.tryCatch(() => pipeline(lines(rows), createWriteStream(path)), fileFailure(`cannot write ${path}`)),
  usage: (path) => `pandas.read_json(${JSON.stringify(path)}, lines=True)`,
}
