/** The projection head: logits of tokens and of vectors, gradients, running statistics. */

import * as tf from '@tensorflow/tfjs-core'
import * as t from 'io-ts'
import { WHOLE } from '../../src/nn/across'
import { type Context, evaluation, type Weights } from '../../src/nn/layer'
import { projectionHead, separate, shared } from '../../src/ops/all'
import type { ProjectionHead } from '../../src/ops/slots'
import { differentiate } from '../../src/program/differentiate'
import { type Check, gives, same } from './check'
import { described, type Fixture } from './fixture'
import { tensor } from './layout'
import { built } from './ops'

/** The words that a head's activation and norm are told by, as in the arguments of the official code. */
export const headTypes = {
  act: t.union([t.undefined, t.literal('gelu'), t.literal('relu')]),
  norm: t.union([t.undefined, t.null, t.literal('bn'), t.literal('ln')]),
}

const Shape = t.intersection([
  t.type({
    bottleneck_dim: t.number,
    hidden_dim: t.number,
    out_dim: t.number,
    patch_out_dim: t.number,
    shared_head: t.boolean,
    norm_last_layer: t.boolean,
  }),
  t.partial({
    act: headTypes.act,
    nlayers: t.number,
    norm: headTypes.norm,
    shared_head_teacher: t.boolean,
  }),
])
export const HeadDescription = Shape
export type HeadConfig = t.TypeOf<typeof Shape>

const Description = t.type({
  config: t.intersection([Shape, t.type({ in_dim: t.number })]),
  trainable_parameters: t.array(t.string),
  frozen_parameters: t.array(t.string),
})

const output = (isShared: boolean, { out_dim: cls, patch_out_dim: patch }: HeadConfig) =>
  isShared ? shared({ prototypes: cls }) : separate({ cls, patch })

/** The parameters of the op for a fixture's configuration. */
export const headParameters = (config: HeadConfig) => ({
  output: output(config.shared_head, config),
  ...(config.shared_head_teacher === undefined ? {} : { teacherOutput: output(config.shared_head_teacher, config) }),
  layers: config.nlayers ?? 3,
  hidden: config.hidden_dim,
  bottleneck: config.bottleneck_dim,
  norm: ({ bn: 'batch', ln: 'layer', none: 'none' } as const)[config.norm ?? 'none'],
  activation: config.act ?? 'gelu',
  normalizeLastLayer: config.norm_last_layer,
})

export const checkHead = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, trainable_parameters: trained, frozen_parameters: frozen } = described(Description, fixture)
  const head = built<ProjectionHead>(projectionHead.spec, headParameters(config)).student(config.in_dim)
  const names = [...Object.keys(head.weights), ...Object.keys(head.buffers)]
  const state = Object.fromEntries(names.map((name) => [name, tensor(fixture, name)]))
  const tokens = tensor(fixture, 'in/tokens') as tf.Tensor3D
  const check = (name: string, value: tf.Tensor): Promise<Check> => gives(fixture, name, value)

  const still: Weights = (name) => state[name]!
  const rest = head.apply(still, tokens, evaluation)
  const vectors = head.vectors(still, tensor(fixture, 'in/vectors') as tf.Tensor2D, evaluation)

  const buffers: Record<string, tf.Tensor> = {}
  const training: Context = {
    training: true,
    across: WHOLE,
    draws: evaluation.draws,
    update: (name, value) => {
      buffers[name] = tf.keep(value)
    },
  }
  const trainable = Object.keys(head.weights).filter((name) => head.weights[name]!.trainable)
  const { kept, gradients } = differentiate(
    (leaves) => {
      const logits = head.apply((name) => buffers[name] ?? leaves[name] ?? state[name]!, leaves.tokens as tf.Tensor3D, training)
      return {
        value: tf.add(
          tf.sum(tf.mul(logits.cls, tensor(fixture, 'in/cotangent_cls'))),
          tf.sum(tf.mul(logits.patch!, tensor(fixture, 'in/cotangent_patch'))),
        ) as tf.Scalar,
        kept: { ...logits },
      }
    },
    { ...Object.fromEntries(trainable.map((name) => [name, state[name]!])), tokens },
  )

  return Promise.all([
    same('names/trainable', trainable, trained),
    same(
      'names/frozen',
      Object.keys(head.weights).filter((name) => !trainable.includes(name)),
      frozen,
    ),
    same(
      'names/gradients',
      Object.keys(gradients).sort(),
      fixture.names.flatMap((name) => /^grad\/(.*)/.exec(name)?.[1] ?? []).sort(),
    ),
    check('out/eval/cls', rest.cls),
    check('out/eval/patch', rest.patch!),
    check('out/eval/vectors', vectors),
    check('out/train/cls', kept.cls!),
    check('out/train/patch', kept.patch!),
    ...Object.entries(buffers).map(([name, value]) => check(`out/train/buffers/${name}`, value)),
    ...Object.entries(gradients).map(([name, value]) => check(`grad/${name}`, value)),
  ])
}
