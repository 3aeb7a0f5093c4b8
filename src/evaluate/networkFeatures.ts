/** What a frozen network makes of images: its features, in parts that probes choose from. */
import * as tf from '@tensorflow/tfjs-core'
import type { NetworkName } from '../base/networkName'
import type { Computer, Prepared } from '../engine/computer'
import type { Encoder } from '../nn/encoder'
import { evaluation, type Weights, within } from '../nn/layer'
import { firstOf } from '../nn/pick'
import type { HostTensor, HostTensors, TensorFunction } from '../nn/tensorFunction'
import type { FeatureChoice } from '../ops/probe/kind'
import type { NamedNetwork } from '../program/networks'
import { BACKBONE, HEAD, mapped, type Tensors } from '../program/stateNames'
import { firstRows, paddedTo } from './images'
import { IMAGES } from './outputs'

/** The parts of a choice, by their names and in their order: `cls.2`, `cls.1`, `mean`, `logits`, where `cls.1` is the last block's. */
export const partsOf = ({ cls, mean, logits = false }: FeatureChoice): readonly string[] => [
  ...Array.from({ length: cls }, (_, i) => `cls.${cls - i}`),
  ...(mean ? ['mean'] : []),
  ...(logits ? ['logits'] : []),
]

/** The choice that holds all of these. */
export const widest = (choices: readonly FeatureChoice[]): FeatureChoice => ({
  cls: Math.max(0, ...choices.map(({ cls }) => cls)),
  mean: choices.some(({ mean }) => mean),
  ...(choices.some(({ logits = false }) => logits) ? { logits: true } : {}),
})

/** Tokens [B, 1 + N, width] without the picture's own. */
export const patchesOf = (tokens: tf.Tensor3D): tf.Tensor3D => {
  const [batch, count, width] = tokens.shape
  return tf.slice(tokens, [0, 1, 0], [batch, count - 1, width])
}

/** The mean of the patches' tokens: [B, width]. */
export const meanOf = (tokens: tf.Tensor3D): tf.Tensor => tf.mean(patchesOf(tokens), 1)

/** What the last so many blocks give, each finished as the network's own output is, oldest first. */
export const lastOutputs = (
  { blocks, tokens }: Encoder,
  weights: Weights,
  images: tf.Tensor4D,
  count: number,
): readonly tf.Tensor3D[] => {
  if (count <= 1) return [tokens(weights, images, undefined, evaluation)]
  if (blocks === undefined) throw new RangeError('the backbone shows no blocks')
  return blocks.outputs(weights, images, count).map((output) => blocks.finished(weights, output))
}

/** Parts of a network's features for normalised images [B, H, W, C], a row an image. */
const computed = (
  { backbone, head }: NamedNetwork['network'],
  choice: FeatureChoice,
  { ofBackbone, ofHead }: Readonly<Record<'ofBackbone' | 'ofHead', Weights>>,
  images: tf.Tensor4D,
): Tensors => {
  // The last block is spared the patches where nobody asks for them.
  const spared = choice.cls > 1 || choice.mean ? undefined : backbone.cls?.(ofBackbone, images)
  const outputs = spared === undefined ? lastOutputs(backbone, ofBackbone, images, choice.cls) : []
  const cls = spared === undefined ? outputs.map(firstOf) : [spared]
  const parts = [
    ...(choice.cls === 0 ? [] : cls),
    ...(choice.mean ? [meanOf(outputs.at(-1)!)] : []),
    ...(choice.logits === true ? [head.vectors(ofHead, cls.at(-1)!, evaluation)] : []),
  ]
  return Object.fromEntries(partsOf(choice).map((name, i) => [name, parts[i]!]))
}

/** The same as a function of tensors: the images, and the network's weights by their names in a state, `teacher.backbone.…`, `teacher.head.…`. */
export const featureFunction =
  ({ which, network }: NamedNetwork, choice: FeatureChoice): TensorFunction =>
  (input) =>
    computed(
      network,
      choice,
      { ofBackbone: within(`${which}.${BACKBONE}`, input), ofHead: within(`${which}.${HEAD}`, input) },
      input(IMAGES) as tf.Tensor4D,
    )

export interface NetworkFeatures {
  readonly which: NetworkName
  /** The parts of a choice for normalised images [B, H, W, C], each [B, width]. */
  readonly of: (choice: FeatureChoice, images: HostTensor) => Promise<HostTensors>
  readonly dispose: () => void
}

/**
 * Features of a network whose weights the computer knows, or are `held` under the names of a state.
 *
 * @param together how many images are computed together at least: fewer are padded, so that what is recorded for each
 * number of images is recorded for one
 */
export const networkFeatures = (
  { prepare }: Pick<Computer, 'prepare'>,
  named: NamedNetwork,
  held?: HostTensors,
  together = 1,
): NetworkFeatures => {
  const known = new Map<string, Prepared>()
  const ready = (choice: FeatureChoice): Prepared => {
    const key = partsOf(choice).join()
    const before = known.get(key)
    if (before !== undefined) return before
    const made = prepare(featureFunction(named, choice), held, { often: true })
    known.set(key, made)
    return made
  }
  return {
    which: named.which,
    of: async (choice, images) => {
      const count = images.shape[0]!
      if (count >= together) return ready(choice).run({ [IMAGES]: images })
      const parts = await ready(choice).run({ [IMAGES]: paddedTo(together, images) })
      return mapped(parts, (part) => firstRows(count, part))
    },
    dispose: () => {
      for (const { dispose } of known.values()) dispose()
    },
  }
}
