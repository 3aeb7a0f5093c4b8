/** The Swin transformer: tokens, what lies between, attention, gradients, and how windows are laid out. */
import * as t from 'io-ts'
import { relativeIndex } from '../../src/nn/relativePosition'
import { swin } from '../../src/ops/all'
import type { Backbone } from '../../src/ops/slots'
import { type Check, same } from './check'
import { checkEncoder, isDerived } from './encoder'
import { described, type Fixture } from './fixture'
import { built } from './ops'

/** The parts of a configuration that make the network. */
export const SwinConfig = t.intersection([
  t.type({
    depths: t.array(t.number),
    embed_dim: t.number,
    img_size: t.number,
    num_heads: t.array(t.number),
    patch_size: t.number,
    window_size: t.number,
  }),
  t.partial({ mlp_ratio: t.number, qkv_bias: t.boolean }),
])
export type SwinConfig = t.TypeOf<typeof SwinConfig>

/** The parameters of the op for a fixture's configuration. */
export const swinParameters = (config: SwinConfig) => ({
  patch: config.patch_size,
  width: config.embed_dim,
  depths: config.depths,
  heads: config.num_heads,
  window: config.window_size,
  mlpRatio: config.mlp_ratio ?? 4,
  qkvBias: config.qkv_bias ?? true,
})

export const checkSwin = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config } = described(t.type({ config: SwinConfig }), fixture)
  const { student } = built<Backbone>(swin.spec, swinParameters(config))
  return [
    ...fixture.names
      .filter(isDerived)
      .map((name) =>
        same(
          `relative_position_index/${name}`,
          Array.from(relativeIndex(Math.sqrt(fixture.shape(name)[0]!))),
          fixture.integers(name),
        ),
      ),
    ...(await checkEncoder(fixture, student({ channels: 3, size: config.img_size }))),
  ]
}
