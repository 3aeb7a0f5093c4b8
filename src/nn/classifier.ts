/** A linear classifier of pictures, over what stands for the whole of one or over the first layer of a projection head. */
import type * as tf from '@tensorflow/tfjs-core'
import { activation } from './activation'
import { dropout } from './dropout'
import { type Head, pictureToken } from './head'
import { type Layer, scope, sequence } from './layer'
import { linear } from './linear'

export interface ClassifierShape {
  /** Features of a token. */
  readonly inputs: number
  readonly classes: number
  /** Features of a hidden layer, which is the first one of a projection head; undefined for none. */
  readonly hidden: number | undefined
  /** Share of what the last layer takes that is dropped in training. */
  readonly dropout: number
  /** What the last layer's first weights, truncated normal with a deviation of 0.02, are multiplied by. */
  readonly initScale: number
}

const STD = 0.02

/**
 * A head that gives logits of classes for what stands for the whole picture, and none for patches. Its names are those of the
 * official code: `weight` and `bias`, or behind a hidden layer, `mlp.0`, `cls_head.weight` and `cls_head.bias`.
 */
export const classifier = ({ inputs, classes, hidden, dropout: rate, initScale }: ClassifierShape): Head => {
  const trunk: Layer = hidden === undefined ? sequence() : sequence(scope('mlp.0', linear(inputs, hidden)), activation('gelu'))
  const features = hidden ?? inputs
  const onto = linear(features, classes, { init: { kind: 'truncatedNormal', std: STD * initScale } })
  const last = sequence(
    scope(
      'drop',
      dropout(rate, (batch) => [batch, features]),
    ),
    hidden === undefined ? onto : scope('cls_head', onto),
  )
  const lastLayer: Head['lastLayer'] = (weights, context) => {
    const toClasses = (x: tf.Tensor): tf.Tensor => last.apply(weights, x, context)
    return { cls: toClasses, patch: toClasses }
  }
  return {
    weights: { ...trunk.weights, ...last.weights },
    buffers: {},
    draws: last.draws,
    // Neither waits for the other at the beginning.
    lastLayers: { cls: '', patch: '' },
    ofClasses: Object.keys(last.weights),
    prototypes: { cls: classes, patch: 0 },
    needsAllTokens: false,
    embed: (weights, x, context) => trunk.apply(weights, x, context),
    lastLayer,
    apply: (weights, tokens, context) => ({
      cls: last.apply(weights, trunk.apply(weights, pictureToken(tokens), context), context) as tf.Tensor2D,
    }),
    vectors: (weights, vectors, context) => last.apply(weights, trunk.apply(weights, vectors, context), context) as tf.Tensor2D,
  }
}
