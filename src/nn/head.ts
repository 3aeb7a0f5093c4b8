/** The projection head of DINO and iBOT: an MLP, unit vectors, then weight-normalised layers onto the prototypes. */
import * as tf from '@tensorflow/tfjs-core'
import { activation } from './activation'
import {
  type Context,
  type DrawSpecs,
  evaluation,
  type Layer,
  scope,
  sequence,
  type WeightSpecs,
  type Weights,
  weight,
  within,
} from './layer'
import { affine, linear } from './linear'
import { batchNorm, layerNorm, unitVectors } from './norm'

export interface HeadShape {
  /** Features of a token. */
  readonly inputs: number
  /** Linear layers of the MLP, ≥ 1. */
  readonly layers: number
  readonly hidden: number
  /** Features of the unit vectors; 0: none, the MLP's last layer gives the logits. */
  readonly bottleneck: number
  readonly norm: 'none' | 'batch' | 'layer'
  readonly activation: 'gelu' | 'relu'
  /** Prototypes (logits) of the [CLS] token and of a patch token. */
  readonly prototypes: { readonly cls: number; readonly patch: number }
  /** Whether both kinds of token go through the same last layer. */
  readonly shared: boolean
  /** Whether the prototypes stay unit vectors (their length is then not trained). */
  readonly normalizeLastLayer: boolean
}

export interface Logits {
  /** [B, prototypes of [CLS]] */
  readonly cls: tf.Tensor2D
  /** [B, N, prototypes of patches]; absent of a head that gives none for patches. */
  readonly patch?: tf.Tensor3D
}

/** Tokens [B, 1 + N, features] → what stands for the whole of each picture: [B, features]. */
export const pictureToken = (x: tf.Tensor): tf.Tensor2D =>
  tf.reshape(tf.slice(x, [0, 0, 0], [x.shape[0]!, 1, x.shape[2]!]), [x.shape[0]!, x.shape[2]!])

export interface Head {
  readonly weights: WeightSpecs
  readonly buffers: WeightSpecs
  /** The draws that its last layers need in training, by name; none by default. */
  readonly draws?: DrawSpecs
  /** Names of the layer that gives the [CLS] logits, and of the one for patches (the same where they are shared). */
  readonly lastLayers: { readonly cls: string; readonly patch: string }
  /** Its weights that belong to the classes of the data: in a file for others they have other shapes, and then start anew. */
  readonly ofClasses?: readonly string[]
  /** Numbers of logits; 0 for patches of a head that classifies pictures. */
  readonly prototypes: { readonly cls: number; readonly patch: number }
  /** Whether a token's embedding depends on the other tokens of the batch (batch normalisation). */
  readonly needsAllTokens: boolean
  /** Tokens [..., inputs] → what the last layers take [..., features]: unit vectors, if there is a bottleneck. */
  readonly embed: (weights: Weights, x: tf.Tensor, context: Context) => tf.Tensor
  /** The last layers, ready to be applied: affine maps of embeddings [..., features] → logits [..., prototypes]. */
  readonly lastLayer: (
    weights: Weights,
    context: Context,
  ) => {
    readonly cls: (embedded: tf.Tensor) => tf.Tensor
    readonly patch: (embedded: tf.Tensor) => tf.Tensor
  }
  /** Tokens [B, 1 + N, inputs] → logits of all tokens. */
  readonly apply: (weights: Weights, tokens: tf.Tensor3D, context: Context) => Logits
  /** Vectors [B, inputs] → logits as of [CLS] tokens. */
  readonly vectors: (weights: Weights, vectors: tf.Tensor2D, context: Context) => tf.Tensor2D
}

/** Epsilon of a layer normalisation in the head: torch's default. */
const HEAD_EPS = 1e-5

/** What torch.nn.Linear starts from where nothing else is said: U(-1/√inputs, 1/√inputs). */
const torchDefault = (inputs: number) => ({ kind: 'uniform', bound: 1 / Math.sqrt(inputs) }) as const

/** A layer that is an affine map, whose matrix may have to be made first: once, however often it is used. */
interface LastLayer {
  readonly weights: WeightSpecs
  readonly ready: (weights: Weights) => (x: tf.Tensor) => tf.Tensor
}

/** The last layer with its weights named below a prefix. */
const scoped = (prefix: string, layer: LastLayer): LastLayer => ({
  weights: Object.fromEntries(Object.entries(layer.weights).map(([name, spec]) => [`${prefix}.${name}`, spec])),
  ready: (weights) => layer.ready(within(prefix, weights)),
})

/** logits = x · Wᵀ with W = g · v / ‖v‖ row by row (weight normalisation, arXiv 1602.07868). */
const weightNormed = (inputs: number, outputs: number, trainLength: boolean): LastLayer => ({
  weights: {
    weight_g: weight([outputs, 1], { kind: 'ones' }, trainLength),
    weight_v: weight([outputs, inputs], torchDefault(inputs)),
  },
  ready: (w) => {
    const v = w('weight_v')
    const matrix = tf.mul(v, tf.div(w('weight_g'), tf.sqrt(tf.sum(tf.square(v), 1, true))))
    return (x) => affine(x, matrix)
  },
})

/** A linear layer at the end of a head without a bottleneck. */
const lastLinear = ({ weights, apply }: Layer): LastLayer => ({
  weights,
  ready: (w) => (x) => apply(w, x, evaluation),
})

/**
 * The MLP up to its last hidden activation, and the index of the linear layer that follows. The normalisation is one
 * module used after every hidden layer: its parameters are shared, and its running statistics move once a use.
 */
const hiddenLayers = (shape: HeadShape): { readonly layer: Layer; readonly next: number } => {
  const { inputs, hidden } = shape
  const parts: Layer[] = []
  const stride = shape.norm === 'none' ? 2 : 3
  const norm = scope('mlp.1', shape.norm === 'batch' ? batchNorm(hidden) : layerNorm(hidden, HEAD_EPS))
  for (let i = 0; i < shape.layers - 1; i++) {
    parts.push(scope(`mlp.${i * stride}`, linear(i === 0 ? inputs : hidden, hidden)))
    if (shape.norm !== 'none') parts.push(norm)
    parts.push(activation(shape.activation))
  }
  return { layer: sequence(...parts), next: (shape.layers - 1) * stride }
}

export const head = (shape: HeadShape): Head => {
  const { bottleneck, prototypes, shared } = shape
  const { layer: hidden, next } = hiddenLayers(shape)
  const lastInputs = shape.layers === 1 ? shape.inputs : shape.hidden
  const lastName = shape.layers === 1 ? 'mlp' : `mlp.${next}`
  const bounded = bottleneck > 0
  const last = (outputs: number) => linear(lastInputs, outputs)

  const trunk = bounded ? sequence(hidden, scope(lastName, last(bottleneck))) : hidden
  const names = bounded ? { cls: 'last_layer', patch: 'last_layer2' } : { cls: lastName, patch: 'mlp2' }
  const toCls = scoped(
    names.cls,
    bounded ? weightNormed(bottleneck, prototypes.cls, !shape.normalizeLastLayer) : lastLinear(last(prototypes.cls)),
  )
  const own = bounded
    ? weightNormed(bottleneck, prototypes.patch, !shape.normalizeLastLayer)
    : lastLinear(unsharedLast(lastInputs, prototypes.patch))
  const toPatch = shared ? toCls : scoped(names.patch, own)

  const embed: Head['embed'] = (weights, x, context) => {
    const y = trunk.apply(weights, x, context)
    return bounded ? unitVectors(y) : y
  }
  const lastLayer: Head['lastLayer'] = (weights) => {
    const cls = toCls.ready(weights)
    return { cls, patch: shared ? cls : toPatch.ready(weights) }
  }
  const patches = (x: tf.Tensor): tf.Tensor => tf.slice(x, [0, 1, 0], [x.shape[0]!, x.shape[1]! - 1, x.shape[2]!])

  return {
    weights: { ...trunk.weights, ...toCls.weights, ...toPatch.weights },
    buffers: trunk.buffers,
    lastLayers: { cls: names.cls, patch: shared ? names.cls : names.patch },
    prototypes,
    needsAllTokens: shape.norm === 'batch' && shape.layers > 1,
    embed,
    lastLayer,
    apply: (weights, tokens, context) => {
      const x = embed(weights, tokens, context)
      const to = lastLayer(weights, context)
      return { cls: to.cls(pictureToken(x)) as tf.Tensor2D, patch: to.patch(patches(x)) as tf.Tensor3D }
    },
    vectors: (weights, vectors, context) => lastLayer(weights, context).cls(embed(weights, vectors, context)) as tf.Tensor2D,
  }
}

/** The patch tokens' own last layer of a head without a bottleneck, which keeps torch's default start. */
const unsharedLast = (inputs: number, outputs: number): Layer => ({
  ...linear(inputs, outputs),
  weights: { weight: weight([outputs, inputs], torchDefault(inputs)), bias: weight([outputs], torchDefault(inputs)) },
})

/** No head: tokens stay what they are. Only for pipelines whose losses ask for no logits. */
export const noHead: Head = {
  weights: {},
  buffers: {},
  lastLayers: { cls: '', patch: '' },
  prototypes: { cls: 0, patch: 0 },
  needsAllTokens: false,
  embed: (_weights, x) => x,
  lastLayer: () => ({ cls: (x) => x, patch: (x) => x }),
  apply: (_weights, x) => {
    const [cls, patch] = tf.split(x, [1, x.shape[1] - 1], 1)
    return { cls: tf.squeeze(cls!, [1]) as tf.Tensor2D, patch: patch as tf.Tensor3D }
  },
  vectors: (_weights, vectors) => vectors,
}
