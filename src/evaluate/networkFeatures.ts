/** What a frozen network makes of images: its features, in parts that probes choose from. */
import * as tf from '@tensorflow/tfjs-core'
import type { NetworkName } from '../base/networkName'
import { elements } from '../base/shape'
import type { Computer, Prepared } from '../engine/computer'
import { evaluation, type Weights, within } from '../nn/layer'
import type { HostTensor, HostTensors, TensorFunction } from '../nn/tensorFunction'
import type { FeatureChoice } from '../ops/probe/kind'
import type { NamedNetwork } from '../program/networks'
import { BACKBONE, HEAD, mapped, type Tensors } from '../program/stateNames'
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

const clsOf = (tokens: tf.Tensor3D): tf.Tensor => {
  const [batch, , width] = tokens.shape
  return tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width])
}

const meanOf = (tokens: tf.Tensor3D): tf.Tensor => {
  const [batch, count, width] = tokens.shape
  return tf.mean(tf.slice(tokens, [0, 1, 0], [batch, count - 1, width]), 1)
}

/** Parts of a network's features for normalised images [B, H, W, C], a row an image. */
const computed = (
  { backbone, head }: NamedNetwork['network'],
  choice: FeatureChoice,
  { ofBackbone, ofHead }: Readonly<Record<'ofBackbone' | 'ofHead', Weights>>,
  images: tf.Tensor4D,
): Tensors => {
  if (choice.cls > 1 && backbone.blocks === undefined) throw new RangeError('the backbone shows no blocks')
  const outputs =
    choice.cls > 1
      ? backbone.blocks!.outputs(ofBackbone, images, choice.cls).map((output) => backbone.blocks!.finished(ofBackbone, output))
      : [backbone.tokens(ofBackbone, images, undefined, evaluation)]
  const cls = choice.cls === 0 ? [] : outputs.map(clsOf)
  const last = outputs.at(-1)!
  const parts = [
    ...cls,
    ...(choice.mean ? [meanOf(last)] : []),
    ...(choice.logits === true ? [head.vectors(ofHead, clsOf(last) as tf.Tensor2D, evaluation)] : []),
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

/** Images with zeros after them, up to a number of images. */
const paddedTo = (number: number, { values, shape: [, ...size] }: HostTensor): HostTensor => {
  const all = new Float32Array(number * elements(size))
  all.set(values)
  return { values: all, shape: [number, ...size] }
}

const firstRows = (count: number, { values, shape: [, ...row] }: HostTensor): HostTensor => ({
  values: values.subarray(0, count * elements(row)),
  shape: [count, ...row],
})

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
