/** A pipeline for one's own pictures as YAML, with the reason of each value beside it. */
import { gigabytes } from '../base/gigabytes'
import { flow } from '../dsl/print'
import type { Json } from '../dsl/type'
import type { Written } from './dataAt'
import type { Known, Proposal } from './proposal'

/** What is known of the pictures, as a person is told. */
export interface Pictures extends Known {
  readonly name: string
  /** With those that are kept apart. */
  readonly total: number
  readonly source: Written
  /** How many were read to know the rest. */
  readonly looked: number
  readonly largest: string
  readonly classes: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
  /** Pictures with labels that aren't learnt from, and where they come from. */
  readonly test: { readonly source: Written; readonly why: string } | undefined
  /** Why there is no probe, where there is none. */
  readonly unprobed: string | undefined
  /** The command that made it. */
  readonly made: string
}

export const sourceJson = ({ reader, body }: Written): Json => ({ [reader]: body })

const whole = (n: number): string => n.toLocaleString('en-US')
const numbers = (values: readonly number[]): string => `[${values.map((n) => n.toFixed(3)).join(', ')}]`

const augmentations = ({ channels }: Pictures, side: number, scale: string, chance: string): string =>
  [
    `            - randomResizedCrop: { size: ${side}, scale: ${scale} }`,
    '            - horizontalFlip: { p: 0.5 } # leave it out where left and right mean something, as in writing',
    channels === 3
      ? '            - colorJitter: { p: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 } # leave it out where colour is the meaning\n            - grayscale: { p: 0.2 }'
      : '            - sometimes: { p: 0.8, augmentations: [brightness: 0.4, contrast: 0.4] } # grey pictures have no colours to change',
    ...(side >= 64 ? [`            - gaussianBlur: { p: ${chance} }`] : []),
  ].join('\n')

const backboneText = ({ network: { name, width, depth, heads }, patch }: Proposal): string =>
  name === 'vit' ? `vit: { patch: ${patch}, width: ${width}, depth: ${depth}, heads: ${heads} }` : `${name}: { patch: ${patch} }`

const whyNetwork = ({ count, hasGpu }: Pictures, { network: { name } }: Proposal): string =>
  hasGpu
    ? name === 'vitSmall'
      ? "the paper's smallest; vitBase is better from a million pictures on"
      : `ViT-T: ${whole(count)} pictures teach a larger one little more`
    : 'small, as a processor trains it; vitSmall on a GPU'

const probeText = ({ test, unprobed, classes, count }: Pictures): string =>
  test === undefined
    ? `  # No probe: ${unprobed}.\n`
    : [
        `  # How well neighbours tell the ${whole(classes)} classes, of pictures that aren't learnt from: ${test.why}.`,
        `  - knn: { test: ${flow(sourceJson(test.source))}, k: ${Math.max(1, Math.min(20, Math.floor(count / classes / 2)))}, every: 10% }`,
        '',
      ].join('\n')

export const pipelineText = (pictures: Pictures, proposal: Proposal): string => {
  const { name, total, source, looked, largest, side, count, classes, mean, std, hasGpu, memory, made } = pictures
  const { global, local, locals, patch, prototypes, hidden, bottleneck, batch, perPicture, epochs, lr, momentum } = proposal
  const rows = global / patch
  const fits = Math.floor(memory / 2 / perPicture)
  return `# iBOT on ${whole(total)} pictures${classes > 0 ? ` of ${whole(classes)} classes` : ' without labels'}: ${looked === total ? 'all' : whole(looked)} were looked at, shorter sides are ${side} pixels in the middle, the most frequent size is ${largest}.
#
# Made by     ${made}
# Command     ibot run FILE, from the folder in which that was called: paths start there. ibot check FILE tells what a step takes,
#             ibot view FILE shows the views, ibot explain OP what else can be set.
name: ${flow(name)}
pipeline:
  - dataset: ${flow(sourceJson(source))}
  - views:
      global: # student and teacher see these: ${side < 224 ? 'as large as the pictures are' : 'as in the paper; the pictures are large enough'}
        - times: 2
          augment:
${augmentations(pictures, global, '[0.4, 1]', '0.5')}
      local: # only the student sees these: ${locals} of them${hasGpu ? ', as in the paper' : '; the paper has 10, a processor has no time for them'}
        - times: ${locals}
          augment:
${augmentations(pictures, local, '[0.1, 0.4]', '0.5')}
      normalize: { mean: ${numbers(mean)}, std: ${numbers(std)} } # measured on the pictures looked at
  - masking: { mixture: [none, block: { ratio: [0.1, 0.5] }] } # half the views whole, half with 10 to 50 % of their ${rows} × ${rows} patches hidden

  - ${backboneText(proposal)} # ${whyNetwork(pictures, proposal)}
  - projectionHead: { output: { shared: ${prototypes} }, hidden: ${hidden}, bottleneck: ${bottleneck} } # the paper has 8192 prototypes for a million pictures; fewer kinds of things take fewer
  - emaTeacher: { momentum: { cosine: { from: ${momentum}, to: 1 } } } # ${momentum === 0.996 ? 'as in the paper' : 'faster than in the paper (0.996), as there are fewer steps'}

  - clsDistillation: { target: [center: 0.9, sharpen: 0.04] }
  - maskedImageModeling: { target: [center: 0.9, sharpen: 0.04] }

  - adamw:
      lr:
        piecewise:
          - linear: { from: 0, to: { scaledByBatch: ${lr} }, for: 10% } # ${lr} at a batch of 256: ${lr === 5e-4 ? 'as in the paper' : 'a small network takes more than the 5e-4 of the paper'}
          - cosine: { from: { scaledByBatch: ${lr} }, to: 1e-6 }
      weightDecay: { cosine: { from: 0.04, to: 0.4 } }
  # A picture takes about ${(perPicture / 2 ** 20).toFixed(0)} MB: ${fits > 2 * batch ? 'more would fit' : `half of the ${gigabytes(memory)} of memory are enough for ${whole(fits)}`}${batch > count / 8 ? `, and ${whole(count)} pictures are few` : ''}. ${whole(epochs)} epochs are ${whole(Math.floor(count / batch) * epochs)} steps.
  - train: { batch: ${batch}, epochs: ${epochs}, seed: 0 }
  - checkpoint: { every: 10%, keep: 2 }
${probeText(pictures)}`
}
