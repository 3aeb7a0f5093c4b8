/** Probes: what the teacher's frozen features are good for, measured by k-NN on pictures with labels. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { permutation, random } from '../base/random'
import { normalizeInto } from '../image/normalize'
import type { Picture } from '../image/picture'
import type { Design } from '../interpret/design'
import type { Interpreter } from '../interpret/interpreter'
import type { Source } from '../io/source'
import { classify, type LabelledFeatures, normalizeRows } from '../metric/knn'
import { centerCrop } from '../ops/augmentation/centerCrop'
import { type Augmentation, applyAll, inOrder } from '../ops/augmentation/kind'
import { resize } from '../ops/augmentation/resize'
import type { Knn } from '../ops/slots'

/** Prepared pictures: [count, height, width, channels] normalised, their plain values, and their labels. */
interface Prepared {
  readonly images: Float32Array
  readonly pixels: Float32Array
  readonly labels: Uint32Array
}

export interface Probe {
  /** Share of the test pictures that the teacher's features classify right, in [0, 1]. */
  readonly features: (interpreter: Interpreter) => Promise<number>
  /** The same for the pixels themselves. */
  readonly pixels: (interpreter: Interpreter) => Promise<number>
}

/** Pictures that already have the global views' size stay as they are; others are resized to 8/7 of it and cut, as ImageNet's are (256, 224). */
const defaultPreparation = (source: Source, [height, width]: readonly [number, number]): Augmentation => {
  if (source.size?.[0] === height && source.size[1] === width) return inOrder([])
  const build = { size: Math.round((height * 8) / 7), interpolation: 'bicubic' } as const
  return inOrder([resize.spec.build(build) as Augmentation, centerCrop.spec.build({ size: height }) as Augmentation])
}

const prepareAll = async (
  design: Design,
  probe: Knn,
  source: Source,
  indices: readonly number[],
): Promise<E.Either<Failure, Prepared>> => {
  const { mean, std } = design.views.means
  const [height, width] = design.sizes[0]!
  const augment = probe.prepare ?? defaultPreparation(source, [height, width])
  const write = normalizeInto(mean, std)
  const area = height * width * source.channels
  const images = new Float32Array(indices.length * area)
  const pixels = new Float32Array(indices.length * area)
  for (const [row, i] of indices.entries()) {
    const read = await source.read(i)
    if (E.isLeft(read)) return read
    const picture: Picture = applyAll(augment.draw(random('probe'), read.right).steps, read.right)
    if (picture.data.length !== area)
      return E.left(
        missing(
          `picture ${i} of ${source.name} is ${picture.height} × ${picture.width} pixels when prepared for the probe, not ${height} × ${width}`,
          "Give 'knn' a 'prepare' that ends with that size: [resize: …, centerCrop: …].",
        ),
      )
    write(images, row * area)(picture)
    pixels.set(picture.data, row * area)
  }
  return E.right({ images, pixels, labels: Uint32Array.from(indices, (i) => source.label(i) ?? 0) })
}

/** One feature row a picture from its tokens [B, 1 + N, width]. */
const featuresOf = (
  kind: Knn['feature'],
  values: Float32Array,
  [rows, tokens, width]: readonly [number, number, number],
): Float32Array => {
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
  return out
}

const encodeAll = async (
  design: Design,
  probe: Knn,
  interpreter: Interpreter,
  images: Float32Array,
  channels: number,
  chunk: number,
) => {
  const [height, width] = design.sizes[0]!
  const area = height * width * channels
  const count = images.length / area
  let features: Float32Array | undefined
  let columns = 0
  for (let first = 0; first < count; first += chunk) {
    const rows = Math.min(chunk, count - first)
    const tokens = await interpreter.encode(images.subarray(first * area, (first + rows) * area), [rows, height, width, channels])
    const some = featuresOf(probe.feature, tokens.values, tokens.shape)
    columns = some.length / rows
    features ??= new Float32Array(count * columns)
    features.set(some, first * columns)
  }
  return { features: features ?? new Float32Array(0), width: columns }
}

/** Whether pictures can be classified by their neighbours among others: both have labels, and the same channels. */
export const checkProbe = (source: Source, test: Source): E.Either<Failure, void> => {
  const unlabelled = [source, test].find((one) => one.classes.length === 0)
  if (unlabelled !== undefined)
    return E.left(
      missing(
        `k-NN needs labels, and ${unlabelled.name} has none`,
        "Use pictures with labels, or leave 'knn' out of the pipeline.",
      ),
    )
  return test.channels === source.channels
    ? E.right(undefined)
    : E.left(
        missing(
          `${test.name} has ${test.channels} channels, but ${source.name} ${source.channels}`,
          "Give both sources of the pipeline the same 'channels'.",
        ),
      )
}

/** Opens a probe's pictures. Fails where there are no labels, or where the two sets don't fit each other. */
export const openProbe =
  (design: Design, probe: Knn, source: Source, chunk: number, notify: (message: string) => void): TE.TaskEither<Failure, Probe> =>
  async () => {
    const opened = await probe.test(notify)()
    if (E.isLeft(opened)) return opened
    const test = opened.right
    const fits = checkProbe(source, test)
    if (E.isLeft(fits)) return fits
    const chosen = Array.from(permutation(source.count, design.training.means.seed, 'bank').subarray(0, probe.bank))
    const bank = await prepareAll(design, probe, source, chosen)
    if (E.isLeft(bank)) return bank
    const queries = await prepareAll(
      design,
      probe,
      test,
      Array.from({ length: test.count }, (_, i) => i),
    )
    if (E.isLeft(queries)) return queries

    const score = async (
      interpreter: Interpreter,
      features: (of: Prepared) => Promise<{ readonly features: Float32Array; readonly width: number }>,
    ) => {
      const rows = async (of: Prepared): Promise<LabelledFeatures & { readonly width: number }> => {
        const { features: values, width } = await features(of)
        return { features: normalizeRows(values, width), labels: of.labels, width }
      }
      const voters = await rows(bank.right)
      const asked = await rows(queries.right)
      const { similarities, dispose } = interpreter.products(voters.features, voters.width)
      const [result] = await classify(voters, asked, voters.width, {
        neighbours: [probe.k],
        temperature: probe.temperature,
        similarities,
      })
      dispose()
      return result!.top1 / 100
    }
    return E.right({
      features: (interpreter) =>
        score(interpreter, ({ images }) => encodeAll(design, probe, interpreter, images, source.channels, chunk)),
      pixels: (interpreter) =>
        score(interpreter, async ({ pixels, labels }) => ({ features: pixels, width: pixels.length / labels.length })),
    })
  }
