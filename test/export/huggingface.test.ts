import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { compute } from '../../src/evaluate/compute'
import type { Images } from '../../src/evaluate/images'
import { readModel } from '../../src/evaluate/readModel'
import { compared } from '../../src/export/parity'
import { parse } from '../../src/io/safetensors'
import { registry } from '../../src/ops/registry'
import { readNetwork } from '../../src/weights/network'
import { testEngine, withoutTensorFlow } from '../engine'
import { done, exported, runWith } from './folder'

/** [B, C, H, W] as [B, H, W, C]. */
const channelsLast = (values: Float32Array, [count, channels, height, width]: readonly number[]): Images => {
  const area = height! * width!
  const turned = Float32Array.from(values, (_, at) => {
    const [image, pixel, channel] = [Math.floor(at / (area * channels!)), Math.floor(at / channels!) % area, at % channels!]
    return values[(image * channels! + channel) * area + pixel]!
  })
  return { values: turned, shape: [count!, height!, width!, channels!] }
}

describe.skipIf(withoutTensorFlow !== undefined)('huggingface', () => {
  test('is loaded by transformers.js without a network and computes the same', async () => {
    const run = await runWith()
    const { path } = await done(run, 'huggingface')
    const { env, pipeline, RawImage } = await import('@huggingface/transformers')
    env.allowRemoteModels = false
    env.localModelPath = dirname(path)
    const extract = await pipeline('image-feature-extraction', basename(path), { dtype: 'fp32' })
    const picture = new RawImage(
      Uint8ClampedArray.from({ length: 48 * 40 * 3 }, (_, i) => (i * 7919) % 256),
      48,
      40,
      3,
    )
    const seen = (await extract.processor!(picture)).pixel_values as { readonly data: Float32Array; readonly dims: number[] }
    expect(seen.dims).toEqual([1, 3, 32, 32])
    const model = await readModel(registry, run, { network: 'teacher', withHead: false })()
    if (E.isLeft(model)) throw new Error(JSON.stringify(model.left))
    const images = channelsLast(seen.data, seen.dims)
    const reference = await compute(await testEngine('cpu'), model.right, model.right.weights, images)
    const found = async (pool: boolean) => {
      const { data, dims } = await extract(picture, { pool })
      return { values: data as Float32Array, shape: dims }
    }
    const features = { last_hidden_state: await found(false), pooler_output: await found(true) }
    const worst = compared(features, reference)
    expect(E.isRight(worst) && worst.right).toBeLessThan(1e-5)
    await extract.dispose()
  })

  test('is read again under the official names with the same bits', async () => {
    const run = await runWith()
    const { path } = await done(run, 'huggingface')
    const model = await readModel(registry, run, { network: 'teacher', withHead: false })()
    const read = await readNetwork(join(path, 'model.safetensors'), 'teacher')()
    if (E.isLeft(model) || E.isLeft(read)) throw new Error("it can't be read")
    const found = [...read.right.weights].map(([name, { data }]) => [name, data])
    expect(Object.fromEntries(found)).toEqual(model.right.weights)
  })

  test('has the names and sizes of ViTModel', async () => {
    const { path } = await done(await runWith({ qkvBias: false }), 'huggingface')
    expect(readdirSync(path).sort()).toEqual(['config.json', 'model.safetensors', 'onnx', 'preprocessor_config.json'])
    expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toMatchObject({
      model_type: 'vit',
      hidden_size: 24,
      num_hidden_layers: 2,
      num_attention_heads: 3,
      intermediate_size: 96,
      image_size: 32,
      patch_size: 8,
      qkv_bias: false,
    })
    const file = parse(readFileSync(join(path, 'model.safetensors')))
    if (E.isLeft(file)) throw new Error(file.left)
    const { tensors } = file.right
    expect(tensors.get('encoder.layer.1.attention.attention.key.weight')!.shape).toEqual([24, 24])
    expect(tensors.get('embeddings.position_embeddings')!.shape).toEqual([1, 17, 24])
    expect([...tensors.keys()].filter((name) => !/^(embeddings|encoder|layernorm)\./.test(name))).toEqual([])
  })

  test.each([
    [{ layerScale: 0.1 }, "the weight 'blocks.0.gamma_1'"],
    [{ pooling: 'mean' }, "the weight 'fc_norm.weight'"],
    [{ registers: 2 }, "the weight 'register_tokens'"],
    [{ qkScale: 0.1 }, "a qkScale of one's own"],
    [{ imageSize: 64 }, 'positions for images of another size'],
  ] as const)('refuses what ViTModel lacks: %o', async (backbone, what) => {
    expect(await exported(await runWith(backbone), 'huggingface')).toBe(`Hugging Face's ViTModel has no network with ${what}`)
  })
})
