/**
 * Trains a very small network on drawn shapes for a few steps: `npx tsx examples/shapes.ts`.
 * It needs no files and takes seconds; it learns next to nothing.
 */
import {
  adamw,
  block,
  clsDistillation,
  dataset,
  describe,
  emaTeacher,
  horizontalFlip,
  knn,
  maskedImageModeling,
  masking,
  pipe,
  pipeline,
  projectionHead,
  randomResizedCrop,
  run,
  shapes,
  shared,
  train,
  views,
  vit,
} from 'ibot'

export const plan = pipe(
  pipeline('shapes'),
  dataset({ source: shapes({ count: 24, size: 8 }) }),
  views({ global: [{ times: 2, augment: [randomResizedCrop({ size: 8 }), horizontalFlip({ p: 0.5 })] }] }),
  masking({ mask: block({ ratio: [0.25, 0.5] }) }),
  vit({ patch: 4, width: 8, depth: 1, heads: 2 }),
  projectionHead({ output: shared({ prototypes: 16 }), hidden: 16, bottleneck: 8 }),
  emaTeacher(),
  clsDistillation(),
  maskedImageModeling(),
  adamw({ lr: 5e-4 }),
  train({ batch: 8, steps: 3 }),
  knn({ test: shapes({ count: 12, size: 8, seed: 1 }), k: 3 }),
)

const print = (text: string) => process.stdout.write(`${text}\n`)

run(plan, {
  backend: 'cpu',
  onEvent: (event) => {
    if (event.event === 'step') print(`step ${event.step}: loss ${event.loss.toFixed(3)}`)
  },
})().then((result) => {
  if (result._tag === 'Right') print(`saved in ${result.right.run}`)
  else {
    print(describe(result.left))
    process.exitCode = 1
  }
})
