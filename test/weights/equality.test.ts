import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlan } from '../../src/dsl/read'
import { type Imported, type ImportOptions, importFile } from '../../src/import/import'
import { serialize } from '../../src/io/safetensors'
import { evaluation } from '../../src/nn/layer'
import { registry } from '../../src/ops/registry'
import { type Design, designOf } from '../../src/program/design'
import { networksOf } from '../../src/program/networks'
import { FILES, FOLDERS, featuresOf, imageOf, NETWORKS, pathOf, sizeOf, tensorsIn } from './fixtures'

const root = mkdtempSync(join(tmpdir(), 'equality-'))
afterAll(() => rmSync(root, { recursive: true }))
beforeAll(() => tf.setBackend('cpu'))

const right = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

let made = 0
const imported = async (file: string, options: Partial<ImportOptions> = {}): Promise<Imported> => {
  made += 1
  return right(await importFile(registry, file, { out: join(root, `import-${made}`), ...options })())
}

const designIn = (folder: string): Design => {
  const file = join(folder, 'pipeline.yaml')
  return right(designOf(registry, right(readPlan(registry, file, readFileSync(file, 'utf8'))).plan))
}

/** The features of the fixture's image by the network that was imported into a folder. */
const computed = (folder: string, name: string): Float32Array => {
  const tensors = tensorsIn(join(folder, 'weights.safetensors'))
  const { backbone } = networksOf(designIn(folder), 3).teacher!
  return tf.tidy(() => {
    const read = (weight: string): tf.Tensor => {
      const { shape, data } = tensors.get(`backbone.${weight}`)!
      return tf.tensor(data as Float32Array, [...shape])
    }
    const size = sizeOf(name)
    const image = tf.tensor4d(imageOf(name).data as Float32Array, [1, size, size, 3])
    return backbone.tokens(read, image, undefined, evaluation).dataSync() as Float32Array
  })
}

const difference = (a: Float32Array, b: Float32Array): number =>
  a.length === b.length ? Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) : Number.NaN

const HEADS = [2]
const headsOf = (name: string) => (name.includes('swin') ? {} : { heads: HEADS })

describe('what is imported computes what the library computes of the same image', () => {
  it.each(FILES)('%s', async (name) => {
    const { folder, missing } = await imported(pathOf(name), headsOf(name))
    expect(missing.filter((weight) => weight.startsWith('backbone.') && weight !== 'backbone.masked_embed')).toEqual([])
    expect(difference(computed(folder, name), featuresOf(name))).toBeLessThan(1e-5)
  })

  it.each(FOLDERS)('%s, whose heads and epsilon its config.json tells', async (name) => {
    const { folder, guesses, heads } = await imported(pathOf(name))
    expect(heads).toEqual(name === 'hf-swin' ? [1, 2] : 2)
    expect(guesses).toEqual([])
    expect(difference(computed(folder, name), featuresOf(name))).toBeLessThan(1e-5)
  })

  it.each(FOLDERS)('%s, its state dict in memory, which has other names', async (name) => {
    const { folder } = await imported(join(NETWORKS, name, 'state_dict.safetensors'))
    expect(difference(computed(folder, name), featuresOf(name))).toBeLessThan(1e-5)
  })
})

describe('what no weight tells is asked, told or known', () => {
  it('with other heads the same weights compute something else', async () => {
    const { folder, heads, guesses } = await imported(pathOf('timm-vit'), { heads: [4] })
    expect([heads, guesses]).toEqual([4, []])
    expect(difference(computed(folder, 'timm-vit'), featuresOf('timm-vit'))).toBeGreaterThan(1e-3)
  })

  it('a number of heads that nothing tells is a guess', async () => {
    const { guesses } = await imported(pathOf('timm-vit'))
    expect(guesses).toEqual(['1 attention head, about 64 features for each'])
  })

  it('what is imported once tells it the next time', async () => {
    const first = await imported(pathOf('hf-vit-eps'))
    const again = await imported(join(first.folder, 'weights.safetensors'))
    expect(again.guesses).toEqual([])
    expect(again.notes).toEqual(['2 attention heads, as its metadata says', 'layerNormEps 1e-3, as its metadata says'])
    expect(difference(computed(again.folder, 'hf-vit-eps'), featuresOf('hf-vit-eps'))).toBeLessThan(1e-5)
  })

  it('how many of how many weights were read, and in what names, is told', async () => {
    const { weights, total, names, missing, unexpected, notes } = await imported(pathOf('hf-dinov2-registers'))
    expect({ names, unexpected }).toEqual({ names: 'Hugging Face', unexpected: [] })
    expect(weights + missing.length).toBe(total)
    expect(missing.every((name) => name.startsWith('head.'))).toBe(true)
    expect(notes).toContain('2 attention heads, as config.json says')
  })

  const refusal = async (file: string, options: Partial<ImportOptions> = {}): Promise<string> => {
    const result = await importFile(registry, file, { out: join(root, 'refused'), ...options })()
    return E.isLeft(result) && 'message' in result.left ? result.left.message.replace(/^.* can't be used: /, '') : 'imported'
  }
  /** A file beside a configuration. */
  const beside = (file: string, config: unknown): string => {
    made += 1
    const folder = join(root, `beside-${made}`)
    mkdirSync(folder)
    copyFileSync(file, join(folder, 'model.safetensors'))
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    return join(folder, 'model.safetensors')
  }

  it('and what contradicts the weights is refused', async () => {
    const vit = pathOf('timm-vit')
    expect(await refusal(vit, { heads: [3] })).toBe("its width is 8, which --heads 3 doesn't divide")
    expect(await refusal(pathOf('hf-vit'), { heads: [4] })).toBe('it has 2 heads, as config.json says, and not --heads 4')
    expect(await refusal(pathOf('timm-swin'), { heads: [1, 4] })).toBe(
      'its stages have 1, 2 heads, as the weights tell, and --heads says 1,4',
    )
    expect(await refusal(beside(vit, { hidden_size: 16, num_attention_heads: 2 }))).toBe(
      "config.json is another network's: it says that the width is 16, and the weights have 8",
    )
    expect(await refusal(beside(vit, { hidden_size: 8, num_attention_heads: 2, num_hidden_layers: 3 }))).toBe(
      "config.json is another network's: it says that the depth is 3, and the weights have 2",
    )
    expect(await refusal(beside(vit, { hidden_size: 8, num_attention_heads: 2, hidden_act: 'gelu_new' }))).toBe(
      'config.json says that it has the activation "gelu_new", not the exact GELU',
    )
  })

  it('a normalisation of images beside the weights is that of the pipeline', async () => {
    const file = beside(pathOf('timm-vit'), {
      architecture: 'vit_tiny_patch4_12',
      model_args: { num_heads: 2, embed_dim: 8, img_size: 12, patch_size: 4 },
      pretrained_cfg: { mean: [0.5, 0.4, 0.3], std: [0.1, 0.2, 0.3] },
    })
    const { folder, heads } = await imported(file)
    expect(heads).toBe(2)
    expect(designIn(folder).views.meaning).toMatchObject({ mean: [0.5, 0.4, 0.3], std: [0.1, 0.2, 0.3] })
  })

  it('a network that lacks some of its layers is none', async () => {
    const tensors = [...tensorsIn(pathOf('timm-vit'))]
    const file = join(root, 'gap.safetensors')
    writeFileSync(file, serialize(tensors.filter(([name]) => name !== 'blocks.0.attn.proj.weight')))
    expect(await refusal(file, { heads: [2] })).toBe(
      'it has 29 of the 30 weights of the backbone, and lacks backbone.blocks.0.attn.proj.weight; it also has head.bias, head.weight',
    )
    const without = tensors.map(([name, entry]) => [name.replace('blocks.0.', 'blocks.2.'), entry] as const)
    writeFileSync(file, serialize(without))
    expect(await refusal(file, { heads: [2] })).toBe('it has no blocks of a vision transformer')
  })
})
