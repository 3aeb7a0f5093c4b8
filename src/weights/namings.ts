/** Whose names the weights of a backbone have, by which every one of them is found. */
import {
  HUGGING_FACE,
  HUGGING_FACE_DINOV2,
  HUGGING_FACE_SWIN,
  type NameTable,
  type OfficialPart,
  officialPart,
  timmSwinName,
} from '../nn/weightNames'
import {
  HUGGING_FACE_EXTRAS,
  huggingFaceDinov2Name,
  huggingFaceName,
  huggingFaceSwinName,
  OPENMMLAB,
  openmmlabName,
  SWIN,
  TORCHVISION,
  torchvisionName,
  torchvisionSwinName,
  VIT,
} from './tables'

export type Library = 'official' | 'timm' | 'DINOv2' | 'Hugging Face' | 'torchvision' | 'OpenMMLab'

export interface Naming {
  readonly library: Library
  readonly kind: 'vit' | 'swin'
  /** Which official weight a name stands for; undefined if none. */
  readonly rename: (name: string) => OfficialPart | undefined
  /** Whether a name is that of a part of the backbone, known or not. */
  readonly isInside: (name: string) => boolean
  /** Epsilon of the layer normalisations, where nothing else tells it; undefined for that of the official code. */
  readonly layerNormEps?: number
}

type Rewrite = (name: string) => string
const same: Rewrite = (name) => name

const byTables =
  (tables: readonly NameTable[], rewrite: Rewrite): Naming['rename'] =>
  (name) => {
    const rewritten = rewrite(name)
    for (const table of tables) {
      const found = officialPart(table, rewritten)
      if (found !== undefined) return found
    }
    return undefined
  }

const naming = (
  library: Library,
  kind: Naming['kind'],
  tables: readonly NameTable[],
  rewrite: Rewrite = same,
  layerNormEps?: number,
): Naming => {
  // Modules with weights of the backbone: whatever is in them belongs to it. A weight of the backbone itself has no dot.
  const modules = new Set(
    tables.flatMap((table) => Object.values(table).flat()).flatMap((name) => /^(\w+)\./.exec(name)?.[1] ?? []),
  )
  return {
    library,
    kind,
    rename: byTables(tables, rewrite),
    isInside: (name) => modules.has(rewrite(name).split('.')[0]!),
    ...(layerNormEps === undefined ? {} : { layerNormEps }),
  }
}

/** What Microsoft's, timm's, torchvision's and Hugging Face's Swin transformers take, torch's default. */
const SWIN_EPS = 1e-5
/** What Hugging Face's ViTConfig has by default. */
const HUGGING_FACE_EPS = 1e-12

const CHUNKED = /^blocks\.(\d+)\.(\d+)\./

/** The numbers of blocks that stand in chunks, as DINOv2 keeps them for FSDP: each by its own number or by its place in the chunk. */
const unchunked = (names: readonly string[]): Rewrite => {
  const found = [...new Set(names.flatMap((name) => CHUNKED.exec(name)?.[0] ?? []))]
  if (found.length === 0) return same
  const places = found
    .map((start) => CHUNKED.exec(start)!)
    .map(([start, chunk, block]) => ({ start, chunk: Number(chunk), block: Number(block) }))
    .sort((a, b) => a.chunk - b.chunk || a.block - b.block)
  const isNumbered = new Set(places.map(({ block }) => block)).size === places.length
  const numbers = new Map(places.map(({ start, block }, i) => [start, isNumbered ? block : i]))
  return (name) => name.replace(CHUNKED, (start) => `blocks.${numbers.get(start)}.`)
}

const has = (names: readonly string[], pattern: RegExp): boolean => names.some((name) => pattern.test(name))

/** The name of a backbone's first weight, and whose names the others then have. */
const ANCHORS: readonly (readonly [anchor: string, of: (names: readonly string[]) => Naming])[] = [
  [
    'embeddings.patch_embeddings.projection.weight',
    (names) => {
      if (has(names, /^encoder\.layers\./))
        return naming('Hugging Face', 'swin', [HUGGING_FACE_SWIN, HUGGING_FACE_EXTRAS], huggingFaceSwinName, SWIN_EPS)
      return has(names, /^(?:encoder\.layer|layers)\.\d+\.(?:norm1|layer_scale1)\./)
        ? naming('Hugging Face', 'vit', [HUGGING_FACE_DINOV2], huggingFaceDinov2Name)
        : naming('Hugging Face', 'vit', [HUGGING_FACE, HUGGING_FACE_EXTRAS], huggingFaceName, HUGGING_FACE_EPS)
    },
  ],
  [
    'patch_embed.proj.weight',
    (names) => {
      if (has(names, /^layers\.\d+\.blocks\./)) {
        const isTimm = has(names, /^layers\.\d+\.downsample\./) && !has(names, /^layers\.0\.downsample\./)
        if (isTimm) return naming('timm', 'swin', SWIN, timmSwinName, SWIN_EPS)
        // Microsoft's have the names of the official code, and a classifier.
        return naming('official', 'swin', SWIN, same, has(names, /^head\.(?:fc\.)?weight$/) ? SWIN_EPS : undefined)
      }
      const isScaled = has(names, /\.ls1\.gamma$/)
      const isTimm = has(names, /^(?:reg_token|dist_token)$/) || (isScaled && !has(names, /^(?:register_tokens|mask_token)$/))
      return naming(isTimm ? 'timm' : isScaled ? 'DINOv2' : 'official', 'vit', VIT, unchunked(names))
    },
  ],
  ['conv_proj.weight', () => naming('torchvision', 'vit', [TORCHVISION], torchvisionName)],
  ['features.0.0.weight', () => naming('torchvision', 'swin', SWIN, torchvisionSwinName, SWIN_EPS)],
  ['patch_embed.projection.weight', () => naming('OpenMMLab', 'vit', [OPENMMLAB], openmmlabName)],
]

/** What stands before the name of a backbone's first weight, if this is one: '' or 'teacher.backbone.'. */
export const prefixOf = (name: string): string | undefined => {
  for (const [anchor] of ANCHORS)
    if (name === anchor || name.endsWith(`.${anchor}`)) return name.slice(0, name.length - anchor.length)
  return undefined
}

/** Whose names those of a backbone are, told without what stands before them. */
export const namingOf = (names: readonly string[]): Naming => ANCHORS.find(([anchor]) => names.includes(anchor))![1](names)
