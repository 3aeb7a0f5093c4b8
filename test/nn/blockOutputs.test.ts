/** What probes see of a backbone's blocks: the last one's output is that of the backbone, so no number depends on how many are asked for. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import type { OpenEncoder } from '../../src/nn/encoder'
import { evaluation, type Weights } from '../../src/nn/layer'
import { swin } from '../../src/nn/swin'
import { type VitShape, vit } from '../../src/nn/vit'

beforeAll(async () => {
  await useBackend('cpu')()
})

const SHAPE: VitShape = {
  channels: 3,
  imageSize: 8,
  patch: 4,
  width: 8,
  depth: 3,
  heads: 2,
  mlpRatio: 2,
  qkvBias: true,
  qkScale: undefined,
  dropout: 0,
  attentionDropout: 0,
  dropPath: 0,
  layerScale: 0,
  registers: 0,
  pooling: 'cls',
}

const wave = (shape: readonly number[], phase: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => 0.3 * Math.sin(0.7 * i + phase)),
    [...shape],
  )

const weightsOf = (encoder: OpenEncoder) => {
  const values = new Map(Object.entries(encoder.weights).map(([name, { shape }], k) => [name, wave(shape, k)]))
  return (name: string) => values.get(name)!
}

const finishedOf = ({ blocks }: OpenEncoder, weights: Weights, last: number) =>
  blocks.outputs(weights, images(), last).map((output) => blocks.finished(weights, output))

const images = () => wave([2, 8, 12, 3], 1) as tf.Tensor4D

const SUBJECTS: Readonly<Record<string, OpenEncoder>> = {
  'a vision transformer': vit(SHAPE),
  'one whose picture token is the mean of the patches': vit({ ...SHAPE, pooling: 'mean' }),
  'one with registers': vit({ ...SHAPE, registers: 2 }),
  'one with the mean and registers': vit({ ...SHAPE, pooling: 'mean', registers: 2 }),
  'a Swin transformer': swin({
    ...{ channels: 3, imageSize: 8, patch: 2, width: 4, depths: [1, 2], heads: [1, 2], window: 2, mlpRatio: 2, qkvBias: true },
    ...{ qkScale: undefined, dropout: 0, attentionDropout: 0, dropPath: 0 },
  }),
}

describe("a backbone's blocks", () => {
  for (const [name, encoder] of Object.entries(SUBJECTS))
    it(`give last what ${name} gives`, () => {
      const weights = weightsOf(encoder)
      const whole = encoder.tokens(weights, images(), undefined, evaluation).arraySync()
      for (const last of [1, 2, 3]) {
        const outputs = finishedOf(encoder, weights, last)
        expect(outputs.length).toBe(last)
        expect(outputs.at(-1)!.arraySync()).toEqual(whole)
      }
    })

  for (const [name, encoder] of Object.entries(SUBJECTS))
    it(`need not give the patches where only the picture's own token of ${name} is asked for`, () => {
      const weights = weightsOf(encoder)
      const whole = encoder.tokens(weights, images(), undefined, evaluation).arraySync()
      const alone = encoder.cls?.(weights, images()).arraySync()
      if (alone !== undefined) expect(alone).toEqual(whole.map(([first]) => first))
    })

  it('give the normalised mean of the patches in place of [CLS] where the backbone does', () => {
    const encoder = vit({ ...SHAPE, pooling: 'mean' })
    const given = weightsOf(encoder)
    // Without scale and shift a row of 8 normalised features has mean 0 and variance 1.
    const weights = (name: string) =>
      name === 'fc_norm.weight' ? tf.ones([8]) : name === 'fc_norm.bias' ? tf.zeros([8]) : given(name)
    for (const output of finishedOf(encoder, weights, 3)) {
      const [first, ...patches] = (output.arraySync() as number[][][])[0]!
      const mean = first!.map((_, i) => patches.reduce((sum, patch) => sum + patch[i]!, 0) / patches.length)
      const centre = mean.reduce((sum, value) => sum + value, 0) / 8
      const deviation = Math.sqrt(mean.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 8 + 1e-6)
      for (const [i, value] of mean.entries()) expect(first![i]).toBeCloseTo((value - centre) / deviation, 4)
    }
  })
})
