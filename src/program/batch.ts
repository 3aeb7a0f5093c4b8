/** What a batch of a design looks like. */
import type { DrawSpecs } from '../nn/layer'
import type { Design } from './design'

/** The shapes of a batch's tensors. */
export interface BatchShape {
  /** Numbers of pictures and of global views. */
  readonly pictures: number
  readonly views: number
  /** [V·B, H, W, C], view by view. */
  readonly global: readonly [number, number, number, number]
  /** Local views of one size each, [views·B, h, w, C], view by view. */
  readonly local: readonly (readonly [number, number, number, number])[]
  /** [V·B, N]; undefined where the pipeline masks nothing. */
  readonly mask: readonly [number, number] | undefined
  /** Grid of patches of a global view. */
  readonly grid: { readonly height: number; readonly width: number }
  readonly draws: Readonly<Record<string, readonly number[]>>
}

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
