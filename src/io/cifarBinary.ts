/**
 * The binary version of CIFAR: records of a label (CIFAR-100: the coarse one, then the fine one) and 3 × 1024 values, first all
 * red ones, then the green, then the blue.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { readFile } from './files'
import { readUtf8 } from './text'

/** The number of values of a picture: 3 planes of 32×32. */
export const VALUES = 3072

export interface CifarBatch {
  readonly path: string
  readonly labels: ArrayLike<number>
  /** `VALUES` for each label. */
  readonly pixels: (i: number) => Uint8Array
}

/** Reads a file whose records begin with `labelBytes` labels of one byte; the one at `at` is wanted. */
export const readBinaryBatch = (path: string, labelBytes: number, at: number): TE.TaskEither<Failure, CifarBatch> =>
  pipe(
    readFile(path, 'the batch of CIFAR'),
    TE.chainEitherK((bytes) => {
      const record = labelBytes + VALUES
      if (bytes.length === 0 || bytes.length % record !== 0)
        return E.left(
          missing(
            `${path} has a wrong length: ${bytes.length.toLocaleString('en-US')} bytes are not a number of pictures with labels, ${record.toLocaleString('en-US')} bytes each`,
            'Fetch the data set again; it is damaged.',
          ),
        )
      return E.right({
        path,
        labels: Uint8Array.from({ length: bytes.length / record }, (_, i) => bytes[i * record + at]!),
        pixels: (i: number) => bytes.subarray(i * record + labelBytes, (i + 1) * record),
      })
    }),
  )

/** Names of classes, one a line. */
export const readNames = (path: string): TE.TaskEither<Failure, readonly string[]> =>
  pipe(
    readUtf8(path, 'the names of the classes'),
    TE.map((text) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  )
