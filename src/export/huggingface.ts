/** `huggingface`: a folder that Hugging Face's transformers load: ViTModel's weights for Python, ONNX for JavaScript. */
import { basename, dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { failureOf } from '../engine/thrown'
import { compute } from '../evaluate/compute'
import type { Model } from '../evaluate/model'
import { makeFolder, writeAtomically } from '../io/files'
import type { VitArchitecture } from '../nn/architecture'
import { epsOf } from '../nn/block'
import { HUGGING_FACE } from '../nn/weightNames'
import type { AnyFormat } from './format'
import { writeOnnx } from './onnx/format'
import { runOnnx } from './onnx/run'
import { checkVit, inexpressible } from './vit'
import { namedBy, readWeights, writeWeights } from './weightFiles'

const LIBRARY = "Hugging Face's ViTModel"
const WEIGHTS = 'model.safetensors'
const ONNX = join('onnx', 'model.onnx')

/** transformers.ViTConfig. */
const configOf = ({ images }: Model, vit: VitArchitecture) => ({
  model_type: 'vit',
  architectures: ['ViTModel'],
  torch_dtype: 'float32',
  hidden_size: vit.width,
  num_hidden_layers: vit.depth,
  num_attention_heads: vit.heads,
  intermediate_size: Math.floor(vit.width * vit.mlpRatio),
  hidden_act: 'gelu',
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: epsOf(vit),
  image_size: images.size[0],
  patch_size: vit.patch,
  num_channels: images.channels,
  qkv_bias: vit.qkvBias,
})

/** transformers.BitImageProcessor: the shorter side to 8/7 of the size, and the middle of that, as ImageNet is evaluated. */
const preprocessorOf = ({ images: { size, channels, mean, std } }: Model) => ({
  image_processor_type: 'BitImageProcessor',
  do_convert_rgb: channels === 3,
  do_resize: true,
  size: { shortest_edge: Math.round((size[0] * 8) / 7) },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: size[0], width: size[1] },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: mean,
  image_std: std,
})

/** What ViTModel can't have besides weights that it has no name for, and whether a network has it. */
const LACKS: readonly (readonly [what: string, has: (vit: VitArchitecture, model: Model) => boolean])[] = [
  ["a qkScale of one's own", ({ qkScale }) => qkScale !== undefined],
  ['positions for images of another size', ({ imageSize }, { images }) => imageSize !== images.size[0]],
]

const expressible = (model: Model): E.Either<Failure, VitArchitecture> =>
  pipe(
    checkVit(model, LIBRARY, HUGGING_FACE),
    E.chain((vit) => {
      const lacking = LACKS.find(([, has]) => has(vit, model))
      return lacking === undefined ? E.right(vit) : E.left(inexpressible(LIBRARY, lacking[0]))
    }),
  )

const writeJson = (path: string, value: unknown): TE.TaskEither<Failure, void> =>
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`)

export const huggingface: AnyFormat = {
  path: ({ which }) => `${which}-huggingface`,
  isFolder: true,
  needsLibrary: false,
  write: (model, path) =>
    pipe(
      TE.fromEither(expressible(model)),
      TE.chain((vit) => writeJson(join(path, 'config.json'), configOf(model, vit))),
      TE.chain(() => writeJson(join(path, 'preprocessor_config.json'), preprocessorOf(model))),
      TE.chain(() => writeWeights(model, namedBy(HUGGING_FACE), join(path, WEIGHTS))),
      TE.chain(() => makeFolder(join(path, 'onnx'))),
      TE.chain(() => writeOnnx(model, join(path, ONNX))),
    ),
  compute: (model, path, engine, images) =>
    pipe(
      readWeights(model, namedBy(HUGGING_FACE), join(path, WEIGHTS)),
      TE.chain((weights) => TE.tryCatch(() => compute(engine, model, weights, images), failureOf)),
      TE.bindTo('weights'),
      TE.bind('onnx', () => runOnnx(join(path, ONNX), images)),
      TE.map(({ weights, onnx }) => [weights, onnx]),
    ),
  usage: (_, path) =>
    `env.localModelPath = ${JSON.stringify(dirname(path))}; await pipeline('image-feature-extraction', ${JSON.stringify(basename(path))}, { dtype: 'fp32' })`,
}
