import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlan } from '../../src/dsl/read'
import { type Imported, type ImportOptions, importFile } from '../../src/import/import'
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
  const { backbone } = networksOf(designIn(folder), 3).teacher
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
