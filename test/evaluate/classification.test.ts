/** The accuracy of a network's own classifier: during a run, afterwards by `ibot eval`, and worked out by hand. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import { compute } from '../../src/evaluate/compute'
import { readModel } from '../../src/evaluate/readModel'
import { normalizeInto } from '../../src/image/normalize'
import {
  adamw,
  classification,
  classifier,
  crossEntropy,
  dataset,
  pipe,
  pipeline,
  randomResizedCrop,
  shapes,
  train,
  views,
  vit,
} from '../../src/index'
import { shapes as drawn } from '../../src/io/shapes'
import { registry } from '../../src/ops/registry'
import { evaluateRun } from '../../src/run/evaluateRun'
import type { Summary } from '../../src/run/events'
import { runPlan } from '../../src/run/run'
import { testEngine } from '../engine'

const TEST = { count: 30, size: 16, channels: 1, seed: 1 } as const
const [MEAN, STD] = [[0.5], [0.25]]

const plan = (hidden?: number) =>
  pipe(
    pipeline('classified'),
    dataset(shapes({ count: 48, size: 16, channels: 1 })),
    views({ global: [{ augment: randomResizedCrop({ size: 16, scale: [0.8, 1] }) }], normalize: { mean: MEAN, std: STD } }),
    vit({ patch: 4, width: 16, depth: 2, heads: 2 }),
    classifier({ classes: 6, initScale: 1, dropout: 0.1, ...(hidden === undefined ? {} : { hidden }) }),
    crossEntropy(),
    adamw({ lr: 3e-3, clip: 0 }),
    train({ batch: 16, steps: 12, workers: 0 }),
    classification({ test: shapes(TEST), every: '6 steps' }),
  )

const right = async <A>(task: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await task()
  if (E.isRight(result)) return result.right
  throw new Error(JSON.stringify(result.left))
}

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-classification-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Which of the test pictures the network in a run finds right, from the logits of an export. */
const byHand = async (run: string) => {
  const model = await right(readModel(registry, run, { withHead: true }))
  const source = drawn(TEST)
  const area = TEST.size ** 2
  const images = new Float32Array(TEST.count * area)
  const write = normalizeInto(MEAN, STD)
  for (let i = 0; i < TEST.count; i++) write(images, i * area)(await right(() => source.read(i)))
  const shape = [TEST.count, TEST.size, TEST.size, 1] as const
  const { logits } = await compute(await testEngine('cpu'), model, model.weights, { values: images, shape })
  const rows = Array.from({ length: TEST.count }, (_, i) => Array.from(logits!.values.subarray(6 * i, 6 * i + 6)))
  const within = (most: number): number =>
    rows.filter((row, i) => row.filter((logit) => logit > row[source.label(i)!]!).length < most).length / TEST.count
  return { accuracy: within(1), top5: within(5) }
}

test.each([undefined, 12])('it is what the logits say, in a run and by ibot eval; hidden: %s', async (hidden) => {
  const out = join(root, `run-${hidden}`)
  const { probes }: Summary = await right(runPlan(plan(hidden), { out, backend: 'cpu' }))
  const wanted = await byHand(out)
  expect(probes.classification!.after.accuracy).toBeCloseTo(wanted.accuracy, 6)
  expect(probes.classification!.after.top5).toBeCloseTo(wanted.top5, 6)
  expect(probes.classification!.before.accuracy).not.toBe(probes.classification!.after.accuracy)

  const { evaluations } = await right(
    evaluateRun(registry, out, { backend: 'cpu', download: false, tell: () => undefined, signal: undefined }),
  )
  expect(evaluations).toMatchObject([{ probe: 'classification', numbers: probes.classification!.after }])
  expect(evaluations.map(({ intervals }) => Object.keys(intervals))).toEqual([['accuracy', 'top5']])
})
