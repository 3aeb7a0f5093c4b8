/** Arguments of the official code for the paper's recipes, and the stages that they mean here. */
import {
  adamw,
  block,
  center,
  clsDistillation,
  colorDistortion,
  constant,
  cosine,
  emaTeacher,
  gaussianBlur,
  horizontalFlip,
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
  shared,
  sharpen,
  solarize,
  startingAt,
  swinTiny,
  train,
  views,
  vitBase,
  vitLarge,
  vitSmall,
} from '../../src/index'

/** The defaults of main_ibot.py, under its names; `gpus` is how many of them there are. */
const DEFAULTS = {
  arch: 'vit_small',
  patch_size: 16,
  window_size: 7,
  out_dim: 8192,
  shared_head: false,
  norm_last_layer: true,
  momentum_teacher: 0.996,
  pred_ratio: [0.3],
  pred_ratio_var: [0],
  pred_shape: 'block',
  pred_start_epoch: 0,
  lambda1: 1,
  lambda2: 1,
  warmup_teacher_temp: 0.04,
  teacher_temp: 0.04,
  warmup_teacher_patch_temp: 0.04,
  teacher_patch_temp: 0.07,
  warmup_teacher_temp_epochs: 30,
  weight_decay: 0.04,
  weight_decay_end: 0.4,
  clip_grad: 3,
  batch_size_per_gpu: 128,
  epochs: 100,
  freeze_last_layer: 1,
  lr: 5e-4,
  warmup_epochs: 10,
  min_lr: 1e-6,
  drop_path: 0.1,
  global_crops_number: 2,
  global_crops_scale: [0.14, 1],
  local_crops_number: 0,
  local_crops_scale: [0.05, 0.4],
  gpus: 8,
}
type Arguments = {
  readonly [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] extends number[] ? readonly number[] : (typeof DEFAULTS)[K]
}

/** README.md of the official code, the command for ViT-S/16. */
const VIT_S: Partial<Arguments> = {
  teacher_temp: 0.07,
  warmup_teacher_temp_epochs: 30,
  norm_last_layer: false,
  epochs: 800,
  batch_size_per_gpu: 64,
  shared_head: true,
  out_dim: 8192,
  local_crops_number: 10,
  global_crops_scale: [0.25, 1],
  local_crops_scale: [0.05, 0.25],
  pred_ratio: [0, 0.3],
  pred_ratio_var: [0, 0.2],
  gpus: 16,
}
/** The same file, the command for Swin-T/14. */
const SWIN_T: Partial<Arguments> = {
  ...VIT_S,
  arch: 'swin_tiny',
  epochs: 300,
  pred_start_epoch: 50,
  patch_size: 4,
}
/** args.txt of the checkpoint vitb_16; a batch of 1,024 as the paper says. */
const VIT_B: Partial<Arguments> = {
  ...VIT_S,
  arch: 'vit_base',
  epochs: 400,
  lr: 7.5e-4,
  min_lr: 2e-6,
  clip_grad: 0.3,
  freeze_last_layer: 3,
  norm_last_layer: true,
  warmup_teacher_temp_epochs: 50,
  global_crops_scale: [0.32, 1],
  local_crops_scale: [0.05, 0.32],
}
/** args.txt of the checkpoint vitb_16_rand_mask. */
const RANDOM: Partial<Arguments> = { pred_shape: 'rand', pred_ratio: [0, 0.7], pred_ratio_var: [0, 0.05] }

/** By the names of the pipelines. */
export const OFFICIAL: Readonly<Record<string, Partial<Arguments>>> = {
  'ibot-vit-s': VIT_S,
  'ibot-vit-b': VIT_B,
  'ibot-vit-l': { ...VIT_B, arch: 'vit_large', epochs: 250 },
  'ibot-vit-l-random': { ...VIT_B, ...RANDOM, arch: 'vit_large', epochs: 250 },
  'ibot-swin-t7': SWIN_T,
  'ibot-swin-t14': { ...SWIN_T, window_size: 14, batch_size_per_gpu: 26, gpus: 40 },
  'ibot-vit-b-22k': { ...VIT_B, epochs: 80 },
  'ibot-vit-l-22k': { ...VIT_B, arch: 'vit_large', epochs: 50 },
  dino: { ...VIT_S, lambda2: 0, pred_ratio: [0], pred_ratio_var: [0], out_dim: 65_536 },
  'mim-only': {
    ...VIT_S,
    lambda1: 0,
    epochs: 300,
    pred_ratio: [0.3],
    pred_ratio_var: [0.2],
    local_crops_number: 0,
    global_crops_scale: [0.14, 1],
  },
}

const range = ([low, high]: readonly number[]): [number, number] => [low!, high!]
/** As a person writes 0.3 ± 0.2. */
const around = (middle: number, by: number): [number, number] => [
  Number((middle - by).toFixed(6)),
  Number((middle + by).toFixed(6)),
]

const viewsOf = (a: Arguments) => {
  const crop = (size: number, scale: readonly number[]) => [
    randomResizedCrop({ size, scale: range(scale) }),
    horizontalFlip({ p: 0.5 }),
    colorDistortion(),
  ]
  return views({
    global: [
      { augment: [...crop(224, a.global_crops_scale), gaussianBlur()] },
      { augment: [...crop(224, a.global_crops_scale), gaussianBlur({ p: 0.1 }), solarize({ p: 0.2 })] },
    ],
    ...(a.local_crops_number === 0
      ? {}
      : { local: [{ times: a.local_crops_number, augment: [...crop(96, a.local_crops_scale), gaussianBlur({ p: 0.5 })] }] }),
  })
}

const maskOf = (a: Arguments) => {
  const parts = a.pred_ratio.map((ratio, i) => {
    if (ratio === 0) return none()
    const given = { ratio: around(ratio, a.pred_ratio_var[i]!) }
    return a.pred_shape === 'rand' ? random(given) : block(given)
  })
  const mask = parts.length === 1 ? parts[0]! : mixture(parts)
  return a.pred_start_epoch === 0 ? mask : startingAt({ epoch: a.pred_start_epoch, mask })
}

const BACKBONES = {
  vit_small: ({ drop_path }: Arguments) => vitSmall({ dropPath: drop_path }),
  vit_base: ({ drop_path }: Arguments) => vitBase({ dropPath: drop_path }),
  vit_large: ({ drop_path }: Arguments) => vitLarge({ dropPath: drop_path }),
  // A Swin has a drop path of its own, whatever the option says.
  swin_tiny: ({ window_size }: Arguments) => swinTiny({ window: window_size, dropPath: 0.1 }),
}

const temperature = (from: number, to: number, warmup: number, start: number) => {
  const rise = linear({ from, to, for: `${warmup} epochs`, per: 'epoch' })
  return start === 0 ? rise : piecewise([constant({ value: from, for: `${start} epochs` }), rise])
}

/** The stages that the official arguments mean: all of a pipeline but its data, precision, checkpoints and probes. */
export const stagesOf = (given: Partial<Arguments>) => {
  const a: Arguments = { ...DEFAULTS, ...given }
  const warmup = a.warmup_teacher_temp_epochs
  return [
    viewsOf(a),
    ...(a.lambda2 > 0 ? [masking(maskOf(a))] : []),
    BACKBONES[a.arch as keyof typeof BACKBONES](a),
    projectionHead({ output: shared(a.out_dim), normalizeLastLayer: a.norm_last_layer }),
    emaTeacher({ cosine: { from: a.momentum_teacher, to: 1 } } as never),
    ...(a.lambda1 > 0
      ? [
          clsDistillation({
            weight: a.lambda1,
            target: [center(0.9), sharpen(temperature(a.warmup_teacher_temp, a.teacher_temp, warmup, 0))],
          }),
        ]
      : []),
    ...(a.lambda2 > 0
      ? [
          maskedImageModeling({
            weight: a.lambda2,
            target: [
              center(0.9),
              sharpen(temperature(a.warmup_teacher_patch_temp, a.teacher_patch_temp, warmup, a.pred_start_epoch)),
            ],
          }),
        ]
      : []),
    adamw({
      lr: piecewise([
        linear({ from: 0, to: scaledByBatch(a.lr), for: `${a.warmup_epochs} epochs` }),
        cosine({ from: scaledByBatch(a.lr), to: a.min_lr }),
      ]),
      weightDecay: cosine({ from: a.weight_decay, to: a.weight_decay_end }),
      clip: a.clip_grad,
      freezeLastLayer: a.freeze_last_layer === 1 ? '1 epoch' : `${a.freeze_last_layer} epochs`,
    }),
    train({ batch: a.batch_size_per_gpu * a.gpus, epochs: a.epochs, precision: 'bfloat16' }),
  ]
}
