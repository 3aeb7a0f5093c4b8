/** Names that weights are read by and never written: of OpenMMLab, torchvision, and what official names have besides (src/nn/weightNames.ts). */
import { HUGGING_FACE_SWIN, type NameTable, TIMM } from '../nn/weightNames'

/** What stands before the patches besides [CLS]: DeiT's token of the teacher, and timm's registers. `prefixTokens` makes them registers. */
export const DIST_TOKEN = 'dist_token'
export const REG_TOKEN = 'reg_token'

const identity = (names: readonly string[]): NameTable => Object.fromEntries(names.map((name) => [name, name]))

/** A vision transformer of the official code, of timm, DINO, DeiT, MAE, MoCo v3 or DINOv2. */
export const VIT: readonly NameTable[] = [
  // timm's registers have their own place, since they may have positions.
  identity(['masked_embed', 'register_tokens', REG_TOKEN, DIST_TOKEN, 'blocks.#.gamma_1', 'blocks.#.gamma_2']),
  TIMM,
  { masked_embed: 'mask_token' },
]

/** A Swin transformer of the official code, of Microsoft or timm. */
export const SWIN: readonly NameTable[] = [
  identity([...Object.keys(HUGGING_FACE_SWIN), 'masked_embed']),
  { masked_embed: 'mask_token' },
]

/** What Hugging Face's models may have besides. */
export const HUGGING_FACE_EXTRAS: NameTable = {
  masked_embed: 'embeddings.mask_token',
  [DIST_TOKEN]: 'embeddings.distillation_token',
}

/** Hugging Face's names since transformers 5, as it has them in memory, in the form in which it saves them. */
const savedName = (name: string): string =>
  name
    .replace(/^layers\.(\d+)\./, 'encoder.layer.$1.')
    .replace(/\.attention\.o_proj\./, '.attention.output.dense.')
    .replace(/\.attention\.relative_position_bias\.(?=relative_position_bias_table$)/, '.attention.self.')

const PROJECTIONS: Readonly<Record<string, string>> = { q: 'query', k: 'key', v: 'value' }
const projectedName = (name: string, module: string): string =>
  name.replace(/\.attention\.([qkv])_proj\./, (_, letter: string) => `.attention.${module}.${PROJECTIONS[letter]}.`)
const mlpName = (name: string): string =>
  name.replace(/\.mlp\.fc1\./, '.intermediate.dense.').replace(/\.mlp\.fc2\./, '.output.dense.')

export const huggingFaceDinov2Name = (name: string): string => projectedName(savedName(name), 'attention')
export const huggingFaceName = (name: string): string => mlpName(huggingFaceDinov2Name(name))
export const huggingFaceSwinName = (name: string): string => mlpName(projectedName(savedName(name), 'self'))

/** torchvision's VisionTransformer, after `torchvisionName`. */
export const TORCHVISION: NameTable = {
  cls_token: 'class_token',
  pos_embed: 'encoder.pos_embedding',
  'patch_embed.proj.*': 'conv_proj.*',
  'blocks.#.norm1.*': 'encoder.layers.#.ln_1.*',
  'blocks.#.attn.qkv.weight': 'encoder.layers.#.self_attention.in_proj_weight',
  'blocks.#.attn.qkv.bias': 'encoder.layers.#.self_attention.in_proj_bias',
  'blocks.#.attn.proj.*': 'encoder.layers.#.self_attention.out_proj.*',
  'blocks.#.norm2.*': 'encoder.layers.#.ln_2.*',
  'blocks.#.mlp.fc1.*': 'encoder.layers.#.mlp.fc1.*',
  'blocks.#.mlp.fc2.*': 'encoder.layers.#.mlp.fc2.*',
  'norm.*': 'encoder.ln.*',
}

/** torchvision numbers the layers of an MLP by their place, before 0.14 by `linear_`, and joins a block's number to its name. */
export const torchvisionName = (name: string): string =>
  name
    .replace(/^encoder\.layers\.encoder_layer_(\d+)\./, 'encoder.layers.$1.')
    .replace(/\.mlp\.(?:0|linear_1)\./, '.mlp.fc1.')
    .replace(/\.mlp\.(?:3|linear_2)\./, '.mlp.fc2.')

/** torchvision's SwinTransformer: `features` are the patches, then stages and the merging of patches in turn. */
export const torchvisionSwinName = (name: string): string =>
  torchvisionName(name)
    .replace(/^features\.0\.0\./, 'patch_embed.proj.')
    .replace(/^features\.0\.2\./, 'patch_embed.norm.')
    .replace(/^features\.(\d+)\./, (_, at: string) => {
      const [stage, isMerging] = [Math.floor((Number(at) - 1) / 2), Number(at) % 2 === 0]
      return isMerging ? `layers.${stage}.downsample.` : `layers.${stage}.blocks.`
    })

/** VisionTransformer of OpenMMLab's mmpretrain, after `openmmlabName`. */
export const OPENMMLAB: NameTable = {
  ...identity(['cls_token', 'pos_embed', DIST_TOKEN]),
  'patch_embed.proj.*': 'patch_embed.projection.*',
  'blocks.#.gamma_1': 'layers.#.attn.gamma1.*',
  'blocks.#.gamma_2': 'layers.#.ffn.gamma2.*',
  'blocks.#.norm1.*': 'layers.#.ln1.*',
  'blocks.#.attn.qkv.*': 'layers.#.attn.qkv.*',
  'blocks.#.attn.proj.*': 'layers.#.attn.proj.*',
  'blocks.#.norm2.*': 'layers.#.ln2.*',
  'blocks.#.mlp.fc1.*': 'layers.#.ffn.fc1.*',
  'blocks.#.mlp.fc2.*': 'layers.#.ffn.fc2.*',
  'norm.*': 'ln1.*',
}

export const openmmlabName = (name: string): string =>
  name.replace(/\.ffn\.layers\.0\.0\./, '.ffn.fc1.').replace(/\.ffn\.layers\.1\./, '.ffn.fc2.')
