/** What a program that makes views of pictures is told, and the official recipe of them as a pipeline. */
export interface AugmentSetup {
  /** Pictures, all of which are looked at in a step. */
  readonly folder: string
  readonly count: number
  /** Local views of a picture, besides two global ones. */
  readonly locals: number
}

/** The scales of the official multi-crop recipe of ViT-S/16. */
export const SCALES = { global: [0.25, 1], local: [0.05, 0.25] } as const

const COLOURS = `
        - horizontalFlip: { p: 0.5 }
        - colorJitter: { p: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }
        - grayscale: { p: 0.2 }`

const crop = (size: number, scale: readonly number[]): string =>
  `randomResizedCrop: { size: ${size}, scale: ${JSON.stringify(scale)} }`

/** DataAugmentationiBOT; what comes behind the views is small. */
export const augmentPipeline = ({ folder, count, locals }: AugmentSetup): string => `name: augment
pipeline:
  - dataset: { imageFolder: ${JSON.stringify(folder)} }
  - views:
      global:
      - augment:
        - ${crop(224, SCALES.global)}${COLOURS}
        - gaussianBlur
      - augment:
        - ${crop(224, SCALES.global)}${COLOURS}
        - gaussianBlur: { p: 0.1 }
        - solarize: { p: 0.2 }
      local: ${locals === 0 ? '[]' : ''}${
        locals === 0
          ? ''
          : `
      - times: ${locals}
        augment:
        - ${crop(96, SCALES.local)}${COLOURS}
        - gaussianBlur: { p: 0.5 }`
      }
  - vit: { patch: 16, width: 16, depth: 1, heads: 2 }
  - projectionHead: { output: { shared: 16 }, hidden: 16, bottleneck: 8 }
  - emaTeacher
  - clsDistillation: { target: [center: 0.9, sharpen: 0.04] }
  - adamw: { lr: 1e-3 }
  - train: { batch: ${count}, epochs: 100000 }
`
