import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import { useBackend } from '../../src/engine/eager/use'
import { exactGelu } from '../../src/nn/activation'
import { attention } from '../../src/nn/attention'
import { evaluation, sequence } from '../../src/nn/layer'
import { batchNorm, layerNorm, unitVectors } from '../../src/nn/norm'
import { differentiate } from '../../src/program/differentiate'
import { byDifferences } from './derivative'

beforeAll(async () => {
  await useBackend('cpu')()
})

type Tensors = Readonly<Record<string, tf.Tensor>>

const noise = (shape: readonly number[], ...key: readonly (string | number)[]): tf.Tensor => {
  const draw = random('nn', ...key)
  return tf.tensor(Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, draw.normal), [...shape])
}

const close = (got: ArrayLike<number>, want: ArrayLike<number>, within: number) => {
  expect(got.length).toBe(want.length)
  for (let i = 0; i < want.length; i++)
    expect(Math.abs(got[i]! - want[i]!), `${i}: ${got[i]} and ${want[i]}`).toBeLessThanOrEqual(within)
}

/** The gradients that a network computes of Σ f · cotangent, for inputs by name. */
const gradients = (f: (inputs: Tensors) => tf.Tensor, inputs: Tensors) => {
  const scalar = (given: Tensors) => tf.sum(tf.mul(f(given), noise(f(given).shape, 'cotangent')))
  const own = differentiate((given) => ({ value: scalar(given) as tf.Scalar, kept: {} }), inputs).gradients
  return { own, differences: byDifferences(scalar, inputs) }
}

const expectGradients = (f: (inputs: Tensors) => tf.Tensor, inputs: Tensors, within = 2e-3) => {
  const { own, differences } = gradients(f, inputs)
  expect(Object.keys(own)).toEqual(Object.keys(inputs))
  for (const [name, gradient] of Object.entries(own)) close(gradient.dataSync(), differences[name]!, within)
}

describe('exact GELU', () => {
  const x = [-4, -2, -1, -0.3, 0, 0.3, 1, 2, 4]

  it("has torch's values and gradients", () => {
    const y = [
      -0.000126685, -0.0455002639, -0.1586552539, -0.1146265733, 0, 0.1853734267, 0.8413447461, 1.9544997361, 3.999873315,
    ]
    const dy = [
      -0.0005036497, -0.0852318011, -0.0833154706, 0.2676722332, 0.5, 0.7323277668, 1.0833154706, 1.0852318011, 1.0005036497,
    ]
    close(exactGelu(tf.tensor1d(x)).dataSync(), y, 1e-6)
    const { gradients: found } = differentiate((given) => ({ value: tf.sum(exactGelu(given.x!)) as tf.Scalar, kept: {} }), {
      x: tf.tensor1d(x),
    })
    close(found.x!.dataSync(), dy, 1e-6)
  })

  it('agrees with differences on any shape', () => {
    expectGradients(({ x }) => exactGelu(x!), { x: noise([2, 3, 4], 'gelu') })
  })
})

describe('layer normalisation', () => {
  const weights = () => ({ weight: tf.tensor1d([1.5, -0.5, 2, 1]), bias: tf.tensor1d([0.1, 0.2, -0.3, 0]) })
  const apply = (eps: number) => (given: Tensors) => layerNorm(4, eps).apply((name) => given[name]!, given.x!, evaluation)

  it("has torch's values and gradients", () => {
    const x = tf.tensor2d([1, -2, 3, 0.5, 0.5, 4, -1, 2], [2, 4])
    const cotangent = tf.tensor2d([1, 2, -1, 0.5, -2, 1, 0.25, 1], [2, 4])
    close(apply(1e-6)({ x, ...weights() }).dataSync(), TORCH.y, 1e-6)
    const { gradients: found } = differentiate(
      (given) => ({ value: tf.sum(tf.mul(apply(1e-6)(given), cotangent)) as tf.Scalar, kept: {} }),
      { x, ...weights() },
    )
    close(found.x!.dataSync(), TORCH.dx, 2e-6)
    close(found.weight!.dataSync(), TORCH.dw, 2e-6)
    close(found.bias!.dataSync(), TORCH.db, 2e-6)
  })

  it('agrees with differences on any shape', () => {
    expectGradients(apply(1e-5), { x: noise([2, 3, 4], 'norm'), ...weights() })
  })
})

describe('the other layers', () => {
  it('batch normalisation agrees with differences in training', () => {
    const layer = batchNorm(3)
    const buffers: Tensors = { running_mean: tf.zeros([3]), running_var: tf.ones([3]), num_batches_tracked: tf.scalar(0) }
    expectGradients(
      (given) => layer.apply((name) => given[name] ?? buffers[name]!, given.x!, { ...evaluation, training: true }),
      { x: noise([2, 4, 3], 'batch'), weight: noise([3], 'gain'), bias: noise([3], 'shift') },
      5e-3,
    )
  })

  it('unit vectors agree with differences, and a zero vector has a finite gradient', () => {
    expectGradients(({ x }) => unitVectors(x!), { x: noise([3, 4], 'unit') })
    const { gradients: found } = differentiate((given) => ({ value: tf.sum(unitVectors(given.x!)) as tf.Scalar, kept: {} }), {
      x: tf.zeros([1, 4]),
    })
    expect(found.x!.dataSync().every(Number.isFinite)).toBe(true)
    expect([...unitVectors(tf.zeros([1, 4])).dataSync()]).toEqual([0, 0, 0, 0])
  })

  it('attention agrees with differences', () => {
    const shape = { width: 4, heads: 2, qkvBias: true, qkScale: undefined, dropout: 0, attentionDropout: 0 }
    const { mix, output } = attention(shape)
    const layer = sequence(mix, output)
    const weights = Object.fromEntries(Object.entries(layer.weights).map(([name, spec]) => [name, noise(spec.shape, name)]))
    expectGradients(
      (given) => layer.apply((name) => given[name]!, given.x!, evaluation),
      { x: noise([2, 3, 4], 'x'), ...weights },
      1e-2,
    )
  })
})

/** torch.nn.functional.layer_norm in float64 on the same numbers. */
const TORCH = {
  y: [0.415838033, 0.93695541, 2.367076724, -0.07018623, -0.609524144, -0.509524144, -2.867801663, 0.33786864],
  dx: [1.009575313, -0.609894073, -0.811809251, 0.412128011, -1.325555877, -0.077756048, 0.610940534, 0.792371391],
  dw: [1.15659088, -1.528773355, -1.65451357, 0.302775525],
  db: [-1, 3, -0.75, 1.5],
} as const
