/** A small pipeline, and the orders of stages that make one. */
export const SMALL = `name: small
pipeline:
  - source: data
  - views:
      global:
        - { augment: [crop: { size: 32 }, flip: { p: 0.5 }, blur: { p: 0.5, radius: 1 }], times: 2 }
      local:
        - { times: 3, augment: flip }
  - masking: { mixture: [none, block: [0.1, 0.5]] }
  - vit: { width: 48, heads: 3 }
  - head
  - teacher: { cosine: { from: 0.996, to: 1 } }
  - loss
  - adamw: { lr: 5e-4, weightDecay: &decay { cosine: { from: 0.04, to: 0.4 } } }
  - train: { epochs: 5 }
`
export const STAGES = ['source', 'views', 'masking', 'vit', 'head', 'teacher', 'loss', 'adamw', 'train', 'log']
/** More stages than one `pipe` takes. */
export const MANY = [...STAGES, ...Array.from({ length: 30 }, () => 'log')]
