/** What a frozen network makes of pictures: features, attention and logits of their patches. */
import * as tf from '@tensorflow/tfjs-core'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { turn } from '../base/turn'
import type { Computer } from '../engine/computer'
import type { Engine } from '../engine/engine'
import { failureOf } from '../engine/thrown'
import type { Picture } from '../image/picture'
import { within } from '../nn/layer'
import type { Grid } from '../ops/mask/kind'
import { BACKBONE } from '../program/stateNames'
import type { FeatureRows } from '../view/features'
import { functionOf, weightTensors } from './compute'
import { normalized } from './images'
import type { Model } from './model'
import { IMAGES, type Outputs, outputsOf, type What } from './outputs'
import { transform } from './transform'

/** A frozen network, and what computes it. */
export interface Reader {
  readonly model: Model
  readonly engine: Pick<Computer, 'prepare'> & Pick<Engine, 'compiles'>
  /** Patches of a picture. */
  readonly grid: Grid
  /** Ends what is computed when it is aborted. */
  readonly signal: AbortSignal | undefined
}

/** A picture as the network takes it; as much of it as fits is shown. */
export const prepared = ({ model: { images } }: Reader): ((picture: Picture) => Picture) =>
  transform({ size: images.size, margin: 1 })

/** Pictures that go through the network together: attention takes much memory, and where JavaScript's thread computes, it is let go in between. */
const togetherOn = ({ compiles }: Reader['engine']): number => (compiles ? 4 : 1)

/** An output of prepared pictures, one array of numbers a picture. */
const outputOf = (
  reader: Reader,
  pictures: readonly Picture[],
  name: keyof Outputs<unknown>,
  what: What,
): TE.TaskEither<Failure, readonly Float32Array[]> => {
  const { model, engine, signal } = reader
  // The weights go in once, for all pictures.
  const { run, dispose } = engine.prepare(functionOf(model, what), weightTensors(model, model.weights))
  return pipe(
    RA.chunksOf(togetherOn(engine))(pictures),
    TE.traverseSeqArray((some) =>
      pipe(
        turn(signal),
        TE.chain(() => TE.tryCatch(() => run({ [IMAGES]: normalized(model.images, some) }), failureOf)),
        TE.map((outputs) => {
          const { values } = outputs[name]!
          const length = values.length / some.length
          return some.map((_, i) => values.slice(i * length, (i + 1) * length))
        }),
      ),
    ),
    TE.map(RA.flatten),
    TE.chainFirstIOK(() => dispose),
    TE.orElseFirstIOK(() => dispose),
  )
}

const only =
  (name: keyof Outputs<unknown>): What =>
  (model, weights, images) => ({ [name]: outputsOf(model, weights, images)[name]! })

/** The features of each picture's patches, without the picture's own token. */
export const patchFeatures = (reader: Reader, pictures: readonly Picture[]): TE.TaskEither<Failure, readonly FeatureRows[]> => {
  const { width } = reader.model.backbone
  return pipe(
    outputOf(reader, pictures, 'last_hidden_state', only('last_hidden_state')),
    TE.map((all) => all.map((tokens) => ({ values: tokens.subarray(width), width }))),
  )
}

/** The logits of each picture's patches; a network without a head has none. */
export const patchLogits = (reader: Reader, pictures: readonly Picture[]): TE.TaskEither<Failure, readonly FeatureRows[]> => {
  const width = reader.model.network.head.prototypes.patch
  if (width === 0)
    return TE.left(missing('the pipeline has no projection head, and so no prototypes', "'pca' shows the features of patches."))
  return pipe(
    outputOf(reader, pictures, 'patch_logits', only('patch_logits')),
    TE.map((all) => all.map((values) => ({ values, width }))),
  )
}

const clsAttention: What = ({ network }, weights, images) => {
  const attention = network.backbone.lastAttention!(within(BACKBONE, weights), images)
  const [batch, heads, tokens] = attention.shape
  return { cls_attention: tf.slice(attention, [0, 0, 0, 1], [batch, heads, 1, tokens - 1]) }
}

/** What [CLS] pays to each picture's patches in the last block, one map a head; of backbones that have such a token. */
export const attentionMaps = (
  reader: Reader,
  pictures: readonly Picture[],
): TE.TaskEither<Failure, readonly Float32Array[][]> => {
  const { network, backbone } = reader.model
  const lacking = !backbone.hasCls ? '[CLS] token' : network.backbone.lastAttention === undefined ? 'attention' : undefined
  if (lacking !== undefined)
    return TE.left(
      missing(`attention maps show what [CLS] looks at, and ${backbone.name} has no ${lacking}`, "'pca' shows its features."),
    )
  const { height, width } = reader.grid
  const cells = height * width
  return pipe(
    outputOf(reader, pictures, 'cls_attention', clsAttention),
    TE.map((all) =>
      all.map((maps) =>
        Array.from({ length: maps.length / cells }, (_, head) => maps.subarray(head * cells, (head + 1) * cells)),
      ),
    ),
  )
}
