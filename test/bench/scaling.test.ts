/** How long a step takes that many devices share: laws of the model, the figures it is fed with, and the document that shows it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { predictedOf } from '../../bench/scaling/cases'
import { DEVICES, gradientsOf, H100, NETWORKS, speedOf, VIT_L, VIT_S } from '../../bench/scaling/figures'
import { CASES } from '../../bench/scaling/measured'
import { exchangeSeconds, type Link, ringSeconds, stepSeconds } from '../../bench/scaling/model'
import { secondsText, withTables } from '../../bench/scaling/tables'
import { elements } from '../../src/base/shape'
import { readPlan } from '../../src/dsl/read'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'

const ROOT = join(__dirname, '..', '..')

const link: Link = { bytesPerSecond: 100, latency: 0.5 }

test('a ring of two sends all bytes once, in two hops a message', () => {
  expect(ringSeconds({ bytes: 200, messages: 1 }, 2, link)).toBe(2 + 1)
  expect(ringSeconds({ bytes: 200, messages: 3 }, 2, link)).toBe(2 + 3)
})

test('a ring of four sends one and a half times the bytes, in six hops a message; one member sends nothing', () => {
  expect(ringSeconds({ bytes: 200, messages: 1 }, 4, link)).toBe(3 + 3)
  expect(ringSeconds({ bytes: 200, messages: 1 }, 1, link)).toBe(0)
})

test('devices of one machine need no network, and machines of one device have nothing within', () => {
  const exchange = { bytes: 200, messages: 1 }
  const nothing: Link = { bytesPerSecond: Number.NaN, latency: Number.NaN }
  expect(exchangeSeconds(exchange, 4, { devicesPerMachine: 8, within: link, between: link })).toBe(6)
  expect(exchangeSeconds(exchange, 4, { devicesPerMachine: 1, within: { ...link, latency: 0 }, between: link })).toBe(6)
  // Two machines of four: within each as four, between them as two.
  expect(exchangeSeconds(exchange, 8, { devicesPerMachine: 4, within: link, between: link })).toBe(6 + 3)
  expect(exchangeSeconds(exchange, 8, { devicesPerMachine: 4, within: link, between: nothing })).toBeNaN()
})

const steps = fc.record({
  batch: fc.constant(1024),
  devices: fc.constantFrom(1, 2, 8, 64, 1024),
  speed: fc.double({ min: 0.1, max: 1e4, noNaN: true }),
  exchange: fc.record({ bytes: fc.integer({ min: 1, max: 2e9 }), messages: fc.integer({ min: 1, max: 300 }) }),
  fabric: fc.record({
    devicesPerMachine: fc.constantFrom(1, 8),
    within: fc.constant({ bytesPerSecond: 1e11, latency: 1e-6 }),
    between: fc.record({ bytesPerSecond: fc.double({ min: 1e8, max: 1e11, noNaN: true }), latency: fc.constantFrom(0, 1e-5) }),
  }),
  backward: fc.double({ min: 0, max: 1, noNaN: true }),
})

test('what is hidden is never more than the backward pass, and a step never less than its compute', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 2, 16), (step, microBatches) => {
      const { hidden, exposed, compute } = stepSeconds({ ...step, microBatches })
      const slack = 1e-9 * exposed
      expect(compute).toBeLessThanOrEqual(hidden)
      expect(hidden).toBeLessThanOrEqual(exposed + slack)
      expect(exposed - hidden).toBeLessThanOrEqual((step.backward * compute) / microBatches + slack)
      if (step.devices === 1) expect(exposed).toBe(compute)
    }),
  )
})

test('a step by hand: 32 pictures at 16 a second, an exchange of 3 s of which 1 s is hidden; with two micro-batches half of that', () => {
  const step = {
    ...{ batch: 64, devices: 2, speed: 16, exchange: { bytes: 300, messages: 10 }, backward: 0.5 },
    fabric: { devicesPerMachine: 1, within: link, between: { ...link, latency: 0 } },
  }
  expect(stepSeconds(step)).toEqual({ compute: 2, exposed: 5, hidden: 4 })
  expect(stepSeconds({ ...step, microBatches: 2 }).hidden).toBe(4.5)
  // However quick the exchange is, its last message comes after the backward pass.
  expect(stepSeconds({ ...step, exchange: { bytes: 50, messages: 10 } }).hidden).toBeCloseTo(2.05)
})

test('processes beyond the cores take turns', () => {
  expect(predictedOf({ processes: 4, cores: 2 }, { share: 0.1, exchange: 0.3 })).toEqual({
    compute: 0.2,
    hidden: 0.4,
    exposed: 0.5,
  })
  expect(predictedOf({ processes: 1, cores: 2 }, { share: 0.1, exchange: 0 }).exposed).toBe(0.1)
})

test('speeds go by arithmetic', () => {
  expect(speedOf(H100, VIT_L)).toBe(159)
  expect(speedOf(H100, VIT_S) / speedOf(H100, VIT_L)).toBeCloseTo(VIT_L.gflop / VIT_S.gflop)
  expect(gradientsOf(VIT_S, Number.POSITIVE_INFINITY).bytes).toBe(117_123_072)
})

test('the parameters are those of the recipes, and the devices fill machines of eight and divide their batch', () => {
  for (const [file, network] of [
    ['ibot-vit-s', NETWORKS[0]],
    ['ibot-vit-b', NETWORKS[1]],
    ['ibot-vit-l', NETWORKS[2]],
  ] as const) {
    const read = readPlan(registry, file, readFileSync(join(ROOT, 'pipelines', `${file}.yaml`), 'utf8'))
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
    const design = designOf(registry, read.right.plan)
    if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
    const span = spanOf(design.right, { count: 60_000, channels: 3 })
    if (E.isLeft(span)) throw new Error(JSON.stringify(span.left))
    const program = programOf(design.right, span.right, 3)
    const parameters = program.trainable.reduce((sum, name) => sum + elements(program.state[`student.${name}`]!.shape), 0)
    expect(parameters, file).toBe(network.parameters)
    expect(design.right.training.meaning.batch).toBe(1024)
  }
  for (const devices of DEVICES) expect([devices % 8, 1024 % devices]).toEqual([0, 0])
})

test('seconds are told with two digits, or whole ones', () => {
  expect([123.4, 1.24, 0.124, 0.0124, 0.00124].map(secondsText)).toEqual(['123', '1.2', '0.12', '0.012', '0.0012'])
})

test('the tables of the document are those of the model: npm run generate writes them', () => {
  const text = readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8')
  expect(withTables(text)).toBe(text)
  expect(text.match(/<!-- table /g)).toHaveLength(6)
  expect(CASES.map(({ processes }) => processes)).toEqual([2, 3, 4])
  const gaps = CASES.map(({ processor: { share, exchange, step } }) => Math.round(100 * (step / (share + exchange) - 1)))
  expect(text).toContain(`${Math.min(...gaps)} to ${Math.max(...gaps)} % above the sum`)
  const ratios = CASES.map((one) => (one.clock.step / predictedOf(one, one.clock).exposed).toFixed(1)).sort()
  expect(text).toContain(`${ratios[0]} to ${ratios.at(-1)} times the upper end`)
})
