/**
 * Optimizers, against three steps of torch.optim.AdamW, torch.optim.SGD(momentum=0.9) and the official utils.LARS in float64.
 * Weights begin as sin(0.7 i + k), k their place in the list below, but `zero` as 0; gradients are 0.7 sin(0.7 i + step + 2 k),
 * clipped to norm 1 by the official rule; `vector` is in the group without decay; `last` has no gradient in the first step.
 */
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { adamw, lars, sgd } from '../../src/ops/all'
import type { Optimizer } from '../../src/ops/slots'
import { built } from '../parity/ops'

const SHAPES = { matrix: [2, 3], vector: [3], last: [2, 2], zero: [2, 2] } as const
type Name = keyof typeof SHAPES
const NAMES = Object.keys(SHAPES) as readonly Name[]

const LR = [0.1, 0.2, 0.05]
const WEIGHT_DECAY = [0.3, 0.2, 0.1]

const RECORDED: Readonly<Record<'adamw' | 'sgd' | 'lars', Readonly<Record<Name, readonly number[]>>>> = {
  adamw: {
    matrix: [-0.19106414, 0.25551814, 0.59860433, 0.56429774, 0.29615585, 0.00781721],
    vector: [0.58269264, 0.95308765, 1.00073303],
    last: [1.1101383, 0.61217591, -0.48429763, -1.030489],
    zero: [-0.02071833, -0.33229277, -0.33293679, -0.27875737],
  },
  sgd: {
    matrix: [-0.13535187, 0.27564407, 0.5570003, 0.57639058, 0.32469537, -0.07970915],
    vector: [0.63895696, 1.02059047, 0.92222433],
    last: [1.03394103, 0.48427419, -0.29315438, -0.93270786],
    zero: [-0.08027051, -0.27334282, -0.33785773, -0.24347288],
  },
  lars: {
    matrix: [-0.00018322, 0.64377775, 0.98495998, 0.86290015, 0.33500489, -0.3504484],
    vector: [0.63895696, 1.02059047, 0.92222433],
    last: [0.90954089, 0.42750097, -0.25559934, -0.81848728],
    zero: [0.06266587, -0.09085074, -0.20163883, -0.21759303],
  },
}

const wave = (name: Name, phase: number, scale: number): tf.Tensor => {
  const shape = SHAPES[name]
  const values = Float32Array.from(
    { length: shape.reduce((n: number, m) => n * m, 1) },
    (_, i) => scale * Math.sin(0.7 * i + phase),
  )
  return tf.tensor(values, [...shape])
}

/** The weights after three steps, of which the last layer waits for the first. */
const trained = (optimizer: Optimizer): Readonly<Record<Name, ArrayLike<number>>> => {
  const end = NAMES.map((name, k) => {
    let weight = wave(name, k, name === 'zero' ? 0 : 1)
    let state = Object.fromEntries(
      Object.entries(optimizer.state({ shape: SHAPES[name] })).map(([key, { shape }]) => [key, tf.zeros([...shape])]),
    )
    for (const step of LR.keys()) {
      const numbers: Readonly<Record<string, number>> = {
        ...optimizer.host(step, 1),
        lr: LR[step]!,
        weightDecay: WEIGHT_DECAY[step]!,
      }
      const moved = optimizer.update(
        weight,
        wave(name, step + 2 * k, 0.7),
        (key) => state[key]!,
        (key) => tf.scalar(numbers[key]!),
        { decays: name !== 'vector', last: name === 'last' },
      )
      weight = moved.weight
      state = moved.state
    }
    return [name, weight.dataSync()] as const
  })
  return Object.fromEntries(end) as unknown as Readonly<Record<Name, ArrayLike<number>>>
}

afterAll(async () => {
  await useBackend('cpu')()
})

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  it.each([
    ['adamw', adamw],
    ['sgd', sgd],
    ['lars', lars],
  ] as const)('%s moves as the official one', async (name, { spec }) => {
    await useBackend(backend)()
    const got = trained(built<Optimizer>(spec, { lr: 0.1, clip: 1 }))
    for (const [weight, values] of Object.entries(RECORDED[name]))
      for (const [i, value] of values.entries())
        expect(Math.abs(got[weight as Name][i]! - value), `${weight} ${i}`).toBeLessThan(2e-6)
  })
})
