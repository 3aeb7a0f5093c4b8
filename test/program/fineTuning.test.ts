/** Pipelines that end in a label, against timm and torch: `fineTuning.py` writes what is compared with. */
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/Either'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../src/engine/backends'
import { useBackend } from '../../src/engine/eager/use'
import type { HostBatch } from '../../src/engine/interpreter'
import {
  adamw,
  classifier,
  crossEntropy,
  dataset,
  mixing,
  pipe,
  pipeline,
  randomResizedCrop,
  shapes,
  swin,
  train,
  views,
  vit,
} from '../../src/index'
import { boxMix, type Mix, UNMIXED } from '../../src/ops/mixing/box'
import { registry } from '../../src/ops/registry'
import type { Mixing } from '../../src/ops/slots'
import { type Design, designOf } from '../../src/program/design'
import { rateScales } from '../../src/program/layerDecay'
import { programOf } from '../../src/program/program'
import { testEngine, withoutTensorFlow } from '../engine'
import { readFixture } from '../parity/fixture'
import { built } from '../parity/ops'

interface Described {
  readonly classes: number
  readonly batch: number
  readonly size: number
  readonly depth: number
  readonly smoothing: number
  readonly layerDecay: number
  readonly weightDecay: number
  readonly lr: readonly number[]
  readonly drawn: readonly {
    readonly cutmix?: number
    readonly mixup?: number
    readonly row?: number
    readonly column?: number
  }[]
  readonly losses: readonly number[]
  readonly depths: readonly number[]
  readonly vitDepth: number
  readonly layers: Readonly<Record<'vit' | 'swin', Readonly<Record<string, readonly [layer: number, scale: number]>>>>
}

const fixture = (() => {
  const read = readFixture(__dirname, 'fineTuning')
  if (E.isLeft(read)) throw new Error(read.left)
  return read.right
})()
const told = fixture.json as Described
const { classes, batch, size, depth, layerDecay } = told
const STEPS = told.drawn.map((_, step) => step)

/** The numbers of a step as timm's Mixup takes them from what is drawn. */
const mixAt = (step: number): Mix => {
  const { cutmix, mixup, row = 0, column = 0 } = told.drawn[step]!
  if (cutmix !== undefined) return boxMix([size, size], cutmix, row, column)
  return mixup === undefined ? UNMIXED : { ...UNMIXED, lambda: mixup, blend: mixup }
}

const designFor = (backbone: 'vit' | 'swin', seed = 0): Design => {
  const seen = pipe(
    pipeline('fine'),
    dataset(shapes({ count: 12 })),
    views({ global: [{ augment: randomResizedCrop({ size }) }] }),
    mixing(),
  )
  const ending = [
    crossEntropy({ labelSmoothing: told.smoothing }),
    adamw({ lr: 1e-3, weightDecay: told.weightDecay, clip: 0, layerDecay, decayEmbeddings: false }),
    train({ batch, steps: STEPS.length, seed }),
  ] as const
  const network = { patch: 4, width: 12, depth, heads: 3, mlpRatio: 2, qkvBias: false }
  const plan =
    backbone === 'vit'
      ? pipe(seen, vit(network), classifier({ classes }), ...ending)
      : pipe(seen, swin({ patch: 2, width: 6, depths: told.depths, heads: [1, 1, 1] }), classifier({ classes }), ...ending)
  const design = designOf(registry, plan)
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  return design.right
}

/** timm calls the classifier `head`, and all else as here. */
const ours = (name: string): string => (name.startsWith('head.') ? `student.${name}` : `student.backbone.${name}`)
const weights = (when: string): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(
    fixture.names.flatMap((name) =>
      name.startsWith(`${when}/`) ? [[ours(name.slice(when.length + 1)), fixture.floats(name)]] : [],
    ),
  )

const batchAt = (step: number): HostBatch => ({
  global: fixture.floats(`images/${step}`),
  local: [],
  mask: undefined,
  labels: fixture.floats(`labels/${step}`),
  draws: {},
})

const furthest = (got: ArrayLike<number>, wanted: Float32Array): number =>
  wanted.reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value)), 0)

const backends: readonly Backend[] = withoutTensorFlow === undefined ? ['cpu', 'tensorflow'] : ['cpu']
test.each(backends)(
  'three steps are those of torch: mixed pictures and labels, smoothing, layer decay, on %s',
  async (backend) => {
    const program = programOf(designFor('vit'), { batch, stepsPerEpoch: 3, steps: STEPS.length }, 3)
    const before = weights('before')
    const interpreter = await (await testEngine(backend)).open(program, { ...program.init(0), ...before })
    for (const step of STEPS) {
      const mixed = Object.fromEntries(Object.entries(mixAt(step)).map(([name, value]) => [`mixing.${name}`, value]))
      const metrics = await interpreter.step(batchAt(step), { ...program.numbers(step), 'adamw.lr': told.lr[step]!, ...mixed })
      expect(metrics.loss).toBeCloseTo(told.losses[step]!, 5)
      // Accuracy is told of pictures that aren't mixed.
      expect(Number.isFinite(metrics['crossEntropy.accuracy']) || step < 2).toBe(true)
    }
    const after = await interpreter.read()
    interpreter.dispose()
    const wanted = weights('after')
    expect(Object.keys(wanted).length).toBe(program.trainable.length)
    for (const [name, values] of Object.entries(wanted)) {
      expect(furthest(after[name]!, values), name).toBeLessThan(2e-6)
      expect(furthest(before[name]!, values), name).toBeGreaterThan(1e-5)
    }
  },
)

test('what is drawn for mixing belongs to the seed and the step, whatever was drawn before', () => {
  const span = { batch, stepsPerEpoch: 3, steps: STEPS.length }
  const drawnBy = (seed: number) => {
    const { numbers } = programOf(designFor('vit', seed), span, 3)
    return (step: number) => Object.entries(numbers(step)).filter(([name]) => name.startsWith('mixing.'))
  }
  const [one, again, other] = [drawnBy(0), drawnBy(0), drawnBy(1)]
  expect([one(0), one(1)]).toEqual([again(1), again(0)].reverse())
  expect(one(0)).toHaveLength(6)
  expect(one(1)).not.toEqual(one(0))
  expect(other(0)).not.toEqual(one(0))
})

describe("mixing, against timm's Mixup", () => {
  beforeAll(async () => {
    await useBackend('cpu')()
  })
  const op = built<Mixing>(mixing.spec, {})
  const at = (step: number) => (name: string) => tf.scalar(mixAt(step)[name as keyof Mix])

  test.each([0, 1])('pictures of step %i are the same', (step) => {
    const images = tf.tensor4d(fixture.floats(`images/${step}`), [batch, size, size, 3])
    expect(furthest(op.pictures(images, at(step)).dataSync(), fixture.floats(`mixed/${step}`))).toBeLessThan(1e-6)
  })

  test.each([0, 1])('labels of step %i are the same', (step) => {
    const labels = tf.oneHot(tf.tensor1d(fixture.floats(`labels/${step}`), 'int32'), classes) as tf.Tensor2D
    const smooth = tf.add(tf.mul(op.labels(labels, at(step)), 1 - told.smoothing), told.smoothing / classes)
    expect(furthest(smooth.dataSync(), fixture.floats(`targets/${step}`))).toBeLessThan(1e-6)
  })

  test('a batch that is not mixed keeps every bit', () => {
    const images = tf.tensor4d(fixture.floats('images/2'), [batch, size, size, 3])
    expect(op.pictures(images, at(2)).dataSync()).toEqual(images.dataSync())
  })
})

test.each(['vit', 'swin'] as const)('the layers of a %s are those of the official fine-tuning', (backbone) => {
  const { meaning } = designFor(backbone).backbone
  const layers = backbone === 'vit' ? layersOfDepth(told.vitDepth) : meaning.layers!
  for (const [name, [layer]] of Object.entries(told.layers[backbone])) expect(layers.of(name), name).toBe(layer)
})

const layersOfDepth = (blocks: number) =>
  built<Design['backbone']['meaning']>(vit.spec, { patch: 4, width: 12, depth: blocks, heads: 3 }).layers!

test('the learning rate of a weight is scaled as there; that of the head is whole', () => {
  const { optimizer, backbone } = designFor('swin')
  const scaleOf = rateScales({ optimizer, backbone })
  for (const [name, [, scale]] of Object.entries(told.layers.swin))
    expect(scaleOf(`backbone.${name}`), name).toBeCloseTo(scale, 12)
  expect(scaleOf('head.weight')).toBe(1)
})
