/** Small programs, and batches for them. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { random } from '../../src/base/random'
import { pipeline } from '../../src/dsl/plan'
import type { HostBatch } from '../../src/engine/interpreter'
import {
  adamw,
  block,
  clsDistillation,
  dataset,
  emaTeacher,
  lars,
  maskedImageModeling,
  masking,
  pixelReconstruction,
  projectionHead,
  randomResizedCrop,
  separate,
  sgd,
  shapes,
  shared,
  sinkhornKnopp,
  swin,
  train,
  views,
  vit,
} from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { type Program, type ProgramOptions, programOf } from '../../src/program/program'

export interface Small {
  /** A Swin transformer in the place of the vision transformer. */
  readonly swin?: boolean
  readonly dropPath?: number
  readonly registers?: number
  readonly dropout?: number
  readonly norm?: 'none' | 'batch' | 'layer'
  readonly sharedHead?: boolean
  readonly momentum?: number
  readonly lr?: number
  readonly optimizer?: 'adamw' | 'sgd' | 'lars'
  /** No head, and the pixels of hidden patches as targets. */
  readonly pixels?: boolean
  /** With pixels as targets there need be none. */
  readonly teacher?: boolean
  /** Without it there is no mask and no loss on patches. */
  readonly masked?: boolean
  readonly precision?: 'float32' | 'bfloat16'
  /** Targets of [CLS] by Sinkhorn-Knopp in the place of centring and sharpening. */
  readonly sinkhorn?: boolean
  /** How many pictures a batch has; two by default. */
  readonly batch?: number
  /** How many devices compute a step together; as many as can by default. */
  readonly devices?: number | 'auto'
  /** How many global views; two by default. */
  readonly globals?: number
  /** Whether there are local views; true by default. */
  readonly locals?: boolean
}

const crop = (size: number) => randomResizedCrop({ size, scale: [0.5, 1] })

/** Two global views (by default) of 12 × 12 pixels, local ones of 8 × 8 and 4 × 4, two blocks of width 12 (or two stages up to it). */
export const small = (
  {
    swin: windowed = false,
    dropPath = 0,
    registers = 0,
    dropout = 0,
    norm = 'none',
    sharedHead = true,
    momentum = 0.9,
    lr = 1e-3,
    optimizer = 'adamw',
    masked = true,
    pixels = false,
    teacher: hasTeacher = true,
    precision = 'float32',
    sinkhorn = false,
    batch = 2,
    devices = 'auto',
    globals = 2,
    locals = true,
  }: Small = {},
  options: ProgramOptions = {},
): Program => {
  const seen = pipe(
    pipeline('small'),
    dataset(shapes({ count: 3 * batch })),
    views({
      global: [{ times: globals, augment: crop(12) }],
      local: locals ? [{ times: 2, augment: crop(8) }, { augment: crop(4) }] : [],
    }),
  )
  const networks = [
    windowed
      ? swin({ patch: 2, width: 6, depths: [2, 2], heads: [1, 3], window: 2, mlpRatio: 2, dropPath })
      : vit({
          patch: 4,
          width: 12,
          depth: 2,
          heads: 3,
          mlpRatio: 2,
          dropPath,
          registers,
          dropout,
          attentionDropout: dropout,
        }),
    projectionHead({
      output: sharedHead ? shared(10) : separate({ cls: 10, patch: 7 }),
      hidden: 14,
      bottleneck: 6,
      norm,
      normalizeLastLayer: false,
    }),
    emaTeacher({ constant: { value: momentum } }),
  ] as const
  const [backbone, head, teacher] = networks
  const ending = [
    { adamw, sgd, lars }[optimizer]({ lr, freezeLastLayer: '1 step' }),
    train({ batch, steps: 6, precision, devices }),
  ] as const
  const cls = sinkhorn ? clsDistillation({ target: sinkhornKnopp({ temperature: 0.05 }) }) : clsDistillation()
  const plan = pixels
    ? hasTeacher
      ? pipe(seen, masking(block({ ratio: 0.4 })), backbone, teacher, pixelReconstruction(), ...ending)
      : pipe(seen, masking(block({ ratio: 0.4 })), backbone, pixelReconstruction(), ...ending)
    : masked
      ? pipe(seen, masking(block({ ratio: 0.4 })), backbone, head, teacher, cls, maskedImageModeling(), ...ending)
      : pipe(seen, backbone, head, teacher, cls, ...ending)
  const design = designOf(registry, plan)
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  return programOf(design.right, { batch, stepsPerEpoch: 3, steps: 6 }, 3, options)
}

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

/** A batch of noise, masks and draws that belongs to a key. */
export const batchFor = (program: Program, ...key: readonly (string | number)[]): HostBatch => {
  const filled = (shape: readonly number[], name: string, value: (u: number) => number): Float32Array => {
    const draw = random(...key, name)
    return Float32Array.from({ length: size(shape) }, () => value(draw.uniform()))
  }
  const { global, local, mask, labels, draws } = program.batch
  return {
    global: filled(global, 'global', (u) => 4 * u - 2),
    local: local.map((shape, i) => filled(shape, `local ${i}`, (u) => 4 * u - 2)),
    mask: mask === undefined ? undefined : filled(mask, 'mask', (u) => (u < 0.4 ? 1 : 0)),
    ...(labels === undefined ? {} : { labels: filled(labels, 'labels', (u) => (u < 0.5 ? 0 : 1)) }),
    draws: Object.fromEntries(Object.entries(draws).map(([name, shape]) => [name, filled(shape, name, (u) => u)])),
  }
}
