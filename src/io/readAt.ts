/** Parts of files that are too large to be read whole. */
import * as fs from 'node:fs/promises'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from './files'
import { statRegular } from './regular'

/** Thrown inside, where a file ends too early; never leaves this file. */
class Short extends Error {
  constructor(readonly found: number) {
    super()
  }
}

/** What the system gives at once; Node ends the process when it is asked for 2 GiB. */
const MOST = 2 ** 30

const readFully = async (path: string, offset: number, bytes: Uint8Array): Promise<Uint8Array> => {
  const file = await fs.open(path, 'r')
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, MOST), offset + done)
      if (bytesRead === 0) throw new Short(offset + done)
      done += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/**
 * `length` bytes of a file from `offset` on. It is opened anew each time, so that none is held open however many there are. A
 * file that ends before is a failure.
 */
export const readAt = (path: string, offset: number, length: number): TE.TaskEither<Failure, Uint8Array> =>
  TE.tryCatch(
    () => readFully(path, offset, new Uint8Array(length)),
    (error) =>
      error instanceof Short
        ? missing(
            `${path} ends after ${error.found.toLocaleString('en-US')} bytes, before what is read from it`,
            'Fetch the file again; it is cut off.',
          )
        : fileFailure(`cannot read ${path}`)(error),
  )

/** The length of a file in bytes. `whatItIs` names its role in messages. */
export const fileSize = (path: string, whatItIs: string): TE.TaskEither<Failure, number> =>
  TE.tryCatch(
    async () => {
      const stats = await statRegular(path)
      if (stats.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
      return stats.size
    },
    fileFailure(`cannot read ${whatItIs} ${path}`),
  )
