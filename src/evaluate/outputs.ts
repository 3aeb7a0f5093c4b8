/** What an exported network computes, under the names that Hugging Face's models have for it. */
import type * as tf from '@tensorflow/tfjs-core'
import { evaluation, type Weights, within } from '../nn/layer'
import { firstOf } from '../nn/pick'
import { BACKBONE, HEAD } from '../program/stateNames'
import type { Model } from './model'

/** The name of the images that go in; it is none of a weight. */
export const IMAGES = 'pixel_values'

/** Of B images with N patches each; logits only of a model with its head. */
export type OutputName =
  /** Tokens of the backbone [B, 1 + N, width], the picture's own first. */
  | 'last_hidden_state'
  /** The picture's own token [B, width]. */
  | 'pooler_output'
  /** [B, prototypes of [CLS]] */
  | 'cls_logits'
  /** [B, N, prototypes of patches] */
  | 'patch_logits'
  /** [B, classes], of a classifier, which has none of the two above */
  | 'logits'
  /** What [CLS] pays to every patch in the last block [B, heads, N]; only where it is asked for. */
  | 'cls_attention'

export type Outputs<A> = Readonly<Partial<Record<OutputName, A>>>

/** The names of what an export gives. */
export const outputNames = ({
  design,
  network: { head },
  withHead,
}: Pick<Model, 'design' | 'network' | 'withHead'>): readonly OutputName[] => [
  'last_hidden_state',
  'pooler_output',
  ...(!withHead
    ? []
    : design.head.meaning.classes !== undefined
      ? (['logits'] as const)
      : head.prototypes.patch === 0
        ? (['cls_logits'] as const)
        : (['cls_logits', 'patch_logits'] as const)),
]

/** What is computed of a model: normalised images [B, H, W, C] → outputs. `weights` go by the names of `Model.weights`. */
export type What = (model: Model, weights: Weights, images: tf.Tensor4D) => Outputs<tf.Tensor>

/** What an export gives, in evaluation mode. */
export const outputsOf = (model: Model, weights: Weights, images: tf.Tensor4D): Outputs<tf.Tensor> => {
  const { design, network, withHead } = model
  const tokens = network.backbone.tokens(within(BACKBONE, weights), images, undefined, evaluation)
  const features = { last_hidden_state: tokens, pooler_output: firstOf(tokens) }
  if (!withHead) return features
  const { cls, patch } = network.head.apply(within(HEAD, weights), tokens, evaluation)
  return design.head.meaning.classes === undefined
    ? { ...features, cls_logits: cls, ...(patch === undefined ? {} : { patch_logits: patch }) }
    : { ...features, logits: cls }
}
