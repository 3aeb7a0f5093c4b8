/** A batch: the pictures, masks and draws that a step takes, as one tree; and what that of a design looks like. */
import type * as tf from '@tensorflow/tfjs-core'
import { elements } from '../base/shape'
import type { DrawSpecs } from '../nn/layer'
import type { RowIndices } from '../nn/pick'
import type { Design } from './design'
import { below, mapped, under } from './stateNames'

/** Something in each place of a batch: a shape, an array, a tensor, an input of a graph. */
export interface Batch<A> {
  /** All global views. */
  readonly global: A
  /** Local views, those of one size together. */
  readonly local: readonly A[]
  /** Which patches of the global views are hidden from the student; undefined where the pipeline masks nothing. */
  readonly mask: A | undefined
  /** The classes of the pictures, as numbers; absent where no loss needs labels. */
  readonly labels?: A | undefined
  /** Uniform draws in [0, 1), by name. */
  readonly draws: Readonly<Record<string, A>>
}

/** The places of a batch in their order, each changed; names are those of `namedBatch`. */
export const mapBatch = <A, B>(
  { global, local, mask, labels, draws }: Batch<A>,
  change: (value: A, name: string) => B,
): Batch<B> => ({
  global: change(global, 'global'),
  local: local.map((value, i) => change(value, `local.${i}`)),
  mask: mask === undefined ? undefined : change(mask, 'mask'),
  ...(labels === undefined ? {} : { labels: change(labels, 'labels') }),
  draws: mapped(draws, (value, name) => change(value, `draws.${name}`)),
})

/** What is in a batch by the names of its places, in their order: `global`, `local.0`, `mask`, `labels`, `draws.global.…`. */
export const namedBatch = <A>({ global, local, mask, labels, draws }: Batch<A>): Readonly<Record<string, A>> => ({
  global,
  ...below('local', Object.fromEntries(local.map((value, i) => [String(i), value]))),
  ...(mask === undefined ? {} : { mask }),
  ...(labels === undefined ? {} : { labels }),
  ...below('draws', draws),
})

/** The inverse of `namedBatch`; undefined where a place is empty. */
export const batchOfNames = <A>(values: Readonly<Record<string, A>>): Batch<A> | undefined => {
  const { global, mask, labels } = values
  const numbered = under('local', values)
  const local = Object.keys(numbered).flatMap((_, i) => (numbered[String(i)] === undefined ? [] : [numbered[String(i)]!]))
  return global === undefined || local.length < Object.keys(numbered).length
    ? undefined
    : { global, local, mask, ...(labels === undefined ? {} : { labels }), draws: under('draws', values) }
}

/** The shapes of a batch's tensors. */
export interface BatchShape extends Batch<readonly number[]> {
  /** Numbers of pictures and of global views. */
  readonly pictures: number
  readonly views: number
  /** [V·B, H, W, C], view by view. */
  readonly global: readonly [number, number, number, number]
  /** Local views of one size each, [views·B, h, w, C], view by view. */
  readonly local: readonly (readonly [number, number, number, number])[]
  /** [V·B, N] */
  readonly mask: readonly [number, number] | undefined
  /** [B] */
  readonly labels?: readonly [number] | undefined
  /** Grid of patches of a global view. */
  readonly grid: { readonly height: number; readonly width: number }
}

/** More in one go are hardly faster, and the last images of a set are padded to as many. */
const MOST_TOGETHER = 32

/** Images of the global views' size that a frozen network encodes together: no more than go through it in a step. */
export const encodedTogether = ({ global: [images] }: BatchShape): number => Math.min(images, MOST_TOGETHER)

/** Bytes of a batch of these shapes. */
export const batchBytes = (shape: Batch<readonly number[]>): number =>
  Object.values(namedBatch(shape)).reduce((sum, one) => sum + Float32Array.BYTES_PER_ELEMENT * elements(one), 0)

/** The tensors that a step takes besides the state. */
export interface TensorBatch extends Batch<tf.Tensor> {
  readonly global: tf.Tensor4D
  readonly local: readonly tf.Tensor4D[]
  /** 1 where a patch is hidden from the student. */
  readonly mask: tf.Tensor2D | undefined
  /** Numbers of classes, as floats. */
  readonly labels?: tf.Tensor1D | undefined
  /** The tokens of global views whose outputs are used, see `Program.rows`; undefined for all. */
  readonly rows: RowIndices | undefined
}

/** Tensors of the shapes in `BatchShape` as what a step takes, with the rows that belong to their mask. */
export const tensorBatch = (tensors: Batch<tf.Tensor>, rows: RowIndices | undefined): TensorBatch =>
  ({ ...tensors, rows }) as TensorBatch

type Size = readonly [height: number, width: number]

/** Consecutive views of one size go through the student together, as in the official MultiCropWrapper. */
const sizeGroups = (sizes: readonly Size[]) => {
  const groups: { readonly size: Size; count: number }[] = []
  for (const size of sizes) {
    const last = groups[groups.length - 1]
    if (last !== undefined && last.size.join() === size.join()) last.count++
    else groups.push({ size, count: 1 })
  }
  return groups
}

export const batchShape = (design: Design, pictures: number, channels: 1 | 3, draws: DrawSpecs): BatchShape => {
  const { stride } = design.backbone.meaning
  const kinds = design.views.meaning.views.map((view) => view.kind)
  const views = kinds.filter((kind) => kind === 'global').length
  const [height, width] = design.sizes[0]!
  const groups = sizeGroups(design.sizes.filter((_, i) => kinds[i] === 'local'))
  const grid = { height: height / stride, width: width / stride }
  const drawn = (prefix: string, samples: number, size: Size) =>
    Object.entries(draws).map(
      ([name, shape]) => [`${prefix}.${name}`, shape(samples, 1 + (size[0] / stride) * (size[1] / stride))] as const,
    )
  return {
    pictures,
    views,
    grid,
    global: [views * pictures, height, width, channels],
    local: groups.map(({ count, size }) => [count * pictures, ...size, channels]),
    mask: design.masking === undefined ? undefined : [views * pictures, grid.height * grid.width],
    ...(design.losses.some(({ needs }) => needs.includes('labels')) ? { labels: [pictures] } : {}),
    draws: Object.fromEntries([
      ...drawn('global', views * pictures, [height, width]),
      ...groups.flatMap(({ count, size }, i) => drawn(`local.${i}`, count * pictures, size)),
    ]),
  }
}

/** The first token of each of so many sequences: [CLS]. */
export const firstRows = (sequences: number, tokens: number): Int32Array =>
  Int32Array.from({ length: sequences }, (_, i) => i * tokens)

/** The [CLS] tokens of all sequences, then the patches that a mask [sequences, tokens - 1] hides. */
export const rowsUnder = (mask: Float32Array, sequences: number, tokens: number): Int32Array => {
  const hidden: number[] = []
  for (let at = 0; at < mask.length; at++)
    if (mask[at] !== 0) hidden.push(Math.floor(at / (tokens - 1)) * tokens + 1 + (at % (tokens - 1)))
  return Int32Array.from([...firstRows(sequences, tokens), ...hidden])
}
