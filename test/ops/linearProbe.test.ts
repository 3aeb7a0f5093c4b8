/** The linear probe: what is trained, by numbers that are computed here one by one, and which classifier counts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import type { Computer } from '../../src/engine/computer'
import type { ClassifierGroup } from '../../src/nn/linearClassifier'
import type { Features } from '../../src/ops/probe/kind'
import { choiceOf, cosineRate, groupsOf, type Sweep, trainSweep } from '../../src/ops/probe/linearSweep'
import { type Classifiers, type LabelledRows, linearTrainer } from '../../src/ops/probe/linearTrainer'
import { TABLE, testEngine } from '../engine'

const CLASSES = 6

/** Rows around the centres of their classes. */
const pictures = (count: number, width: number, key: string, classes = CLASSES): Features => {
  const draw = random('linearProbe', key)
  const labels = Uint32Array.from({ length: count }, (_, row) => row % classes)
  const values = new Float32Array(count * width)
  for (let at = 0; at < values.length; at++) {
    const label = labels[Math.floor(at / width)]!
    values[at] = 0.8 * random('centre', label, at % width).normal() + draw.normal()
  }
  return { values, width, labels, classes: Array.from({ length: classes }, (_, c) => `class ${c}`) }
}

/** One classifier by itself in float64, with PyTorch's momentum: μ ← 0.9 μ + g; θ ← θ - lr · μ. */
const alone = (rows: LabelledRows, columns: readonly [number, number], order: Uint32Array, batch: number) => {
  const [from, to] = columns
  const width = to - from
  const state = { weights: new Float64Array(width * CLASSES), bias: new Float64Array(CLASSES) }
  const moved = { weights: new Float64Array(width * CLASSES), bias: new Float64Array(CLASSES) }
  const logitsOf = (row: number): number[] =>
    Array.from({ length: CLASSES }, (_, c) => {
      let sum = state.bias[c]!
      for (let i = 0; i < width; i++) sum += rows.values[row * rows.width + from + i]! * state.weights[i * CLASSES + c]!
      return sum
    })
  const epoch = (rate: number): void => {
    for (let first = 0; first < order.length; first += batch) {
      const some = order.subarray(first, first + batch)
      const slope = { weights: new Float64Array(width * CLASSES), bias: new Float64Array(CLASSES) }
      for (const row of some) {
        const logits = logitsOf(row)
        const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0)
        for (let c = 0; c < CLASSES; c++) {
          const g = (Math.exp(logits[c]!) / sum - (rows.labels[row] === c ? 1 : 0)) / some.length
          slope.bias[c]! += g
          for (let i = 0; i < width; i++) slope.weights[i * CLASSES + c]! += g * rows.values[row * rows.width + from + i]!
        }
      }
      for (const part of ['weights', 'bias'] as const)
        for (let at = 0; at < state[part].length; at++) {
          moved[part][at] = 0.9 * moved[part][at]! + slope[part][at]!
          state[part][at]! -= rate * moved[part][at]!
        }
    }
  }
  return { state, epoch }
}

const zeros = (groups: readonly ClassifierGroup[]): readonly Classifiers[] =>
  groups.map(({ from, to, count }) => ({
    weights: new Float32Array((to - from) * count * CLASSES),
    bias: new Float32Array(count * CLASSES),
  }))

const sweepOf = (more: Partial<Sweep> = {}): Sweep => ({
  groups: groupsOf([1], ['cls'], [0.01, 0.1]),
  epochs: 3,
  batch: 16,
  testEvery: 1,
  ...more,
})

describe.each(TABLE)('on $backend', ({ backend, skipped }) => {
  const open = (): Promise<Computer> => testEngine(backend)

  it.skipIf(skipped)(
    'classifiers that are trained together are those that are trained alone, in epochs whose last batch is smaller',
    async () => {
      const rows = pictures(43, 5, 'train')
      const groups: readonly ClassifierGroup[] = [
        { from: 0, to: 5, count: 2 },
        { from: 1, to: 4, count: 1 },
      ]
      const lrs = [[0.5, 2], [1]]
      const batch = 4
      const order = Uint32Array.from({ length: 43 }, (_, i) => (i * 7) % 43)
      const trainer = linearTrainer(await open(), groups, CLASSES, zeros(groups))
      const singles = groups.map(({ from, to }, g) => lrs[g]!.map(() => alone(rows, [from, to], order, batch)))
      for (let epoch = 0; epoch < 3; epoch++) {
        await trainer.epoch(
          rows,
          order,
          batch,
          lrs.map((some) => Float32Array.from(some, (lr) => cosineRate(lr, batch, epoch, 3))),
        )
        for (const [g, some] of singles.entries())
          for (const [r, { epoch: step }] of some.entries()) step(cosineRate(lrs[g]![r]!, batch, epoch, 3))
      }
      for (const [g, { weights, bias }] of trainer.classifiers().entries())
        for (const [r, { state }] of singles[g]!.entries()) {
          const count = groups[g]!.count
          for (const [name, values] of Object.entries({ weights, bias }) as ['weights' | 'bias', Float32Array][])
            for (const [at, want] of state[name].entries()) {
              const [row, c] = [Math.floor(at / CLASSES), at % CLASSES]
              expect(values[(row * count + r) * CLASSES + c]).toBeCloseTo(want, 5)
            }
        }
    },
  )

  it.skipIf(skipped)('a setting has the same score in a sweep as alone', async () => {
    const computer = await open()
    const [train, test] = [pictures(60, 12, 'train'), pictures(30, 12, 'test')]
    const groups = groupsOf([1, 2], ['both', 'cls', 'mean'], [0.03, 0.3])
    expect(choiceOf(groups)).toEqual({ cls: 2, mean: true })
    const tools = { prepare: computer.prepare, seed: 3 }
    const best = await trainSweep(sweepOf({ groups }), async () => train, test, tools)
    // All that the sweep sees, so that the columns are the same.
    const { blocks, pool, lr } = best!
    const rest = groupsOf([2], ['both'], [1e-9])
    const single = await trainSweep(
      sweepOf({ groups: [...groupsOf([blocks], [pool], [lr]), ...rest] }),
      async () => train,
      test,
      tools,
    )
    expect(single!.top1).toBe(best!.top1)
    expect(single!.loss).toBeCloseTo(best!.loss, 5)
  })

  it.skipIf(skipped)('of equal logits the lower class comes first, and logits that are not numbers are never right', async () => {
    const width = 2
    const labels = Uint32Array.of(0, 1, 5)
    const rows = { values: Float32Array.of(0, 0, 0, 0, 0, 0), width, labels }
    const groups = [{ from: 0, to: width, count: 2 }]
    const bias = new Float32Array(2 * CLASSES).fill(Number.NaN, CLASSES)
    const trainer = linearTrainer(await open(), groups, CLASSES, [{ weights: new Float32Array(width * 2 * CLASSES), bias }])
    const [[equal, broken]] = (await trainer.scores(rows)) as never as [[object, object]]
    expect(equal).toMatchObject({ top1: 1 / 3, ranks: Float32Array.of(0, 1, 5), loss: expect.closeTo(Math.log(CLASSES), 5) })
    expect(broken).toMatchObject({ top1: 0, ranks: new Float32Array(3).fill(CLASSES) })
  })
})

describe('a sweep', () => {
  const tools = async (seed = 0) => ({ prepare: (await testEngine('cpu')).prepare, seed })

  it('learns to tell classes apart, in the same way for the same seed', async () => {
    const [train, test] = [pictures(120, 8, 'train', 3), pictures(60, 8, 'test', 3)]
    const best = await trainSweep(sweepOf({ epochs: 8 }), async () => train, test, await tools())
    expect(best!.top1).toBeGreaterThan(0.8)
    expect(await trainSweep(sweepOf({ epochs: 8 }), async () => train, test, await tools())).toEqual(best)
    expect((await trainSweep(sweepOf({ epochs: 8 }), async () => train, test, await tools(1)))!.loss).not.toBe(best!.loss)
  })

  it.each([
    ['cls', 1, [2, 8]],
    ['cls', 2, [0, 8]],
    ['mean', 1, [8, 12]],
    ['both', 1, [2, 12]],
    ['both', 2, [0, 12]],
  ] as const)('sees of parts that are not as wide as each other those of %s of %i blocks', async (pool, blocks, [from, to]) => {
    const parts = [2, 6, 4]
    const [train, test] = [pictures(60, 12, 'train'), pictures(30, 12, 'test')].map((rows) => ({ ...rows, parts }))
    const cut = (rows: Features): Features => ({
      ...{ labels: rows.labels, classes: rows.classes, width: to - from },
      values: rows.values.filter((_, at) => at % 12 >= from && at % 12 < to),
      parts: parts.filter((_, i) => [0, 2, 8][i]! >= from && [2, 8, 12][i]! <= to),
    })
    const own = groupsOf([blocks], [pool], [0.3])
    const rest = groupsOf([2], ['both'], [1e-9])
    const alone = await trainSweep(sweepOf({ groups: own }), async () => cut(train!), cut(test!), await tools())
    const beside = await trainSweep(sweepOf({ groups: [...own, ...rest] }), async () => train!, test!, await tools())
    expect(beside!.loss).toBeCloseTo(alone!.loss, 5)
    expect(beside!.ranks).toEqual(alone!.ranks)
  })

  it('is not won by a classifier that diverged', async () => {
    const [train, test] = [pictures(60, 8, 'train', 3), pictures(30, 8, 'test', 3)]
    const best = await trainSweep(
      sweepOf({ groups: groupsOf([1], ['cls'], [1e42, 0.1]) }),
      async () => train,
      test,
      await tools(),
    )
    expect(best!.lr).toBe(0.1)
  })

  it.each([
    ['fewer pictures than a batch', pictures(5, 4, 'few'), { top1: expect.any(Number) }],
    ['no picture that could be read', pictures(0, 4, 'none'), undefined],
  ] as const)('with %s it gives what can be told', async (_, train, expected) => {
    const best = await trainSweep(sweepOf(), async () => train, pictures(12, 4, 'test'), await tools())
    if (expected === undefined) expect(best).toBeUndefined()
    else expect(best).toMatchObject(expected)
  })

  it('takes pictures of a class that it never learnt as wrong ones', async () => {
    const [train, test] = [pictures(90, 8, 'train', 3), pictures(60, 8, 'test', 6)]
    const best = await trainSweep(sweepOf({ epochs: 8 }), async () => train, test, await tools())
    expect(best!.top1).toBeLessThanOrEqual(0.5)
    expect(best!.top1).toBeGreaterThan(0.3)
  })

  it('looks at the test pictures as often as it says, and always at the end', async () => {
    let looks = 0
    const { prepare, seed } = await tools()
    const counting: typeof prepare = (f, held) => {
      const { run, dispose } = prepare(f, held)
      return {
        dispose,
        run: (inputs) => {
          // Rows that are scored aren't divided into steps.
          if (inputs.features!.shape.length === 2) looks++
          return run(inputs)
        },
      }
    }
    await trainSweep(sweepOf({ epochs: 7, testEvery: 3 }), async () => pictures(20, 4, 'train'), pictures(12, 4, 'test'), {
      prepare: counting,
      seed,
    })
    expect(looks).toBe(3)
  })

  it('has each group once, and one of the mean alone however many blocks there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
        fc.array(fc.constantFrom('cls', 'mean', 'both'), { minLength: 1 }),
        (blocks, pools) => {
          const groups = groupsOf(blocks, pools, [1, 1, 2])
          const keys = groups.map(({ blocks: count, pool }) => `${count} ${pool}`)
          expect(new Set(keys).size).toBe(keys.length)
          expect(groups.filter(({ pool }) => pool === 'mean').length).toBe(pools.includes('mean') ? 1 : 0)
          expect(groups.every(({ rates }) => rates.length === 2)).toBe(true)
        },
      ),
    )
  })
})
