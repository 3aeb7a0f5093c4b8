/** A step op by op: the first operation that gives a non-finite number, and its place. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { replay, type Step } from '../../src/engine/eager/replay'
import { useBackend } from '../../src/engine/eager/use'
import { TooLong, watching } from '../../src/engine/eager/watch'
import { batchFor, type Small, small } from '../program/small'

beforeAll(async () => {
  await useBackend('wasm')()
})

const step = (options: Small = {}, change: (state: Record<string, Float32Array>, step: Step) => void = () => undefined) => {
  const program = small(options, { monitors: false })
  const state = Object.fromEntries(Object.entries(program.init(2)).map(([name, values]) => [name, Float32Array.from(values)]))
  const one = { state, batch: batchFor(program, 0), numbers: program.numbers(1) }
  change(state, one)
  return replay(program, one, 60)
}

it.each([{}, { norm: 'batch', dropPath: 0.4 }, { norm: 'layer', sharedHead: false, dropout: 0.2 }, { masked: false }] as const)(
  'of a sound step with %o every operation gives finite numbers',
  (options: Small) => {
    const before = tf.memory().numTensors
    const { given, metrics, operations, first } = step(options)
    expect(first).toBeUndefined()
    expect(given).toEqual([])
    expect(metrics.loss).toBeGreaterThan(0)
    expect(operations).toBeGreaterThan(1000)
    expect(tf.memory().numTensors).toBe(before)
  },
)

it('in the forward pass the stage and the weight before are named, and what the operation was given', () => {
  const { metrics, first } = step({}, (state) => {
    // The squares of their rows vanish: a unit vector's length is 0.
    state['student.head.last_layer.weight_v']!.forEach((value, i, values) => {
      values[i] = 1e-25 * value
    })
  })
  expect(metrics.loss).toBeNaN()
  expect(first).toMatchObject({
    operation: 'RealDiv',
    where: { stage: 'projectionHead', after: 'student.head.last_layer.weight_g', gradient: false },
    output: { shape: [10, 1], nonFinite: 10 },
    inputs: [
      { shape: [10, 1], least: 1, most: 1, nonFinite: 0 },
      { shape: [10, 1], least: 0, most: 0, nonFinite: 0 },
    ],
  })
})

it('in the backward pass an operation stands where that stands whose gradient it is a part of', () => {
  const { metrics, first } = step({}, (state) => {
    state['student.backbone.blocks.1.attn.qkv.weight']!.fill(1e25)
  })
  expect(Number.isFinite(metrics.loss)).toBe(true)
  expect(first!.where).toEqual({ stage: 'vit', after: 'student.backbone.blocks.1.attn.qkv.bias', gradient: true })
})

it('what was not finite before the step is named', () => {
  const { given, first } = step({}, (state, { batch }) => {
    state['teacher.backbone.cls_token']![0] = Number.POSITIVE_INFINITY
    batch.local[1]![3] = Number.NaN
  })
  expect(given).toEqual(['teacher.backbone.cls_token', 'batch.local.1'])
  // Operations that were given such numbers aren't blamed.
  expect(first?.inputs.every(({ nonFinite }) => nonFinite === 0) ?? true).toBe(true)
})

it("tfjs's engine is as it was afterwards, also after an error", () => {
  const engine = tf.engine()
  const { runKernel } = engine
  const stop = () =>
    watching(
      () => {
        tf.tidy(() => tf.add(1, 2))
        throw new Error('stop')
      },
      new Map(),
      () => undefined,
      60,
    )
  expect(stop).toThrow('stop')
  expect(engine.runKernel).toBe(runKernel)
  expect(Object.keys(engine)).not.toContain('addTapeNode')
})

it('what takes too long is given up', () => {
  expect(() =>
    watching(
      () => tf.tidy(() => tf.add(1, 2)),
      new Map(),
      () => undefined,
      -1,
    ),
  ).toThrow(TooLong)
})
