/** NPY: one array, as NumPy saves it (numpy.lib.format, version 1.0). */
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import * as TE from 'fp-ts/TaskEither'
import { fileFailure } from '../base/fileFailure'
import type { FeatureFormat } from './format'

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0)
/** The elements begin at a multiple of it. */
const ALIGNMENT = 64

/** The header of an array of float32 numbers. */
const headerOf = (shape: readonly number[]): Uint8Array => {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join(' ')}), }`
  const length = Math.ceil((MAGIC.length + 2 + text.length + 1) / ALIGNMENT) * ALIGNMENT - MAGIC.length - 2
  const bytes = Buffer.alloc(MAGIC.length + 2 + length, ' ')
  bytes.set(MAGIC)
  bytes.writeUInt16LE(length, MAGIC.length)
  bytes.write(text, MAGIC.length + 2, 'latin1')
  bytes[bytes.length - 1] = 0x0a
  return bytes
}

export const npy: FeatureFormat = {
  ending: '.npy',
  index: true,
  write: ({ count, shape, numbers }, path) =>
    TE.tryCatch(
      async () => {
        const file = createWriteStream(path)
        file.write(headerOf([count, ...shape]))
        await pipeline(createReadStream(numbers), file)
      },
      fileFailure(`cannot write ${path}`),
    ),
  usage: (path) => `numpy.load(${JSON.stringify(path)})`,
}
