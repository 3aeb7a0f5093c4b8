/** CIFAR-10 and CIFAR-100: 60,000 photographs of 32×32, in colour, as their folders come unpacked from cs.toronto.edu. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { type CifarBatch, readBinaryBatch, readNames, VALUES } from './cifarBinary'
import { readPythonBatch, readPythonNames } from './cifarPython'
import { fingerprint } from './fingerprint'
import type { Split } from './npmPackage'
import type { Source } from './source'

export interface Cifar {
  /** The unpacked folder, of the binary version or the Python one. */
  readonly path: string
  readonly split: Split
  /** Which labels of CIFAR-100: 100 classes or 20 superclasses. */
  readonly labels: 'fine' | 'coarse'
}

/** How a version of the data set lies in its folder, for one kind of labels. */
interface Layout {
  readonly name: string
  readonly train: readonly string[]
  readonly test: readonly string[]
  readonly batch: (path: string) => TE.TaskEither<Failure, CifarBatch>
  readonly names: (folder: string) => TE.TaskEither<Failure, readonly string[]>
}

const batches = (ending: string): readonly string[] => [1, 2, 3, 4, 5].map((number) => `data_batch_${number}${ending}`)

type LayoutOf = (labels: Cifar['labels']) => Layout

/** By the file of the names of the classes, which only one of them has. */
const LAYOUTS: Readonly<Record<string, LayoutOf>> = {
  'batches.meta.txt': () => ({
    name: 'CIFAR-10',
    train: batches('.bin'),
    test: ['test_batch.bin'],
    batch: (path) => readBinaryBatch(path, 1, 0),
    names: (folder) => readNames(join(folder, 'batches.meta.txt')),
  }),
  'fine_label_names.txt': (labels) => ({
    name: 'CIFAR-100',
    train: ['train.bin'],
    test: ['test.bin'],
    batch: (path) => readBinaryBatch(path, 2, labels === 'coarse' ? 0 : 1),
    names: (folder) => readNames(join(folder, `${labels}_label_names.txt`)),
  }),
  'batches.meta': () => ({
    name: 'CIFAR-10',
    train: batches(''),
    test: ['test_batch'],
    batch: (path) => readPythonBatch(path, 'labels'),
    names: (folder) => readPythonNames(join(folder, 'batches.meta'), 'label_names'),
  }),
  meta: (labels) => ({
    name: 'CIFAR-100',
    train: ['train'],
    test: ['test'],
    batch: (path) => readPythonBatch(path, `${labels}_labels`),
    names: (folder) => readPythonNames(join(folder, 'meta'), `${labels}_label_names`),
  }),
}

const layoutOf = ({ path, labels }: Cifar): E.Either<Failure, Layout> => {
  const found = Object.entries(LAYOUTS).find(([file]) => existsSync(join(path, file)))
  if (found === undefined)
    return E.left(
      missing(
        `${path} is not a folder of CIFAR: it has none of ${Object.keys(LAYOUTS).join(', ')}`,
        'Name the unpacked folder: cifar-10-batches-bin, cifar-10-batches-py, cifar-100-binary or cifar-100-python.',
      ),
    )
  const layout = found[1](labels)
  return labels === 'coarse' && layout.name === 'CIFAR-10'
    ? E.left(missing(`${path} holds CIFAR-10, which has no coarse labels`, "Leave 'labels' out, or name a folder of CIFAR-100."))
    : E.right(layout)
}

const checkLabels =
  (classes: readonly string[]) =>
  (batch: CifarBatch): E.Either<Failure, CifarBatch> => {
    const wrong = Array.from(batch.labels).findIndex((label) => label >= classes.length)
    return wrong === -1
      ? E.right(batch)
      : E.left(
          missing(
            `${batch.path} gives picture ${wrong} the label ${batch.labels[wrong]}, but there are only ${classes.length} classes`,
            'Fetch the data set again; it is damaged.',
          ),
        )
  }

/** Three planes, one a colour, as pixels. */
const interleaved = (planes: Uint8Array): Uint8Array => {
  const area = planes.length / 3
  const pixels = new Uint8Array(planes.length)
  for (let colour = 0; colour < 3; colour++)
    for (let at = 0; at < area; at++) pixels[3 * at + colour] = planes[colour * area + at]!
  return pixels
}

const SIDE = Math.sqrt(VALUES / 3)

const toSource = (name: string, classes: readonly string[], all: readonly CifarBatch[]): Source => {
  const labels = Int32Array.from(all.flatMap((batch) => Array.from(batch.labels)))
  const places = all.flatMap(({ labels: { length }, pixels }) => Array.from({ length }, (_, i) => () => pixels(i)))
  return {
    name,
    count: labels.length,
    channels: 3,
    size: [SIDE, SIDE],
    classes,
    label: (i) => labels[i],
    read: async (i) => E.right({ width: SIDE, height: SIDE, channels: 3, data: interleaved(places[i]!()) }),
    fingerprint: fingerprint([...places.map((pixels) => pixels()), ...classes, new Uint8Array(labels.buffer)]),
  }
}

/** One split of CIFAR-10 or CIFAR-100, held in memory; which of them and which version, the folder tells. */
export const cifarSource = (cifar: Cifar): TE.TaskEither<Failure, Source> =>
  pipe(
    TE.fromIOEither(() => layoutOf(cifar)),
    TE.bindTo('layout'),
    TE.bind('classes', ({ layout }) => layout.names(cifar.path)),
    TE.bind('batches', ({ layout, classes }) =>
      TE.traverseSeqArray((file: string) => pipe(layout.batch(join(cifar.path, file)), TE.chainEitherK(checkLabels(classes))))(
        layout[cifar.split],
      ),
    ),
    TE.map(({ layout, classes, batches }) => toSource(`${layout.name} (${cifar.split})`, classes, batches)),
  )
