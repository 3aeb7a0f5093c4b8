/** The pipeline of the runs that are killed: small, with all that a state can hold, and saved after every step. */
export const STEPS = 12
export const PIPELINE = `name: killed
pipeline:
  - dataset: { shapes: { count: 12, size: 8 } }
  - views:
      global: [{ times: 2, augment: [{ randomResizedCrop: { size: 8, scale: [0.4, 1] } }, { horizontalFlip: { p: 0.5 } }] }]
      local: [{ augment: { randomResizedCrop: { size: 4, scale: [0.1, 0.4] } } }]
  - masking: { mixture: [none, block: { ratio: [0.1, 0.5] }] }
  - vit: { patch: 4, width: 8, depth: 2, heads: 2, dropPath: 0.2 }
  - projectionHead: { output: { shared: 8 }, hidden: 8, bottleneck: 4, norm: batch }
  - emaTeacher: { momentum: { cosine: { from: 0.9, to: 1 } } }
  - clsDistillation: { target: [center: 0.9, sharpen: 0.04] }
  - maskedImageModeling: { target: [center: 0.9, sharpen: 0.04] }
  - adamw: { lr: 1e-3, freezeLastLayer: 2 steps }
  - train: { batch: 4, steps: ${STEPS} }
  - checkpoint: { every: 1 step, keep: 2, keepEvery: 5 steps }
`
