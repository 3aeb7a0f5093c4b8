/** The sizes of a network: what the shapes of its weights tell (names and shapes of the official code), and what is known besides. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type HeadsKnown, headsOf } from '../weights/heads'
import type { NetworkWeights } from '../weights/network'

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

/** What no shape tells. */
interface Untold {
  /** What queries · keys are multiplied by, if not 1 / √(width / heads). */
  readonly qkScale?: number | undefined
  /** Epsilon of the layer normalisations, if not 1e-6. */
  readonly layerNormEps?: number | undefined
}

export interface VitSizes extends Untold {
  readonly family: 'vit'
  readonly patch: number
  readonly width: number
  readonly depth: number
  readonly heads: number
  readonly mlpRatio: number
  readonly qkvBias: boolean
  readonly layerScale: boolean
  /** Register tokens. */
  readonly registers: number
  readonly pooling: 'cls' | 'mean'
  /** Side in pixels that the position table is made for. */
  readonly imageSize: number
}

export interface SwinSizes extends Untold {
  readonly family: 'swin'
  readonly patch: number
  readonly width: number
  readonly depths: readonly number[]
  readonly heads: readonly number[]
  readonly window: number
  readonly mlpRatio: number
  readonly qkvBias: boolean
  /** Side in pixels that windows are laid out for; undefined for that of the views. */
  readonly imageSize?: number | undefined
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

/** Something that the weights don't tell, in a sentence. */
export interface Remark {
  readonly text: string
  /** Whether it may be otherwise: nothing in the file tells it. */
  readonly isGuess: boolean
}

export interface Sizes {
  readonly channels: 1 | 3
  readonly backbone: VitSizes | SwinSizes
  readonly head: HeadSizes | undefined
  /** How the images are normalised that the network was trained on, where that is known. */
  readonly normalize?: { readonly mean: readonly number[]; readonly std: readonly number[] } | undefined
  readonly remarks: readonly Remark[]
}

/** What is known of a network besides its shapes. */
export interface Facts extends HeadsKnown, Partial<Pick<NetworkWeights, 'layerNormEps'>> {}

const PATCH_EMBED = 'backbone.patch_embed.proj.weight'

/** How many numbers stand at `#` in names like `backbone.blocks.#.norm1.weight`. */
const count = (shapes: Shapes, before: string, after: string): number => {
  let found = 0
  while (shapes.has(`${before}${found}${after}`)) found += 1
  return found
}

/** The ratio of which the hidden features are the floor of its product with the width, as the networks here take it. */
const ratioOf = (hidden: number, width: number): number => {
  const ratio = hidden / width
  return Math.floor(width * ratio) === hidden ? ratio : (hidden + 0.5) / width
}

interface Sized<B> {
  readonly backbone: B
  readonly remarks: readonly Remark[]
}

/** The side of the official views; windows are laid out for it unless a network needs another. */
const VIEW = 224

/** Of which side images must be for windows of these sides, the last stage's last. */
const windowImage = (windows: readonly number[], patch: number, known: number | undefined): number | undefined => {
  const cell = patch * 2 ** (windows.length - 1)
  const [window, last] = [Math.max(...windows), windows[windows.length - 1]!]
  // A stage that is smaller than a window is one window of its own side.
  const needed = last < window || Math.floor(VIEW / cell) < window ? last * cell : undefined
  return known ?? needed
}

const swinHeads = (tables: readonly (readonly number[])[], { stated, known }: Facts): E.Either<string, readonly number[]> => {
  const heads = tables.map(([, count]) => count!)
  const told: readonly (readonly [string, unknown])[] = [
    ['--heads', stated],
    [known?.source ?? '', known?.heads],
  ]
  const wrong = told.find(([, said]) => said !== undefined && String(said) !== String(heads))
  return wrong === undefined
    ? E.right(heads)
    : E.left(`its stages have ${heads.join(', ')} heads, as the weights tell, and ${wrong[0]} says ${wrong[1]}`)
}

const swinSizes = (shapes: Shapes, patch: number, width: number, facts: Facts): E.Either<string, Sized<SwinSizes>> => {
  const stages = count(shapes, 'backbone.layers.', '.blocks.0.norm1.weight')
  const depths = Array.from({ length: stages }, (_, i) => count(shapes, `backbone.layers.${i}.blocks.`, '.norm1.weight'))
  const tables = depths.map((_, i) => shapes.get(`backbone.layers.${i}.blocks.0.attn.relative_position_bias_table`)?.shape ?? [])
  if (tables.some(({ length }) => length !== 2)) return E.left('its windows have no tables of relative positions')
  const windows = tables.map(([rows]) => (Math.sqrt(rows!) + 1) / 2)
  if (!windows.every(Number.isInteger)) return E.left('its windows are no squares')
  if (!shapes.has('backbone.patch_embed.norm.weight'))
    return E.left('its patches are not normalised (patch_norm), as here they are')
  const fc1 = shapes.get('backbone.layers.0.blocks.0.mlp.fc1.weight')?.shape[0] ?? width
  return pipe(
    swinHeads(tables, facts),
    E.map((heads) => ({
      backbone: {
        family: 'swin',
        patch,
        width,
        depths,
        heads,
        window: Math.max(...windows),
        mlpRatio: ratioOf(fc1, width),
        qkvBias: shapes.has('backbone.layers.0.blocks.0.attn.qkv.bias'),
        imageSize: windowImage(windows, patch, facts.known?.imageSize),
        qkScale: facts.known?.qkScale,
        layerNormEps: facts.layerNormEps?.value,
      },
      remarks: [],
    })),
  )
}

const vitSizes = (shapes: Shapes, patch: number, width: number, facts: Facts): E.Either<string, Sized<VitSizes>> => {
  const depth = count(shapes, 'backbone.blocks.', '.norm1.weight')
  const positions = shapes.get('backbone.pos_embed')?.shape[1]
  const fc1 = shapes.get('backbone.blocks.0.mlp.fc1.weight')?.shape[0]
  if (depth === 0 || fc1 === undefined) return E.left('it has no blocks of a vision transformer')
  const side = Math.sqrt((positions ?? 0) - 1)
  if (!Number.isInteger(side))
    return E.left(`its position table of ${positions ?? 0} tokens is not that of a square and a [CLS] token`)
  return pipe(
    headsOf(width, depth, facts),
    E.map(({ heads, reason, isGuess }) => ({
      backbone: {
        family: 'vit',
        patch,
        width,
        depth,
        heads,
        mlpRatio: ratioOf(fc1, width),
        qkvBias: shapes.has('backbone.blocks.0.attn.qkv.bias'),
        layerScale: shapes.has('backbone.blocks.0.gamma_1'),
        registers: shapes.get('backbone.register_tokens')?.shape[1] ?? 0,
        pooling: shapes.has('backbone.fc_norm.weight') ? 'mean' : 'cls',
        imageSize: side * patch,
        qkScale: facts.known?.qkScale,
        layerNormEps: facts.layerNormEps?.value,
      },
      remarks: [{ text: `${heads} attention ${heads === 1 ? 'head' : 'heads'}, ${reason}`, isGuess }],
    })),
  )
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

const epsRemark = ({ layerNormEps, known }: Facts): readonly Remark[] =>
  layerNormEps === undefined
    ? []
    : [
        {
          text: `layerNormEps ${layerNormEps.value.toExponential()}, ${layerNormEps.reason}`,
          isGuess: known?.layerNormEps === undefined,
        },
      ]

/** Those of ImageNet, which pipelines have by default. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
/** The mean of the three channels of these. */
const GREY = { mean: [0.449], std: [0.226] }

/** How the images of a network are normalised, if not as the official code does it. */
const normalizeOf = (channels: 1 | 3, { known }: Facts) => {
  const { mean, std, source } = known ?? {}
  if (mean?.length === channels && std?.length === channels) {
    if (String([mean, std]) === String([IMAGENET.mean, IMAGENET.std])) return undefined
    const text = `images normalised by mean ${mean.join(', ')} and std ${std.join(', ')}, as ${source} says`
    return { mean, std, remarks: [{ text, isGuess: false }] }
  }
  if (channels === 3) return undefined
  return { ...GREY, remarks: [{ text: 'grey images, normalised by the mean of ImageNet: 0.449 and std 0.226', isGuess: true }] }
}

/** The sizes of a backbone and, where it is there, of its head; or in half a sentence why they can't be told. */
export const sizesOf = (shapes: Shapes, facts: Facts = {}): E.Either<string, Sizes> => {
  const embed = shapes.get(PATCH_EMBED)?.shape ?? []
  const [width, channels, patch] = embed
  if (width === undefined || channels === undefined || patch === undefined || embed[3] !== patch)
    return E.left('it has no embedding of square patches')
  if (channels !== 1 && channels !== 3) return E.left(`it takes images of ${channels} channels, and here they have 1 or 3`)
  const normalize = normalizeOf(channels, facts)
  const sized: E.Either<string, Sized<VitSizes | SwinSizes>> = shapes.has('backbone.layers.0.blocks.0.norm1.weight')
    ? swinSizes(shapes, patch, width, facts)
    : vitSizes(shapes, patch, width, facts)
  return pipe(
    sized,
    E.map(({ backbone, remarks }) => ({
      channels,
      backbone,
      head: headSizes(shapes),
      ...(normalize === undefined ? {} : { normalize: { mean: normalize.mean, std: normalize.std } }),
      remarks: [...remarks, ...epsRemark(facts), ...(normalize?.remarks ?? [])],
    })),
  )
}
