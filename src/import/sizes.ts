/** The sizes of a network, read off the shapes of its weights: names and shapes of the official code. */
import * as E from 'fp-ts/Either'

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

export interface VitSizes {
  readonly family: 'vit'
  readonly patch: number
  readonly width: number
  readonly depth: number
  readonly mlpRatio: number
  readonly qkvBias: boolean
  readonly layerScale: boolean
  /** Register tokens. */
  readonly registers: number
  readonly pooling: 'cls' | 'mean'
  /** Side in pixels that the position table is made for. */
  readonly imageSize: number
}

export interface SwinSizes {
  readonly family: 'swin'
  readonly patch: number
  readonly width: number
  readonly depths: readonly number[]
  readonly heads: readonly number[]
  readonly window: number
  readonly mlpRatio: number
  readonly qkvBias: boolean
}

export interface HeadSizes {
  readonly layers: number
  readonly hidden: number
  readonly bottleneck: number
  /** Prototypes of the [CLS] token and of patches; one number if one layer has both. */
  readonly cls: number
  readonly patch: number
  readonly norm: 'none' | 'batch' | 'layer'
}

export interface Sizes {
  readonly channels: number
  readonly backbone: VitSizes | SwinSizes
  readonly head: HeadSizes | undefined
}

const PATCH_EMBED = 'backbone.patch_embed.proj.weight'

/** How many numbers stand at `#` in names like `backbone.blocks.#.norm1.weight`. */
const count = (shapes: Shapes, before: string, after: string): number => {
  let found = 0
  while (shapes.has(`${before}${found}${after}`)) found += 1
  return found
}

const swinSizes = (shapes: Shapes, patch: number, width: number): E.Either<string, SwinSizes> => {
  const stages = count(shapes, 'backbone.layers.', '.blocks.0.norm1.weight')
  const depths = Array.from({ length: stages }, (_, i) => count(shapes, `backbone.layers.${i}.blocks.`, '.norm1.weight'))
  const tables = depths.map((_, i) => shapes.get(`backbone.layers.${i}.blocks.0.attn.relative_position_bias_table`)?.shape ?? [])
  if (tables.some(({ length }) => length !== 2)) return E.left('its windows have no tables of relative positions')
  const fc1 = shapes.get('backbone.layers.0.blocks.0.mlp.fc1.weight')?.shape[0] ?? width
  // The last stages may be laid out for smaller windows than the first.
  const window = Math.max(...tables.map(([rows]) => (Math.sqrt(rows!) + 1) / 2))
  return E.right({
    family: 'swin',
    patch,
    width,
    depths,
    heads: tables.map(([, heads]) => heads!),
    window,
    mlpRatio: fc1 / width,
    qkvBias: shapes.has('backbone.layers.0.blocks.0.attn.qkv.bias'),
  })
}

const vitSizes = (shapes: Shapes, patch: number, width: number): E.Either<string, VitSizes> => {
  const depth = count(shapes, 'backbone.blocks.', '.norm1.weight')
  const positions = shapes.get('backbone.pos_embed')?.shape[1]
  const fc1 = shapes.get('backbone.blocks.0.mlp.fc1.weight')?.shape[0]
  if (depth === 0 || fc1 === undefined) return E.left('it has no blocks of a vision transformer')
  const side = Math.sqrt((positions ?? 0) - 1)
  if (!Number.isInteger(side))
    return E.left(`its position table of ${positions ?? 0} tokens is not that of a square and a [CLS] token`)
  return E.right({
    family: 'vit',
    patch,
    width,
    depth,
    mlpRatio: fc1 / width,
    qkvBias: shapes.has('backbone.blocks.0.attn.qkv.bias'),
    layerScale: shapes.has('backbone.blocks.0.gamma_1'),
    registers: shapes.get('backbone.register_tokens')?.shape[1] ?? 0,
    pooling: shapes.has('backbone.fc_norm.weight') ? 'mean' : 'cls',
    imageSize: side * patch,
  })
}

const headSizes = (shapes: Shapes): HeadSizes | undefined => {
  const of = (name: string): readonly number[] | undefined => shapes.get(`head.${name}`)?.shape
  const cls = of('last_layer.weight_v')
  if (cls === undefined) return undefined
  // The linear layers of the MLP are the matrices among its modules; the last one leads to the bottleneck.
  const linear = [...shapes].flatMap(([name, { shape }]) =>
    /^head\.mlp(\.\d+)?\.weight$/.test(name) && shape.length === 2 ? [shape] : [],
  )
  const norm = of('mlp.1.running_mean') !== undefined ? 'batch' : of('mlp.1.weight')?.length === 1 ? 'layer' : 'none'
  return {
    layers: linear.length,
    hidden: linear.length > 1 ? linear[0]![0]! : 2048,
    bottleneck: cls[1]!,
    cls: cls[0]!,
    patch: of('last_layer2.weight_v')?.[0] ?? cls[0]!,
    norm,
  }
}

/** The sizes of a backbone and, where it is there, of its head; or in half a sentence why they can't be told. */
export const sizesOf = (shapes: Shapes): E.Either<string, Sizes> => {
  const embed = shapes.get(PATCH_EMBED)?.shape ?? []
  const [width, channels, patch] = embed
  if (width === undefined || channels === undefined || patch === undefined || embed[3] !== patch)
    return E.left('it has no embedding of square patches')
  const backbone = shapes.has('backbone.layers.0.blocks.0.norm1.weight')
    ? swinSizes(shapes, patch, width)
    : vitSizes(shapes, patch, width)
  return E.isLeft(backbone) ? backbone : E.right({ channels, backbone: backbone.right, head: headSizes(shapes) })
}
