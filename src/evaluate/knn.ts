/** The k-NN probe: what the features of the frozen network are good for, measured on pictures with labels. */
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, isLasting, missing } from '../base/failure'
import { permutation, random } from '../base/random'
import type { Interpreter } from '../engine/interpreter'
import { centerCrop, shortSide } from '../image/crop'
import { normalizeInto } from '../image/normalize'
import type { Picture } from '../image/picture'
import { resize } from '../image/resize'
import type { Source } from '../io/source'
import type { Damaged, Report } from '../loader/damage'
import { classify, normalizeRows } from '../metric/knn'
import { applyAll } from '../ops/augmentation/kind'
import type { Knn } from '../ops/slots'
import type { Design } from '../program/design'

export interface Probe {
  /** Share of the test pictures that the frozen network's features classify right, in [0, 1]. Pictures that can't be read are left out. */
  readonly features: (interpreter: Interpreter, report: Report) => TE.TaskEither<Failure, number>
  /** The same for the pixels themselves; of pictures larger than 32 × 32, for their pixels at that size. */
  readonly pixels: (interpreter: Interpreter, report: Report) => TE.TaskEither<Failure, number>
}

/** One picture a row: [rows, width]. */
interface Rows {
  readonly values: Float32Array
  readonly width: number
}
/** Pictures with labels: which of a source, and their classes by the data set's numbers. */
interface Labelled {
  readonly source: Source
  readonly indices: readonly number[]
  readonly labels: Uint32Array
}

/** Whether pictures can be classified by their neighbours among others: both have labels, of the same classes, and the same channels. */
export const checkProbe = (source: Source, test: Source): E.Either<Failure, void> => {
  const unlabelled = [source, test].find((one) => one.classes.length === 0)
  if (unlabelled !== undefined)
    return E.left(
      missing(
        `k-NN needs labels, and ${unlabelled.name} has none`,
        "Use pictures with labels, or leave 'knn' out of the pipeline.",
      ),
    )
  if (test.channels !== source.channels)
    return E.left(
      missing(
        `${test.name} has ${test.channels} channels, but ${source.name} ${source.channels}`,
        "Give both sources of the pipeline the same 'channels'.",
      ),
    )
  const unknown = test.classes.find((name) => !source.classes.includes(name))
  return unknown === undefined
    ? E.right(undefined)
    : E.left(
        missing(
          `${test.name} has the class '${unknown}', which ${source.name} doesn't have`,
          'Give the classes the same names in both, or take out the pictures of that class.',
        ),
      )
}

/** Classes go by their names: a test set that lacks one has other numbers. */
const labelled = (source: Source, indices: readonly number[], classes: readonly string[]): Labelled => ({
  source,
  indices,
  labels: Uint32Array.from(indices, (i) => classes.indexOf(source.classes[source.label(i) ?? 0] ?? '')),
})

/** Pictures of the global views' size stay as they are; others are resized to 8/7 of it and cut, as ImageNet's are (256, 224). */
const prepared =
  ({ prepare }: Knn, [height, width]: readonly [number, number]) =>
  (picture: Picture): Picture => {
    if (prepare !== undefined) return applyAll(prepare.draw(random('probe'), picture).steps, picture)
    if (picture.height === height && picture.width === width) return picture
    const size = shortSide(Math.round((height * 8) / 7))([picture.height, picture.width])
    return centerCrop(height)(resize({ size, interpolation: 'bicubic' })(picture))
  }

const PIXELS = 32

/** Pictures small enough to be compared pixel by pixel. */
const thumbnail = (picture: Picture): Picture =>
  picture.height <= PIXELS && picture.width <= PIXELS
    ? picture
    : resize({ size: [PIXELS, PIXELS], interpolation: 'bilinear' })(picture)

/** One feature row a picture from its tokens [B, 1 + N, width]. */
const featuresOf = (
  kind: Knn['feature'],
  values: Float32Array,
  [rows, tokens, width]: readonly [number, number, number],
): Rows => {
  const columns = kind === 'both' ? 2 * width : width
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const start = row * tokens * width
    if (kind !== 'mean') out.set(values.subarray(start, start + width), row * columns)
    if (kind === 'cls') continue
    const mean = out.subarray(row * columns + (kind === 'both' ? width : 0), (row + 1) * columns)
    for (let token = 1; token < tokens; token++)
      for (let i = 0; i < width; i++) mean[i]! += values[start + token * width + i]! / (tokens - 1)
  }
  return { values: out, width: columns }
}

/** Opens a probe's pictures; they are read, a chunk at a time, whenever it is run. */
export const openProbe = (
  design: Design,
  probe: Knn,
  source: Source,
  chunk: number,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Probe> =>
  pipe(
    probe.test(notify),
    TE.chainFirstEitherK((test) => checkProbe(source, test)),
    TE.map((test) => {
      const chosen = Array.from(permutation(source.count, design.training.meaning.seed, 'bank').subarray(0, probe.bank))
      const bank = labelled(source, chosen, source.classes)
      const queries = labelled(
        test,
        Array.from({ length: test.count }, (_, i) => i),
        source.classes,
      )
      const prepare = prepared(probe, design.sizes[0]!)
      return {
        features: (interpreter, report) =>
          score(probe, interpreter, bank, queries, rowsBy(chunk, report, encoded(design, probe, interpreter, prepare))),
        pixels: (interpreter, report) =>
          score(
            probe,
            interpreter,
            bank,
            queries,
            rowsBy(chunk, report, async (pictures) => pixelRows(pictures.map(prepare).map(thumbnail))),
          ),
      }
    }),
  )

type ToRows = (pictures: readonly Picture[], source: Source) => Promise<Rows>

const pixelRows = (pictures: readonly Picture[]): Rows => {
  const width = pictures[0]!.data.length
  const values = new Float32Array(pictures.length * width)
  for (const [row, { data }] of pictures.entries()) values.set(data, row * width)
  return { values, width }
}

const encoded =
  (design: Design, probe: Knn, interpreter: Interpreter, prepare: (picture: Picture) => Picture): ToRows =>
  async (pictures, { channels }) => {
    const [height, width] = design.sizes[0]!
    const write = normalizeInto(design.views.meaning.mean, design.views.meaning.std)
    const area = height * width * channels
    const images = new Float32Array(pictures.length * area)
    for (const [row, picture] of pictures.entries()) write(images, row * area)(prepare(picture))
    const tokens = await interpreter.encode(images, [pictures.length, height, width, channels])
    return featuresOf(probe.feature, tokens.values, tokens.shape)
  }

/** Rows with the class of each. */
interface LabelledRows extends Rows {
  readonly labels: Uint32Array
}

/** The rows of those labelled pictures that can be read, made a chunk at a time. */
const rowsBy =
  (chunk: number, report: Report, toRows: ToRows) =>
  async ({ source, indices, labels }: Labelled): Promise<E.Either<Failure, LabelledRows>> => {
    let all: Rows | undefined
    const kept: number[] = []
    for (let first = 0; first < indices.length; first += chunk) {
      const some = indices.slice(first, first + chunk)
      const read = await Promise.all(some.map((i) => source.read(i)))
      const pictures: Picture[] = []
      const damaged: Damaged[] = []
      for (const [i, picture] of read.entries()) {
        if (E.isRight(picture)) {
          pictures.push(picture.right)
          kept.push(labels[first + i]!)
        } else if (isLasting(picture.left)) damaged.push({ image: some[i]!, reason: picture.left.message })
        else return picture
      }
      const reported = await report(source, damaged)
      if (E.isLeft(reported)) return reported
      if (pictures.length === 0) continue
      const { values, width } = await toRows(pictures, source)
      all ??= { values: new Float32Array(indices.length * width), width }
      all.values.set(values, (kept.length - pictures.length) * width)
      // Signals and timers get their turn.
      await setImmediate()
    }
    const { values, width } = all ?? { values: new Float32Array(0), width: 1 }
    return E.right({ values: values.subarray(0, kept.length * width), width, labels: Uint32Array.from(kept) })
  }

const score =
  (
    { k, temperature }: Knn,
    interpreter: Interpreter,
    bank: Labelled,
    queries: Labelled,
    rows: (of: Labelled) => Promise<E.Either<Failure, LabelledRows>>,
  ): TE.TaskEither<Failure, number> =>
  async () => {
    const voters = await rows(bank)
    if (E.isLeft(voters)) return voters
    const asked = await rows(queries)
    if (E.isLeft(asked)) return asked
    const { width } = voters.right
    const features = normalizeRows(voters.right.values, width)
    const { nearest, dispose } = interpreter.neighbours(features, width)
    const [result] = await classify(
      { features, labels: voters.right.labels },
      { features: normalizeRows(asked.right.values, width), labels: asked.right.labels },
      width,
      {
        neighbours: [k],
        temperature,
        nearest: async (some, count, k) => {
          await setImmediate()
          return nearest(some, count, k)
        },
      },
    )
    dispose()
    return E.right(result!.top1 / 100)
  }
