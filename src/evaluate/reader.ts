/** What a run's network makes of pictures: features, attention and logits of their patches. */
import * as tf from '@tensorflow/tfjs-core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Engine } from '../engine/backend'
import { openEngine } from '../engine/openEngine'
import { failureOf } from '../engine/thrown'
import { normalizeInto } from '../image/normalize'
import type { Picture } from '../image/picture'
import { within } from '../nn/layer'
import type { Grid } from '../ops/mask/kind'
import { BACKBONE } from '../program/names'
import type { FeatureRows } from '../view/features'
import { compute, type Images } from './compute'
import { type Model, readModel } from './model'
import { type Outputs, outputsOf, type What } from './outputs'
import { transform } from './transform'

/** The teacher of a run at its newest checkpoint, and what computes it. */
export interface Reader {
  readonly model: Model
  readonly engine: Engine
  /** Patches of a picture. */
  readonly grid: Grid
}

/** Opens the network for square pictures of so many pixels a side; by default those of the run. */
export const openReader = (run: string, side: number | undefined): TE.TaskEither<Failure, Reader> =>
  pipe(
    TE.Do,
    TE.bind('model', () => readModel(run, { network: 'teacher', withHead: true })),
    TE.bind('size', ({ model: { images } }) =>
      side === undefined || side % images.stride === 0
        ? TE.right(side === undefined ? images.size : ([side, side] as const))
        : TE.left(
            missing(
              `pictures of ${side} × ${side} pixels can't be divided into patches of ${images.stride} × ${images.stride}`,
              `Use a multiple of ${images.stride}, such as ${Math.max(1, Math.round(side / images.stride)) * images.stride}.`,
            ),
          ),
    ),
    TE.bind('engine', () => openEngine({ backend: undefined, download: false, tell: () => undefined, signal: undefined })),
    TE.map(({ model, size, engine }) => ({
      model: { ...model, images: { ...model.images, size } },
      engine,
      grid: { height: size[0] / model.images.stride, width: size[1] / model.images.stride },
    })),
  )

/** A picture as the network takes it; as much of it as fits is shown. */
export const prepared = ({ model: { images } }: Reader): ((picture: Picture) => Picture) =>
  transform({ size: images.size, margin: 1 })

const imagesOf = ({ model: { images } }: Reader, pictures: readonly Picture[]): Images => {
  const [height, width] = images.size
  const write = normalizeInto(images.mean, images.std)
  const area = height * width * images.channels
  const values = new Float32Array(pictures.length * area)
  for (const [i, picture] of pictures.entries()) write(values, i * area)(picture)
  return { values, shape: [pictures.length, height, width, images.channels] }
}

/** Pictures that go through the network together: attention takes much memory. */
const CHUNK = 4

/** An output of prepared pictures, one array of numbers a picture. */
const outputOf =
  (reader: Reader, pictures: readonly Picture[], name: keyof Outputs<unknown>, what: What) =>
  async (): Promise<readonly Float32Array[]> => {
    const { model, engine } = reader
    const all: Float32Array[] = []
    for (let first = 0; first < pictures.length; first += CHUNK) {
      const some = pictures.slice(first, first + CHUNK)
      const { values } = (await compute(engine, model, model.weights, imagesOf(reader, some), what))[name]!
      const length = values.length / some.length
      all.push(...some.map((_, i) => values.slice(i * length, (i + 1) * length)))
    }
    return all
  }

const only =
  (name: keyof Outputs<unknown>): What =>
  (model, weights, images) => ({ [name]: outputsOf(model, weights, images)[name]! })

/** The features of each picture's patches, without the picture's own token. */
export const patchFeatures = (reader: Reader, pictures: readonly Picture[]): TE.TaskEither<Failure, readonly FeatureRows[]> => {
  const { width } = reader.model.backbone
  return pipe(
    TE.tryCatch(outputOf(reader, pictures, 'last_hidden_state', only('last_hidden_state')), failureOf),
    TE.map((all) => all.map((tokens) => ({ values: tokens.subarray(width), width }))),
  )
}

/** The logits of each picture's patches. */
export const patchLogits = (reader: Reader, pictures: readonly Picture[]): TE.TaskEither<Failure, readonly FeatureRows[]> => {
  const width = reader.model.network.head.prototypes.patch
  return pipe(
    TE.tryCatch(outputOf(reader, pictures, 'patch_logits', only('patch_logits')), failureOf),
    TE.map((all) => all.map((values) => ({ values, width }))),
  )
}

const clsAttention: What = ({ network }, weights, images) => {
  const attention = network.backbone.lastAttention(within(BACKBONE, weights), images)
  const [batch, heads, tokens] = attention.shape
  return { cls_attention: tf.slice(attention, [0, 0, 0, 1], [batch, heads, 1, tokens - 1]) }
}

/** What [CLS] pays to each picture's patches in the last block, one map a head. Only vision transformers have a [CLS] token. */
export const attentionMaps = (
  reader: Reader,
  pictures: readonly Picture[],
): TE.TaskEither<Failure, readonly Float32Array[][]> => {
  const { name } = reader.model.backbone
  if (name !== 'vit')
    return TE.left(
      missing(`attention maps show what [CLS] looks at, and ${name} has no [CLS] token`, "'pca' shows its features."),
    )
  const { height, width } = reader.grid
  const cells = height * width
  return pipe(
    TE.tryCatch(outputOf(reader, pictures, 'cls_attention', clsAttention), failureOf),
    TE.map((all) =>
      all.map((maps) =>
        Array.from({ length: maps.length / cells }, (_, head) => maps.subarray(head * cells, (head + 1) * cells)),
      ),
    ),
  )
}
