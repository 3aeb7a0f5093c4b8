/** Safetensors: the rows as the tensor `features`, the numbers of the pictures as `images`. */
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import * as TE from 'fp-ts/TaskEither'
import { fileFailure } from '../base/fileFailure'
import { elements } from '../base/shape'
import type { FeatureFormat, Rows } from './format'

const INT64 = 8

/** Length and text of the header, padded to a multiple of 8 bytes. */
const headerOf = ({ count, shape, about }: Rows): Uint8Array => {
  const end = 4 * count * elements(shape)
  const text = JSON.stringify({
    __metadata__: about,
    features: { dtype: 'F32', shape: [count, ...shape], data_offsets: [0, end] },
    images: { dtype: 'I64', shape: [count], data_offsets: [end, end + INT64 * count] },
  })
  const json = Buffer.from(text)
  const length = Math.ceil(json.length / INT64) * INT64
  const bytes = Buffer.alloc(8 + length, ' ')
  bytes.writeBigUInt64LE(BigInt(length))
  json.copy(bytes, 8)
  return bytes
}

async function* imageNumbers({ pictures }: Rows): AsyncGenerator<Uint8Array> {
  for await (const some of pictures()) yield new Uint8Array(BigInt64Array.from(some, ({ image }) => BigInt(image)).buffer)
}

export const safetensors: FeatureFormat = {
  ending: '.safetensors',
  index: true,
  write: (rows, path) =>
    TE.tryCatch(
      async () => {
        await pipeline(async function* () {
          yield headerOf(rows)
          yield* createReadStream(rows.numbers)
          yield* imageNumbers(rows)
        }, createWriteStream(path))
      },
      fileFailure(`cannot write ${path}`),
    ),
  usage: (path) => `safetensors.numpy.load_file(${JSON.stringify(path)})["features"]`,
}
