/** The stages that arguments of the official code mean here. */
import { type Arguments, DEFAULTS } from '../../bench/officialArguments'
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
