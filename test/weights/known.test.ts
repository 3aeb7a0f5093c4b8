import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { description } from '../../src/weights/description'
import { knownOf, knownOfConfig, knownOfMetadata } from '../../src/weights/known'

const folder = mkdtempSync(join(tmpdir(), 'known-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a config.json tells what shapes do not', () => {
  it("of Hugging Face's ViTConfig and those like it", () => {
    const config = {
      model_type: 'dinov2',
      hidden_size: 384,
      num_hidden_layers: 12,
      num_attention_heads: 6,
      image_size: 518,
      patch_size: 14,
      layer_norm_eps: 1e-6,
      hidden_act: 'gelu',
    }
    expect(knownOfConfig(config, 'config.json')).toMatchObject({
      source: 'config.json',
      width: 384,
      depth: 12,
      heads: 6,
      imageSize: 518,
      patch: 14,
      layerNormEps: 1e-6,
    })
  })

  it('of a Swin transformer, whose width is that of the first stage', () => {
    const config = { hidden_size: 768, embed_dim: 96, depths: [2, 2, 6, 2], num_heads: [3, 6, 12, 24], num_hidden_layers: 4 }
    expect(knownOfConfig(config, 'c')).toMatchObject({ width: 96, depth: undefined, heads: [3, 6, 12, 24] })
  })

  it('of timm, with the normalisation of its images', () => {
    const config = {
      architecture: 'vit_base_patch16_224',
      model_args: { num_heads: 3, embed_dim: 24, depth: 2, img_size: 32, patch_size: 8 },
      pretrained_cfg: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], input_size: [3, 32, 32] },
    }
    expect(knownOfConfig(config, 'c')).toMatchObject({ width: 24, depth: 2, heads: 3, imageSize: 32, mean: [0.5, 0.5, 0.5] })
    const short = knownOfConfig({ architecture: 'vit_small_patch16_224', pretrained_cfg: { input_size: [3, 224, 224] } }, 'c')
    expect(short).toMatchObject({ imageSize: 224, heads: undefined })
  })

  it('and of what it can not be', () => {
    const config = { hidden_size: 8, num_attention_heads: 2, hidden_act: 'quick_gelu' }
    expect(knownOfConfig(config, 'c')).toMatchObject({ unsupported: 'the activation "quick_gelu", not the exact GELU' })
    expect(knownOfConfig({ architecture: 'vit', model_args: { act_layer: 'gelu_tanh' } }, 'c')?.unsupported).toContain(
      'gelu_tanh',
    )
  })

  it.each([[{}], [[]], [null], ['text'], [{ hidden_size: 8 }], [{ hidden_size: 'wide', num_attention_heads: 2 }]])(
    'but nothing where it is no network: %o',
    (config) => {
      expect(knownOfConfig(config, 'c')).toBeUndefined()
    },
  )
})

describe("a file of ibot's tells it of itself", () => {
  const architecture = {
    family: 'vit',
    patch: 8,
    width: 24,
    depth: 2,
    heads: 3,
    mlpRatio: 4,
    qkvBias: true,
    qkScale: 0.3,
    layerScale: 0,
    registers: 0,
    pooling: 'cls',
    imageSize: 32,
  } as const
  it('by its architecture and its images', () => {
    const metadata = description(architecture, { size: [48, 48], mean: [0.5], std: [0.25] })
    expect(knownOfMetadata(metadata)).toMatchObject({
      heads: 3,
      qkScale: 0.3,
      imageSize: 32,
      width: 24,
      mean: [0.5],
      std: [0.25],
    })
  })

  it('by the op of its backbone, as files of version 0.1 do', () => {
    const backbone = JSON.stringify({ vitSmall: { patch: 16, width: 384, depth: 12, heads: 6 } })
    expect(knownOfMetadata({ format: 'pt', backbone })).toMatchObject({ source: 'its metadata', heads: 6, width: 384 })
  })

  it.each([[{}], [{ architecture: '{' }], [{ architecture: '7' }], [{ backbone: '[]' }]])('or not: %o', (metadata) => {
    expect(knownOfMetadata(metadata as Record<string, string>)).toBeUndefined()
  })

  it('before a config.json beside it', async () => {
    const file = join(folder, 'model.safetensors')
    writeFileSync(join(folder, 'config.json'), '{"hidden_size": 24, "num_attention_heads": 4, "image_size": null}')
    writeFileSync(join(folder, 'preprocessor_config.json'), '{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.1, 0.1, 0.1]}')
    expect(await knownOf(file, {})).toMatchObject({
      source: 'config.json',
      heads: 4,
      mean: [0.5, 0.5, 0.5],
      std: [0.1, 0.1, 0.1],
    })
    expect(await knownOf(file, { architecture: JSON.stringify(architecture) })).toMatchObject({
      source: 'its metadata',
      heads: 3,
    })
    expect(await knownOf(join(folder, 'nowhere', 'model.safetensors'), {})).toBeUndefined()
  })
})
