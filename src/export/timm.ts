/** `timm`: a folder from which timm makes its own VisionTransformer, weights and all. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { failureOf } from '../engine/thrown'
import { compute } from '../evaluate/compute'
import type { Model } from '../evaluate/model'
import { writeAtomically } from '../io/files'
import type { VitArchitecture } from '../nn/architecture'
import { BACKBONE_EPS, epsOf } from '../nn/block'
import { TIMM } from '../nn/weightNames'
import type { AnyFormat } from './format'
import { checkVit, inexpressible } from './vit'
import { readWeights, timmLayout, writeWeights } from './weightFiles'

const WEIGHTS = 'model.safetensors'
/** timm's constructor of any vision transformer whose layers are these; the arguments say which. */
const ARCHITECTURE = 'vit_base_patch16_224'

/** The classes of a model with its head, which is a classifier; 0 of one without. */
const classesOf = ({ design, withHead }: Pick<Model, 'design' | 'withHead'>): number =>
  withHead ? (design.head.meaning.classes ?? 0) : 0

/** What timm's create_model reads: its configuration of pre-trained weights and the arguments of VisionTransformer. */
const configOf = ({ images, backbone, ...model }: Model, vit: VitArchitecture) => ({
  architecture: ARCHITECTURE,
  num_classes: classesOf(model),
  num_features: backbone.width,
  global_pool: vit.pooling === 'mean' ? 'avg' : 'token',
  model_args: {
    img_size: vit.imageSize,
    patch_size: vit.patch,
    in_chans: images.channels,
    embed_dim: vit.width,
    depth: vit.depth,
    num_heads: vit.heads,
    mlp_ratio: vit.mlpRatio,
    qkv_bias: vit.qkvBias,
    ...(vit.registers > 0 ? { reg_tokens: vit.registers } : {}),
    ...(vit.layerScale > 0 ? { init_values: vit.layerScale } : {}),
    num_classes: classesOf(model),
    global_pool: vit.pooling === 'mean' ? 'avg' : 'token',
  },
  pretrained_cfg: {
    input_size: [images.channels, ...images.size],
    mean: images.mean,
    std: images.std,
    interpolation: 'bicubic',
    crop_pct: 0.875,
    num_classes: classesOf(model),
    first_conv: 'patch_embed.proj',
    classifier: 'head',
  },
})

/** The ViT's parameters, if timm's can have them. */
const expressible = (model: Model): E.Either<Failure, VitArchitecture> =>
  pipe(
    checkVit(model, 'timm', TIMM, true),
    E.filterOrElse(
      ({ qkScale }) => qkScale === undefined,
      () => inexpressible('timm', "a qkScale of one's own"),
    ),
    E.filterOrElse(
      (vit) => epsOf(vit) === BACKBONE_EPS,
      () => inexpressible('timm', "a layerNormEps of one's own"),
    ),
  )

export const timm: AnyFormat = {
  path: ({ which, withHead }) => `${which}-timm${withHead ? '-with-head' : ''}`,
  isFolder: true,
  needsLibrary: false,
  write: (model, path) =>
    pipe(
      TE.fromEither(expressible(model)),
      TE.chainFirst((vit) => writeAtomically(join(path, 'config.json'), `${JSON.stringify(configOf(model, vit), null, 2)}\n`)),
      TE.chain((vit) => writeWeights(model, timmLayout(vit), join(path, WEIGHTS))),
    ),
  compute: (model, path, engine, images) =>
    pipe(
      TE.fromEither(expressible(model)),
      TE.chain((vit) => readWeights(model, timmLayout(vit), join(path, WEIGHTS))),
      TE.chain((weights) => TE.tryCatch(async () => [await compute(engine, model, weights, images)], failureOf)),
    ),
  usage: (_, path) => `timm.create_model(${JSON.stringify(`local-dir:${path}`)}, pretrained=True)`,
}
