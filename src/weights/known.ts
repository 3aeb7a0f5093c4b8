/**
 * What shapes of weights don't tell of a network: its attention heads, the epsilon of its normalisations, how its images are
 * normalised. It stands in the metadata of ibot's own files, and in the `config.json` that Hugging Face and timm keep beside theirs.
 */
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'

export interface Known {
  /** Where it stands, in words. */
  readonly source: string
  /** One number, or one for each stage of a Swin transformer. */
  readonly heads?: number | readonly number[] | undefined
  readonly qkScale?: number | undefined
  readonly layerNormEps?: number | undefined
  /** Side in pixels of the images. */
  readonly imageSize?: number | undefined
  readonly mean?: readonly number[] | undefined
  readonly std?: readonly number[] | undefined
  /** What the shapes tell too: a file that says otherwise is another network's. */
  readonly width?: number | undefined
  readonly depth?: number | undefined
  readonly patch?: number | undefined
  /** What no network here computes, in words. */
  readonly unsupported?: string | undefined
}

const Size = t.union([t.number, t.array(t.number)])
const Numbers = t.union([t.number, t.array(t.number)])

/** transformers.ViTConfig and those like it. */
const HuggingFace = t.partial({
  hidden_size: t.number,
  embed_dim: t.number,
  num_hidden_layers: t.number,
  depths: t.array(t.number),
  num_attention_heads: t.number,
  num_heads: t.array(t.number),
  image_size: Size,
  patch_size: Size,
  layer_norm_eps: t.number,
  hidden_act: t.string,
})

/** The arguments of timm's models; what is fixed by the architecture alone is missing. */
const Timm = t.intersection([
  t.type({ architecture: t.string }),
  t.partial({
    model_args: t.partial({
      num_heads: Numbers,
      embed_dim: t.number,
      depth: t.number,
      img_size: Size,
      patch_size: Size,
      act_layer: t.unknown,
      qk_norm: t.boolean,
    }),
    pretrained_cfg: t.partial({ mean: t.array(t.number), std: t.array(t.number), input_size: t.array(t.number) }),
  }),
])

/** A side, where both are the same. */
const sideOf = (size: number | readonly number[] | undefined): number | undefined =>
  typeof size === 'number' ? size : size?.every((one) => one === size[0]) ? size[0] : undefined

/** Names of the exact GELU, the only activation of a backbone here. */
const GELU: readonly unknown[] = ['gelu', 'gelu_python', 'GELU', undefined, null]
const activation = (name: unknown): Pick<Known, 'unsupported'> =>
  GELU.includes(name) ? {} : { unsupported: `the activation ${JSON.stringify(name)}, not the exact GELU` }

const huggingFace = (config: t.TypeOf<typeof HuggingFace>, source: string): Known => ({
  source,
  // Swin's hidden_size is the width of its last stage.
  width: config.embed_dim ?? config.hidden_size,
  depth: config.depths === undefined ? config.num_hidden_layers : undefined,
  heads: config.num_heads ?? config.num_attention_heads,
  imageSize: sideOf(config.image_size),
  patch: sideOf(config.patch_size),
  layerNormEps: config.layer_norm_eps,
  ...activation(config.hidden_act),
})

const timm = ({ model_args: args = {}, pretrained_cfg: cfg = {} }: t.TypeOf<typeof Timm>, source: string): Known => ({
  source,
  width: args.embed_dim,
  depth: args.depth,
  heads: args.num_heads,
  imageSize: sideOf(args.img_size) ?? sideOf(cfg.input_size?.slice(1)),
  patch: sideOf(args.patch_size),
  mean: cfg.mean,
  std: cfg.std,
  ...activation(args.act_layer),
})

/** What a `config.json` says; undefined where it is no network's. */
export const knownOfConfig = (json: unknown, source: string): Known | undefined => {
  const isTimm = Timm.decode(json)
  if (E.isRight(isTimm)) return timm(isTimm.right, source)
  const config = HuggingFace.decode(
    typeof json === 'object' && json !== null && 'vision_config' in json ? json.vision_config : json,
  )
  if (E.isLeft(config)) return undefined
  const { hidden_size, embed_dim, num_attention_heads, num_heads } = config.right
  return (hidden_size ?? embed_dim) === undefined || (num_attention_heads ?? num_heads) === undefined
    ? undefined
    : huggingFace(config.right, source)
}

/** How images are normalised: Hugging Face's `preprocessor_config.json`. */
const Preprocessor = t.type({ image_mean: t.array(t.number), image_std: t.array(t.number) })

/** What ibot's own files say of themselves. */
const Own = t.partial({
  heads: Numbers,
  qkScale: t.number,
  layerNormEps: t.number,
  imageSize: t.number,
  width: t.number,
  depth: t.number,
  patch: t.number,
})
/** So did those of version 0.1: the backbone's op and its fields. */
const Op = t.record(t.string, Own)
const Images = t.partial({ size: t.array(t.number), mean: t.array(t.number), std: t.array(t.number) })

/** The value of a text in JSON, without what is null in it; undefined where it is none. */
const json = (text: string | undefined): unknown =>
  text === undefined
    ? undefined
    : pipe(
        E.tryCatch(
          () => JSON.parse(text, (_, value) => value ?? undefined) as unknown,
          () => undefined,
        ),
        E.getOrElse<unknown, unknown>(() => undefined),
      )

export const knownOfMetadata = (metadata: Readonly<Record<string, string>>): Known | undefined => {
  const architecture = Own.decode(json(metadata.architecture))
  const op = Op.decode(json(metadata.backbone))
  const fields = E.isRight(architecture) ? architecture.right : E.isRight(op) ? Object.values(op.right)[0] : undefined
  if (fields === undefined) return undefined
  const images = Images.decode(json(metadata.images))
  const { mean, std, size } = E.isRight(images) ? images.right : {}
  const { heads, qkScale, layerNormEps, imageSize, width, depth, patch } = fields
  return {
    source: 'its metadata',
    heads,
    qkScale,
    layerNormEps,
    imageSize: imageSize ?? sideOf(size),
    width,
    depth,
    patch,
    mean,
    std,
  }
}

/** More than any configuration takes. */
const LONGEST = 2 ** 20

const jsonBeside = async (file: string, name: string): Promise<unknown> => {
  const path = join(dirname(file), name)
  try {
    const found = await stat(path)
    return found.isFile() && found.size <= LONGEST ? json(await readFile(path, 'utf8')) : undefined
  } catch {
    return undefined
  }
}

/** What is known of the network in a file, from its metadata or else from the configuration beside it. */
export const knownOf = async (file: string, metadata: Readonly<Record<string, string>>): Promise<Known | undefined> => {
  const own = knownOfMetadata(metadata)
  if (own !== undefined) return own
  const config = knownOfConfig(await jsonBeside(file, 'config.json'), 'config.json')
  if (config === undefined || config.mean !== undefined) return config
  const images = Preprocessor.decode(await jsonBeside(file, 'preprocessor_config.json'))
  return E.isLeft(images) ? config : { ...config, mean: images.right.image_mean, std: images.right.image_std }
}
