/**
 * What others call the weights of vision and Swin transformers: timm and Hugging Face's transformers, next to the names of the
 * official checkpoints, which are the ones used here. Both ways: weights are read and written by the same tables.
 *
 * `#` stands for a number (a block's, a stage's) and `*` for `weight` or `bias`. Some hold in several tensors, stacked along the first
 * axis, what others hold in one.
 */

/** Official names, each with those of the other library; a list where it keeps the parts by themselves. */
export type NameTable = Readonly<Record<string, string | readonly string[]>>

/**
 * timm's VisionTransformer. With `global_pool='avg'` its last norm is `fc_norm`, as here with `pooling: mean`. With register
 * tokens its `pos_embed` has rows for them too, behind that of [CLS].
 */
export const TIMM: NameTable = {
  cls_token: 'cls_token',
  register_tokens: 'reg_token',
  pos_embed: 'pos_embed',
  'patch_embed.proj.*': 'patch_embed.proj.*',
  'blocks.#.gamma_1': 'blocks.#.ls1.gamma',
  'blocks.#.gamma_2': 'blocks.#.ls2.gamma',
  'blocks.#.norm1.*': 'blocks.#.norm1.*',
  'blocks.#.attn.qkv.*': 'blocks.#.attn.qkv.*',
  'blocks.#.attn.proj.*': 'blocks.#.attn.proj.*',
  'blocks.#.norm2.*': 'blocks.#.norm2.*',
  'blocks.#.mlp.fc1.*': 'blocks.#.mlp.fc1.*',
  'blocks.#.mlp.fc2.*': 'blocks.#.mlp.fc2.*',
  'norm.*': 'norm.*',
  'fc_norm.*': 'fc_norm.*',
}

const QKV = ['query', 'key', 'value'].map((part) => `encoder.layer.#.attention.attention.${part}.*`)

/** What Hugging Face's vision transformers have in common. */
const HUGGING_FACE_VITS: NameTable = {
  cls_token: 'embeddings.cls_token',
  pos_embed: 'embeddings.position_embeddings',
  'patch_embed.proj.*': 'embeddings.patch_embeddings.projection.*',
  'blocks.#.attn.qkv.*': QKV,
  'blocks.#.attn.proj.*': 'encoder.layer.#.attention.output.dense.*',
  'norm.*': 'layernorm.*',
}

/** Hugging Face's ViTModel, which has neither LayerScale nor a norm after the mean. */
export const HUGGING_FACE: NameTable = {
  ...HUGGING_FACE_VITS,
  'blocks.#.norm1.*': 'encoder.layer.#.layernorm_before.*',
  'blocks.#.norm2.*': 'encoder.layer.#.layernorm_after.*',
  'blocks.#.mlp.fc1.*': 'encoder.layer.#.intermediate.dense.*',
  'blocks.#.mlp.fc2.*': 'encoder.layer.#.output.dense.*',
}

/** Hugging Face's Dinov2Model, and Dinov2WithRegistersModel. */
export const HUGGING_FACE_DINOV2: NameTable = {
  ...HUGGING_FACE_VITS,
  masked_embed: 'embeddings.mask_token',
  register_tokens: 'embeddings.register_tokens',
  'blocks.#.gamma_1': 'encoder.layer.#.layer_scale1.lambda1',
  'blocks.#.gamma_2': 'encoder.layer.#.layer_scale2.lambda1',
  'blocks.#.norm1.*': 'encoder.layer.#.norm1.*',
  'blocks.#.norm2.*': 'encoder.layer.#.norm2.*',
  'blocks.#.mlp.fc1.*': 'encoder.layer.#.mlp.fc1.*',
  'blocks.#.mlp.fc2.*': 'encoder.layer.#.mlp.fc2.*',
}

/**
 * The official name of a weight of timm's SwinTransformer, whose names are the official ones but for this: its stages begin
 * with the merging of patches that here ends the stage before.
 */
export const timmSwinName = (name: string): string =>
  name.replace(/^layers\.(\d+)\.downsample\./, (_, stage: string) => `layers.${Number(stage) - 1}.downsample.`)

const SWIN_BLOCK = 'encoder.layers.#.blocks.#'

/** Hugging Face's SwinModel. */
export const HUGGING_FACE_SWIN: NameTable = {
  'patch_embed.proj.*': 'embeddings.patch_embeddings.projection.*',
  'patch_embed.norm.*': 'embeddings.norm.*',
  'layers.#.blocks.#.norm1.*': `${SWIN_BLOCK}.layernorm_before.*`,
  'layers.#.blocks.#.attn.qkv.*': ['query', 'key', 'value'].map((part) => `${SWIN_BLOCK}.attention.self.${part}.*`),
  'layers.#.blocks.#.attn.relative_position_bias_table': `${SWIN_BLOCK}.attention.self.relative_position_bias_table`,
  'layers.#.blocks.#.attn.proj.*': `${SWIN_BLOCK}.attention.output.dense.*`,
  'layers.#.blocks.#.norm2.*': `${SWIN_BLOCK}.layernorm_after.*`,
  'layers.#.blocks.#.mlp.fc1.*': `${SWIN_BLOCK}.intermediate.dense.*`,
  'layers.#.blocks.#.mlp.fc2.*': `${SWIN_BLOCK}.output.dense.*`,
  'layers.#.downsample.norm.*': 'encoder.layers.#.downsample.norm.*',
  'layers.#.downsample.reduction.*': 'encoder.layers.#.downsample.reduction.*',
  'norm.*': 'layernorm.*',
}

/** What `#` and `*` stand for in a name. */
interface Filled {
  readonly pattern: string
  readonly numbers: readonly string[]
  readonly parameter: string
}

const patternOf = (name: string): Filled => {
  const numbers = name.match(/(?<=\.)\d+(?=\.)/g) ?? []
  const parameter = /(?<=\.)(weight|bias)$/.exec(name)?.[0] ?? ''
  const pattern = name.replace(/(?<=\.)\d+(?=\.)/g, '#').replace(/(?<=\.)(weight|bias)$/, '*')
  return { pattern, numbers, parameter }
}
const filled = (pattern: string, { numbers, parameter }: Filled): string =>
  numbers.reduce((text, number) => text.replace('#', number), pattern).replace('*', parameter)

/** The names under which the other library keeps an official weight, in the order of its parts; undefined if it has none. */
export const theirNames = (table: NameTable, official: string): readonly string[] | undefined => {
  const found = patternOf(official)
  const theirs = table[found.pattern]
  return theirs === undefined ? undefined : [theirs].flat().map((pattern) => filled(pattern, found))
}

/** A weight by its official name: which of how many parts another library's tensor is. */
export interface OfficialPart {
  readonly name: string
  readonly part: number
  readonly parts: number
}

/** Which official weight another library's tensor is, or is a part of; undefined if none. */
export const officialPart = (table: NameTable, theirs: string): OfficialPart | undefined => {
  const found = patternOf(theirs)
  for (const [official, patterns] of Object.entries(table)) {
    const all = [patterns].flat()
    const part = all.indexOf(found.pattern)
    if (part >= 0) return { name: filled(official, found), part, parts: all.length }
  }
  return undefined
}
