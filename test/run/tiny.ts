/** A pipeline that runs in a second, for tests. */
import {
  adamw,
  block,
  center,
  checkpoint,
  clsDistillation,
  cosine,
  dataset,
  emaTeacher,
  horizontalFlip,
  knn,
  maskedImageModeling,
  masking,
  mixture,
  none,
  pipe,
  pipeline,
  pixelReconstruction,
  projectionHead,
  randomResizedCrop,
  shapes,
  shared,
  sharpen,
  train,
  views,
  vit,
} from '../../src/index'

export interface Tiny {
  readonly steps?: number
  readonly every?: `${number} steps`
  readonly lr?: number
  readonly source?: ReturnType<typeof shapes>
  /** By default none: threads take longer to start than such a run. */
  readonly workers?: number
  readonly maxBad?: number
  readonly test?: ReturnType<typeof shapes>
  readonly seed?: number
}

const data = shapes({ count: 24, size: 16, channels: 1 })
const testData = shapes({ count: 12, size: 16, channels: 1, seed: 1 })

/** Two global views and one local, two blocks, drop path, batch normalisation in the head: all that a state can hold. */
export const tiny = ({
  steps = 6,
  every = '2 steps',
  lr = 1e-3,
  source = data,
  seed = 0,
  workers = 0,
  maxBad = 0.01,
  test = testData,
}: Tiny = {}) =>
  pipe(
    pipeline('tiny'),
    dataset(source),
    views({
      global: [{ times: 2, augment: [randomResizedCrop({ size: 16, scale: [0.4, 1] }), horizontalFlip({ p: 0.5 })] }],
      local: [{ augment: [randomResizedCrop({ size: 8, scale: [0.1, 0.4] })] }],
      normalize: { mean: [0.5], std: [0.25] },
    }),
    masking(mixture([none(), block({ ratio: [0.1, 0.5] })])),
    vit({ patch: 4, width: 16, depth: 2, heads: 2, dropPath: 0.2 }),
    projectionHead({ output: shared(12), hidden: 16, bottleneck: 8, norm: 'batch' }),
    emaTeacher(cosine({ from: 0.9, to: 1 })),
    clsDistillation({ target: [center(0.9), sharpen(0.04)] }),
    maskedImageModeling({ target: [center(0.9), sharpen(0.04)] }),
    adamw({ lr, freezeLastLayer: '2 steps' }),
    train({ batch: 4, steps, seed, workers, maxBad }),
    checkpoint({ every, keep: 2 }),
    knn({ test, k: 3 }),
  )

/** Without a head and a teacher: the pixels of hidden patches are the targets. */
export const headless = () =>
  pipe(
    pipeline('headless'),
    dataset(data),
    views({
      global: [{ augment: randomResizedCrop({ size: 16 }) }],
      normalize: { mean: [0.5], std: [0.25] },
    }),
    masking(block({ ratio: 0.5 })),
    vit({ patch: 4, width: 16, depth: 2, heads: 2 }),
    pixelReconstruction(),
    adamw({ lr: 1e-3 }),
    train({ batch: 4, steps: 2, workers: 0 }),
  )
