/** The vision transformer: tokens, what lies between, attention, gradients. */
import * as tf from '@tensorflow/tfjs-core'
import * as t from 'io-ts'
import { gradients } from '../../src/interpret/gradients'
import { evaluation } from '../../src/nn/layer'
import { vit } from '../../src/ops/all'
import type { Backbone } from '../../src/ops/slots'
import { type Check, matches, near, same, valuesOf } from './check'
import { described, type Fixture } from './fixture'
import { images, mask, tensor } from './layout'
import { built } from './ops'

/** The parts of a configuration that make the network. */
export const VitConfig = t.intersection([
  t.type({
    depth: t.number,
    embed_dim: t.number,
    img_size: t.number,
    mlp_ratio: t.number,
    num_heads: t.number,
    patch_size: t.number,
  }),
  t.partial({ init_values: t.number, use_mean_pooling: t.boolean, qkv_bias: t.boolean }),
])
export type VitConfig = t.TypeOf<typeof VitConfig>

const Description = t.type({
  config: t.intersection([VitConfig, t.type({ inputs: t.UnknownRecord, n_last_blocks: t.number })]),
  grad_l2_norm: t.record(t.string, t.record(t.string, t.number)),
})

/** The parameters of the op for a fixture's configuration. */
export const vitParameters = (config: VitConfig) => ({
  patch: config.patch_size,
  width: config.embed_dim,
  depth: config.depth,
  heads: config.num_heads,
  mlpRatio: config.mlp_ratio,
  layerScale: config.init_values ?? 0,
  pooling: config.use_mean_pooling === true ? ('mean' as const) : ('cls' as const),
  qkvBias: config.qkv_bias ?? true,
})

export const checkVit = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, grad_l2_norm: norms } = described(Description, fixture)
  const net = built<Backbone>(vit.spec, vitParameters(config)).student({ channels: 3, size: config.img_size })
  const specs = net.maskedWeights
  const bare = fixture.names.filter((name) => !name.includes('/'))
  const weights = Object.fromEntries(bare.map((name) => [name, tensor(fixture, name)]))
  const read = (name: string): tf.Tensor => weights[name]!
  const has = (name: string): boolean => fixture.names.includes(name)

  const forward = (tag: string): readonly Check[] => {
    const pictures = images(fixture, `in/${tag}/images`)
    const masked = has(`in/${tag}/mask`) ? mask(fixture, `in/${tag}/mask`) : undefined
    const check = (name: string, value: () => tf.Tensor): readonly Check[] =>
      has(`out/${tag}/${name}`) ? [matches(fixture, `out/${tag}/${name}`, valuesOf(value()))] : []
    const between = net.intermediate(read, pictures, config.n_last_blocks)
    return [
      ...check('tokens', () => net.tokens(read, pictures, undefined, evaluation)),
      ...check('tokens_masked', () => net.tokens(read, pictures, masked, evaluation)),
      ...between.flatMap((value, i) => check(`intermediate.${i}`, () => value)),
      ...check('last_selfattention', () => net.lastAttention(read, pictures)),
    ]
  }

  const backward = (tag: string): readonly Check[] => {
    const pictures = images(fixture, `in/${tag}/images`)
    const cotangent = tensor(fixture, `in/${tag}/cotangent`)
    const wanted = norms[tag]!
    // Without a mask the mask embedding has no gradient at all.
    const masked = 'masked_embed' in wanted ? mask(fixture, `in/${tag}/mask`) : undefined
    const { gradients: slopes } = gradients(
      (leaves) => ({
        value: tf.sum(
          tf.mul(
            net.tokens((name) => leaves[name]!, pictures, masked, evaluation),
            cotangent,
          ),
        ) as tf.Scalar,
        kept: {},
      }),
      weights,
    )
    const names = Object.keys(slopes).filter((name) => name in wanted || masked !== undefined)
    return [
      same(`names/grad/${tag}`, [...names].sort(), Object.keys(wanted).sort()),
      ...names.map((name) =>
        near(
          `grad_l2_norm/${tag}/${name}`,
          [tf.norm(slopes[name]!).dataSync()[0]!],
          [wanted[name]!],
          fixture.tolerance('grad_l2_norm'),
        ),
      ),
      ...names
        .filter((name) => has(`grad/${tag}/${name}`))
        .map((name) => matches(fixture, `grad/${tag}/${name}`, valuesOf(slopes[name]!))),
    ]
  }

  return [
    same(
      'names/weights',
      Object.entries(specs)
        .map(([name, { shape }]) => [name, ...shape])
        .sort(),
      bare.map((name) => [name, ...fixture.shape(name)]).sort(),
    ),
    ...Object.keys(config.inputs).flatMap(forward),
    ...Object.keys(norms).flatMap(backward),
  ]
}
