/** The vision transformer: tokens, what lies between, attention, gradients. */
import * as t from 'io-ts'
import { vit } from '../../src/ops/all'
import type { Backbone } from '../../src/ops/slots'
import type { Check } from './check'
import { checkEncoder } from './encoder'
import { described, type Fixture } from './fixture'
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
  const { config } = described(t.type({ config: VitConfig }), fixture)
  const { student } = built<Backbone>(vit.spec, vitParameters(config))
  return checkEncoder(fixture, student({ channels: 3, size: config.img_size }))
}
