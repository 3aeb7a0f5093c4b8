/** A fixture's training run as a plan, made with the same constructors that anyone would use. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { pipeline } from '../../src/dsl/plan'
import {
  adamw,
  center,
  clsDistillation,
  cosine,
  dataset,
  emaTeacher,
  linear,
  maskedImageModeling,
  masking,
  piecewise,
  projectionHead,
  random,
  randomResizedCrop,
  scaledByBatch,
  shapes,
  sharpen,
  train,
  views,
  vit,
} from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import type { Duration } from '../../src/ops/schedule/kind'
import { designOf } from '../../src/program/design'
import { type Program, programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'
import { HeadDescription, headParameters } from './head'
import { temperature } from './temperature'
import { VitConfig, vitParameters } from './vit'

export const TrainConfig = t.intersection([
  HeadDescription,
  VitConfig,
  t.type({
    batch_size_per_gpu: t.number,
    clip_grad: t.number,
    drop_path: t.literal(0),
    epochs: t.number,
    freeze_last_layer: t.number,
    global_crops_number: t.number,
    lambda1: t.number,
    lambda2: t.number,
    local_crops_number: t.number,
    local_size: t.number,
    lr: t.number,
    min_lr: t.number,
    momentum_teacher: t.number,
    niter_per_ep: t.number,
    pred_start_epoch: t.number,
    teacher_patch_temp: t.number,
    teacher_temp: t.number,
    warmup_epochs: t.number,
    warmup_teacher_patch_temp: t.number,
    warmup_teacher_temp: t.number,
    warmup_teacher_temp_epochs: t.number,
    weight_decay: t.number,
    weight_decay_end: t.number,
  }),
])
export type TrainConfig = t.TypeOf<typeof TrainConfig>

const epochs = (count: number): Duration => `${count} epochs`
const crop = (size: number) => randomResizedCrop({ size, scale: [0.5, 1] })

export const planOf = (c: TrainConfig) => {
  const decay = cosine({ from: scaledByBatch(c.lr), to: c.min_lr })
  const warm = linear({ from: 0, to: scaledByBatch(c.lr), for: epochs(c.warmup_epochs) })
  const cooling = (start: number, from: number, to: number) =>
    sharpen(temperature({ start, epochs: c.warmup_teacher_temp_epochs, from, to }))
  return pipe(
    pipeline('parity'),
    dataset(shapes({ count: c.batch_size_per_gpu * c.niter_per_ep })),
    views({
      global: [{ times: c.global_crops_number, augment: crop(c.img_size) }],
      local: c.local_crops_number > 0 ? [{ times: c.local_crops_number, augment: crop(c.local_size) }] : [],
    }),
    masking(random({ ratio: 0.4 })),
    vit(vitParameters(c)),
    projectionHead(headParameters(c)),
    emaTeacher(cosine({ from: c.momentum_teacher, to: 1 })),
    clsDistillation({ weight: c.lambda1, target: [center(0.9), cooling(0, c.warmup_teacher_temp, c.teacher_temp)] }),
    maskedImageModeling({
      weight: c.lambda2,
      target: [center(0.9), cooling(c.pred_start_epoch, c.warmup_teacher_patch_temp, c.teacher_patch_temp)],
    }),
    adamw({
      lr: c.warmup_epochs > 0 ? piecewise([warm, decay]) : decay,
      weightDecay: cosine({ from: c.weight_decay, to: c.weight_decay_end }),
      clip: c.clip_grad,
      freezeLastLayer: epochs(c.freeze_last_layer),
    }),
    train({ batch: c.batch_size_per_gpu, epochs: c.epochs }),
  )
}

/** The program that `ibot run` would make of a fixture's configuration. */
export const programOfConfig = (config: TrainConfig): Program => {
  const program = pipe(
    designOf(registry, planOf(config)),
    E.chain((design) =>
      pipe(
        spanOf(design, { count: config.batch_size_per_gpu * config.niter_per_ep, channels: 3 }),
        E.map((span) => programOf(design, span, 3, { gradientNorms: true })),
      ),
    ),
  )
  if (E.isLeft(program)) throw new RangeError(`the plan is refused: ${JSON.stringify(program.left)}`)
  return program.right
}
