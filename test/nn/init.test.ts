import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import { head } from '../../src/nn/head'
import { initialise } from '../../src/nn/init'
import { type Init, weight } from '../../src/nn/layer'
import { vit } from '../../src/nn/vit'

const drawn = (init: Init, count = 40_000, seed = 0, name = 'w') => initialise(weight([count], init), seed, name)
const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  const spread = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length
  const fourth = values.reduce((sum, v) => sum + (v - mean) ** 4, 0) / values.length
  return { mean, std: Math.sqrt(spread), kurtosis: fourth / spread ** 2 }
}

describe('first values', () => {
  it('of a truncated normal are normal with its deviation, cut at ±2', () => {
    const { mean, std, kurtosis } = moments(drawn({ kind: 'truncatedNormal', std: 0.02 }))
    expect(Math.abs(mean)).toBeLessThan(5e-4)
    expect(Math.abs(std - 0.02)).toBeLessThan(4e-4)
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.15)
    expect(Math.max(...drawn({ kind: 'truncatedNormal', std: 3 }).map(Math.abs))).toBeLessThanOrEqual(2)
  })

  it('of a uniform one fill its bounds evenly', () => {
    const values = drawn({ kind: 'uniform', bound: 0.3 })
    const { mean, std, kurtosis } = moments(values)
    expect(Math.abs(mean)).toBeLessThan(5e-3)
    expect(Math.abs(std - 0.3 / Math.sqrt(3))).toBeLessThan(2e-3)
    expect(Math.abs(kurtosis - 1.8)).toBeLessThan(0.05)
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.3)
    expect(Math.max(...values)).toBeGreaterThan(0.299)
  })

  it('of a uniform one are the draws of its name', () => {
    const draw = random(3, 'init', 'some.weight')
    const expected = Float32Array.from({ length: 2500 }, () => draw.between(-0.3, 0.3))
    expect(drawn({ kind: 'uniform', bound: 0.3 }, 2500, 3, 'some.weight')).toEqual(expected)
  })

  it('are constants where they are said to be', () => {
    expect(new Set(drawn({ kind: 'zeros' }, 9))).toEqual(new Set([0]))
    expect(new Set(drawn({ kind: 'ones' }, 9))).toEqual(new Set([1]))
    expect(new Set(drawn({ kind: 'constant', value: 0.5 }, 9))).toEqual(new Set([0.5]))
  })

  it('depend on the seed and the name, and on nothing else', () => {
    const init = { kind: 'truncatedNormal', std: 1 } as const
    expect(drawn(init, 50, 1, 'a')).toEqual(drawn(init, 50, 1, 'a'))
    expect(drawn(init, 50, 1, 'a')).not.toEqual(drawn(init, 50, 2, 'a'))
    expect(drawn(init, 50, 1, 'a')).not.toEqual(drawn(init, 50, 1, 'b'))
  })
})

describe('a network', () => {
  const backbone = vit({
    channels: 3,
    imageSize: 8,
    patch: 4,
    width: 6,
    depth: 1,
    heads: 2,
    mlpRatio: 2,
    qkvBias: true,
    qkScale: undefined,
    dropout: 0,
    attentionDropout: 0,
    dropPath: 0,
    layerScale: 0.1,
    registers: 0,
    pooling: 'cls',
  })
  const projection = head({
    inputs: 6,
    layers: 3,
    hidden: 8,
    bottleneck: 4,
    norm: 'none',
    activation: 'gelu',
    prototypes: { cls: 5, patch: 7 },
    shared: false,
    normalizeLastLayer: true,
  })

  it('starts as the official one does', () => {
    const small = { kind: 'truncatedNormal', std: 0.02 }
    const conv = { kind: 'uniform', bound: 1 / Math.sqrt(3 * 4 * 4) }
    const weights = backbone.maskedWeights
    expect(weights.cls_token!.init).toEqual(small)
    expect(weights.pos_embed!.init).toEqual(small)
    expect(weights.masked_embed!.init).toEqual({ kind: 'zeros' })
    expect(weights['patch_embed.proj.weight']!.init).toEqual(conv)
    expect(weights['patch_embed.proj.bias']!.init).toEqual(conv)
    expect(weights['blocks.0.attn.qkv.weight']!.init).toEqual(small)
    expect(weights['blocks.0.attn.qkv.bias']!.init).toEqual({ kind: 'zeros' })
    expect(weights['blocks.0.norm1.weight']!.init).toEqual({ kind: 'ones' })
    expect(weights['blocks.0.gamma_1']!.init).toEqual({ kind: 'constant', value: 0.1 })
  })

  it("has torch's default in the head's last layers, of length 1 where that isn't trained", () => {
    const { weights } = projection
    for (const name of ['last_layer', 'last_layer2']) {
      expect(weights[`${name}.weight_v`]).toMatchObject({ init: { kind: 'uniform', bound: 0.5 }, trainable: true })
      expect(weights[`${name}.weight_g`]).toMatchObject({ init: { kind: 'ones' }, trainable: false })
    }
    expect(weights['mlp.0.weight']!.init).toEqual({ kind: 'truncatedNormal', std: 0.02 })
    expect(weights['mlp.4.bias']!.init).toEqual({ kind: 'zeros' })
  })
})
