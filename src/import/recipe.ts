/** A run of the official code as a pipeline, made with the same constructors that anyone would use. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { meaningOf } from '../dsl/meaning'
import { type Plan, pipeline } from '../dsl/plan'
import { BACKBONE_EPS } from '../nn/block'
import {
  adamw,
  block,
  center,
  checkpoint,
  clsDistillation,
  colorJitter,
  constant,
  cosine,
  dataset,
  emaTeacher,
  gaussianBlur,
  grayscale,
  horizontalFlip,
  imageFolder,
  initialWeights,
  lars,
  linear,
  maskedImageModeling,
  masking,
  mixture,
  none,
  piecewise,
  projectionHead,
  random,
  randomResizedCrop,
  scaledByBatch,
  separate,
  sgd,
  shared,
  sharpen,
  solarize,
  startingAt,
  swin,
  train,
  views,
  vit,
} from '../ops/all'
import { SWIN_SIZES, type SwinSize, VIT_SIZES, type VitSize } from '../ops/backbone/sizes'
import { type Mask, mask, mostOf } from '../ops/mask/kind'
import { registry } from '../ops/registry'
import type { Duration } from '../ops/schedule/kind'
import { gridOf } from '../program/masked'
import type { OfficialArgs } from './officialArgs'
import type { OptimizerNumbers } from './optimizer'
import { type Ratios, ratiosOf } from './ratios'
import type { HeadSizes, Sizes, SwinSizes, VitSizes } from './sizesOf'

/** Sizes by the names of the official networks. */
const named = <A>(family: string, sizes: Readonly<Record<string, A>>): ReadonlyMap<string, A> =>
  new Map(Object.entries(sizes).map(([name, size]) => [`${family}_${name}`, size]))
const VITS = named<VitSize>('vit', VIT_SIZES)
const SWINS = named<SwinSize>('swin', SWIN_SIZES)

const epochs = (count: number): Duration => `${count} epochs`
const archOf = ({ arch }: OfficialArgs): string => arch.replace('deit', 'vit')

/** Sizes of the network that the arguments name; of a checkpoint they are read off its weights instead. */
export const sizesOfArgs = (args: OfficialArgs): E.Either<string, Sizes> => {
  const arch = archOf(args)
  const vitSize = VITS.get(arch)
  const swinSize = SWINS.get(arch)
  if (vitSize === undefined && swinSize === undefined)
    return E.left(`the network ${args.arch} is not one that is built here: ${[...VITS.keys(), ...SWINS.keys()].join(', ')} are`)
  const backbone: VitSizes | SwinSizes =
    vitSize !== undefined
      ? {
          family: 'vit',
          patch: args.patch_size,
          width: vitSize.width,
          depth: vitSize.depth,
          heads: vitSize.heads,
          mlpRatio: 4,
          qkvBias: true,
          layerScale: false,
          registers: 0,
          pooling: 'cls',
          imageSize: 224,
        }
      : {
          family: 'swin',
          patch: 4,
          width: swinSize!.width,
          depths: swinSize!.depths,
          heads: swinSize!.heads,
          window: args.window_size,
          mlpRatio: 4,
          qkvBias: true,
        }
  const norm = ({ bn: 'batch', ln: 'layer' } as const)[args.norm_in_head ?? ''] ?? 'none'
  const head: HeadSizes = { layers: 3, hidden: 2048, bottleneck: 256, cls: args.out_dim, patch: args.patch_out_dim, norm }
  return E.right({ channels: 3, backbone, head, remarks: [] })
}

/** Pixels along a side of what one token stands for. */
const cellOf = ({ patch, ...backbone }: VitSizes | SwinSizes): number =>
  'depths' in backbone ? patch * 2 ** (backbone.depths.length - 1) : patch

/** Sides of the views in the official code, in pixels. */
const OFFICIAL = { global: 224, local: 96 }

/** Sides of the views in pixels: those of the official code, where patches fit into them; in proportion for a network of smaller images. */
const viewSizes = (backbone: VitSizes | SwinSizes) => {
  const cell = cellOf(backbone)
  const { imageSize = OFFICIAL.global } = backbone
  const share = Math.min(1, imageSize / OFFICIAL.global)
  const near = (size: number): number => Math.max(1, Math.round((size * share) / cell)) * cell
  return { global: near(OFFICIAL.global), local: near(OFFICIAL.local) }
}

const viewsOf = (args: OfficialArgs, { backbone, normalize }: Sizes) => {
  const { global, local } = viewSizes(backbone)
  const crop = (size: number, scale: readonly [number, number]) => randomResizedCrop({ size, scale })
  const colours = [
    horizontalFlip({ p: 0.5 }),
    colorJitter({ p: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }),
    grayscale({ p: 0.2 }),
  ]
  const more = args.global_crops_number - 1
  return views({
    global: [
      { times: 1, augment: [crop(global, args.global_crops_scale), ...colours, gaussianBlur({})] },
      ...(more > 0
        ? [
            {
              times: more,
              augment: [crop(global, args.global_crops_scale), ...colours, gaussianBlur({ p: 0.1 }), solarize({ p: 0.2 })],
            },
          ]
        : []),
    ],
    local:
      args.local_crops_number > 0
        ? [
            {
              times: args.local_crops_number,
              augment: [crop(local, args.local_crops_scale), ...colours, gaussianBlur({ p: 0.5 })],
            },
          ]
        : [],
    ...(normalize === undefined ? {} : { normalize }),
  })
}

const maskOf = ({ pred_shape, pred_start_epoch }: OfficialArgs, ratios: Ratios) => {
  const kind = pred_shape === 'rand' ? random : block
  const masks = ratios.map(([low, high]) => (high === 0 ? none() : kind({ ratio: low === high ? low : [low, high] })))
  const mask = masks.length === 1 ? masks[0]! : mixture(masks)
  return pred_start_epoch > 0 ? startingAt({ epoch: pred_start_epoch, mask }) : mask
}

/** Whether the masks of the official loader ever hide a patch; when they begin doesn't matter. */
const hides = (args: OfficialArgs, { backbone }: Sizes): boolean => {
  const ratios = ratiosOf(args)
  if (E.isLeft(ratios)) return true
  const [side, cell] = [viewSizes(backbone).global, cellOf(backbone)]
  const meant = meaningOf(registry, mask, maskOf({ ...args, pred_start_epoch: 0 }, ratios.right)) as Mask
  return mostOf(meant, gridOf([side, side], cell), Number.POSITIVE_INFINITY) > 0
}

/** Fields without those that are left as they are by default. */
const given = <A extends object>(fields: A): { [K in keyof A]: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof A]: Exclude<A[K], undefined>
  }

const backboneOf = (args: OfficialArgs, { backbone }: Sizes) => {
  const global = viewSizes(backbone).global
  const imageSize = backbone.imageSize === global ? undefined : backbone.imageSize
  const layerNormEps = backbone.layerNormEps === BACKBONE_EPS ? undefined : backbone.layerNormEps
  if (backbone.family === 'swin') {
    const { family: _, ...sizes } = backbone
    // These have a drop path of their own, whatever the arguments say.
    const known = [...SWINS.values()].find(({ width, depths }) => width === sizes.width && depths.join() === sizes.depths.join())
    return swin(given({ ...sizes, imageSize, layerNormEps, dropPath: known?.dropPath ?? args.drop_path }))
  }
  const { family: _, layerScale, ...sizes } = backbone
  return vit(given({ ...sizes, imageSize, layerNormEps, dropPath: args.drop_path, layerScale: layerScale ? 0.1 : 0 }))
}

const headOf = (args: OfficialArgs, { head }: Sizes) => {
  const { layers, hidden, bottleneck, norm, cls, patch } = head ?? {
    ...sizesDefault,
    cls: args.out_dim,
    patch: args.patch_out_dim,
  }
  const output = (isShared: boolean) => (isShared ? shared(cls) : separate({ cls, patch }))
  return projectionHead({
    output: output(args.shared_head),
    ...(args.shared_head === args.shared_head_teacher ? {} : { teacherOutput: output(args.shared_head_teacher) }),
    layers,
    hidden,
    bottleneck,
    norm,
    activation: args.act_in_head === 'relu' ? 'relu' : 'gelu',
    normalizeLastLayer: args.norm_last_layer,
  })
}
const sizesDefault = { layers: 3, hidden: 2048, bottleneck: 256, norm: 'none' } as const

/** The teacher's temperature: constant, then a straight line by epochs, then constant. */
const temperature = (start: number, warm: number, from: number, to: number) =>
  sharpen(
    piecewise([
      ...(start > 0 ? [constant({ value: from, for: epochs(start) })] : []),
      ...(warm > 0 && from !== to ? [linear({ from, to, for: epochs(warm), per: 'epoch' as const })] : []),
      constant(to),
    ]),
  )

/** The official optimizers, whose other numbers the arguments can't change. */
const OPTIMIZERS = { adamw, sgd, lars }
const isOptimizer = (name: string): name is keyof typeof OPTIMIZERS => Object.hasOwn(OPTIMIZERS, name)

const optimizerOf = (args: OfficialArgs, own: OptimizerNumbers) => {
  const rate = scaledByBatch(args.lr)
  const decay = cosine({ from: rate, to: args.min_lr })
  const fields = {
    lr: args.warmup_epochs > 0 ? piecewise([linear({ from: 0, to: rate, for: epochs(args.warmup_epochs) }), decay]) : decay,
    weightDecay: cosine({ from: args.weight_decay, to: args.weight_decay_end }),
    clip: args.clip_grad,
    freezeLastLayer: epochs(args.freeze_last_layer),
  }
  const { momentum, eta, betas, eps } = own
  if (args.optimizer === 'sgd') return sgd({ ...fields, ...given({ momentum }) })
  if (args.optimizer === 'lars') return lars({ ...fields, ...given({ momentum, eta }) })
  return adamw({ ...fields, ...given({ betas, eps }) })
}

/** What the arguments ask for that nothing here is like. */
const unlike = (args: OfficialArgs, sizes: Sizes): string | undefined => {
  const { optimizer, act_in_head, norm_in_head, pred_shape, use_masked_im_modeling, lambda2 } = args
  if (!isOptimizer(optimizer))
    return `the optimizer ${optimizer} is not one that is built here: ${Object.keys(OPTIMIZERS).join(', ')} are`
  if (act_in_head !== 'gelu' && act_in_head !== 'relu')
    return `the activation ${act_in_head} of the head is not built here: gelu and relu are`
  if (norm_in_head !== null && norm_in_head !== 'bn' && norm_in_head !== 'ln')
    return `the normalisation ${norm_in_head} of the head is not built here: bn and ln are`
  if (pred_shape !== 'block' && pred_shape !== 'rand')
    return `masks of the shape ${pred_shape} are not built here: block and rand are`
  if (!use_masked_im_modeling && lambda2 > 0 && hides(args, sizes))
    return 'a patch loss without hidden patches (use_masked_im_modeling false) is not built here'
  return undefined
}

export interface RecipeOptions {
  readonly name: string
  /** A file from which the networks start. */
  readonly weights?: string
  /** Numbers of the optimizer that no argument tells. */
  readonly optimizer?: OptimizerNumbers
}

/** What of the arguments is written in another way in the pipeline, as sentences. */
export const recipeNotes = (args: OfficialArgs, sizes: Sizes): readonly string[] =>
  args.lambda2 > 0 && !hides(args, sizes)
    ? [
        `its masks hide nothing (pred_ratio ${[args.pred_ratio].flat().join(' ')}), so that its loss on hidden patches is 0 whatever lambda2 is: the pipeline has no maskedImageModeling`,
      ]
    : []

/** The pipeline of a run with these arguments, on a network of these sizes. */
export const recipeOf = (
  args: OfficialArgs,
  sizes: Sizes,
  { name, weights, optimizer = {} }: RecipeOptions,
): E.Either<string, Plan> => {
  const problem = unlike(args, sizes)
  if (problem !== undefined) return E.left(problem)
  const ratios = ratiosOf(args)
  if (args.use_masked_im_modeling && E.isLeft(ratios)) return ratios
  // The student of the official code is masked, and has a mask embedding, whatever the weight of the loss on patches.
  const hidden = hides(args, sizes)
  const patches = args.lambda2 > 0 && hidden
  const warm = args.warmup_teacher_temp_epochs
  const seen = pipe(
    pipeline(name),
    dataset(imageFolder({ path: args.data_path, channels: sizes.channels })),
    viewsOf(args, sizes),
  )
  const masks = args.use_masked_im_modeling && E.isRight(ratios)
  const masked = pipe(seen, masking(masks && hidden ? maskOf(args, ratios.right) : none()))
  const beginning = pipe(
    // Without masks no loss below needs them.
    masks ? masked : (seen as typeof masked),
    backboneOf(args, sizes),
    headOf(args, sizes),
    emaTeacher(cosine({ from: args.momentum_teacher, to: 1 })),
    weights === undefined ? (plan) => plan : initialWeights(weights),
    clsDistillation({
      weight: args.lambda1,
      target: [center(0.9), temperature(0, warm, args.warmup_teacher_temp, args.teacher_temp)],
    }),
  )
  return E.right(
    pipe(
      patches
        ? maskedImageModeling({
            weight: args.lambda2,
            target: [
              center(0.9),
              temperature(args.pred_start_epoch, warm, args.warmup_teacher_patch_temp, args.teacher_patch_temp),
            ],
          })(beginning)
        : beginning,
      optimizerOf(args, optimizer),
      train({ batch: args.batch_size_per_gpu * args.world_size, epochs: args.epochs, seed: args.seed }),
      checkpoint({ every: '1 epoch', keep: 2, ...(args.saveckp_freq > 0 ? { keepEvery: epochs(args.saveckp_freq) } : {}) }),
    ),
  )
}
