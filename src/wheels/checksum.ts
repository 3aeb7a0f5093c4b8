/** Whether a downloaded file is the one that was meant. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import type { Tell } from './events'
import type { Wheel } from './wheel'

const AGAIN = 'Run it again. If that does not help, look at the index that pip uses: python3 -m pip config list'

const digest = async (path: string, { file, bytes: total }: Wheel, tell: Tell, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(
    createReadStream(path, { highWaterMark: 2 ** 20 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.length
        tell({ event: 'progress', doing: 'check', file, bytes, total })
      }
    },
    { signal },
  )
  return hash.digest('hex')
}

/** Compares a file's size and SHA-256 with those of the wheel. */
export const verify = (
  path: string,
  wheel: Wheel,
  { tell, signal }: { readonly tell: Tell; readonly signal?: AbortSignal | undefined },
): TE.TaskEither<Failure, void> => {
  const unreadable = fileFailure(`cannot read the download ${path}`)
  return pipe(
    TE.tryCatch(() => stat(path), unreadable),
    TE.filterOrElse(
      ({ size }) => size === wheel.bytes,
      ({ size }) => missing(`the download ${wheel.file} is damaged: it has ${size} bytes, not ${wheel.bytes}`, AGAIN),
    ),
    TE.chain(() => TE.tryCatch(() => digest(path, wheel, tell, signal), unreadable)),
    TE.chainEitherK((found) =>
      found === wheel.sha256
        ? E.right(undefined)
        : E.left(
            missing(`the checksum of the download ${wheel.file} is wrong: its SHA-256 is ${found}, not ${wheel.sha256}`, AGAIN),
          ),
    ),
  )
}
