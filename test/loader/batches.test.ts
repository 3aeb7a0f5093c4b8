import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { beforeAll, describe, expect, test } from 'vitest'
import { fileFailure } from '../../src/base/fileFailure'
import type { HostBatch } from '../../src/engine/interpreter'
import { batchIn } from '../../src/loader/batchArrays'
import { filling, occurrencesOf } from '../../src/loader/batches'
import { openLoader, partsOf } from '../../src/loader/loader'
import type { Span } from '../../src/ops/schedule/kind'
import { batchBytes } from '../../src/program/batch'
import { slotsOf } from '../../src/program/division'
import { drawView } from '../../src/program/draws'
import { type Opened, openPlan } from '../../src/program/openPlan'
import { programOf } from '../../src/program/program'
import { sharesIn } from '../program/shares'
import { tiny } from '../run/tiny'

let opened: Opened
beforeAll(async () => {
  const result = await openPlan(tiny())()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  opened = result.right
})

const maker = () => {
  const { design, source, program, span } = opened
  const fill = filling(design, source, { shape: program.batch, division: program.division, span })
  return async (step: number, parts = partsOf({ step, share: 0 }, span.batch, 1)): Promise<HostBatch> => {
    const memory = new SharedArrayBuffer(batchBytes(program.batch))
    for (const part of parts) {
      const done = await fill(part, memory)
      if (E.isLeft(done)) throw new Error(JSON.stringify(done.left))
    }
    return batchIn(memory, program.batch)
  }
}
const made = (step: number): Promise<HostBatch> => maker()(step)

test('a batch depends on its step only, not on what was made before it', async () => {
  const make = maker()
  const inOrder = [await make(0), await make(1), await make(7)]
  const other = maker()
  const backwards = [await other(7), await other(1), await other(0)].reverse()
  expect(backwards).toEqual(inOrder)
})

test('batches made at the same time are the same as one after the other', async () => {
  const make = maker()
  expect(await Promise.all([make(3), make(4)])).toEqual([await made(3), await made(4)])
})

test.each([2, 3, 4])('a batch made in %i parts, the last one first, is the same as in one piece', async (pieces) => {
  expect(await maker()(5, [...partsOf({ step: 5, share: 0 }, 4, pieces)].reverse())).toEqual(await made(5))
})

test.each([
  [8, 1, ['0-8']],
  [8, 3, ['0-2', '2-5', '5-8']],
  [4, 4, ['0-1', '1-2', '2-3', '3-4']],
])('%i slots in %i parts are %j', (batch, pieces, expected) => {
  expect(partsOf({ step: 0, share: 0 }, batch, pieces).map(({ from, to }) => `${from}-${to}`)).toEqual(expected)
})

const picturesOf = (count: number, span: Span, repeatedAugmentation = 1) => {
  const occurrences = occurrencesOf({ seed: 0, repeatedAugmentation }, count, span)
  return (step: number) => occurrences(step).map(({ image }) => image)
}

test('an epoch sees every picture once, in an order of its own', () => {
  const pictures = picturesOf(24, opened.span)
  const epoch = (first: number) => Array.from({ length: 6 }, (_, i) => Array.from(pictures(first + i))).flat()
  expect([...epoch(0)].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i))
  expect(epoch(6)).not.toEqual(epoch(0))
  expect([...epoch(6)].sort((a, b) => a - b)).toEqual([...epoch(0)].sort((a, b) => a - b))
})

test('what does not fill a batch is dropped', () => {
  const pictures = picturesOf(10, { batch: 4, stepsPerEpoch: 2, steps: 4 })
  expect(new Set([...pictures(0), ...pictures(1)]).size).toBe(8)
})

test('repeated augmentation: a third of the pictures come three times each, one time after the other, with views of their own', async () => {
  const span = { batch: 4, stepsPerEpoch: 6, steps: 12 }
  const pictures = picturesOf(24, span, 3)
  const epoch = (first: number) => Array.from({ length: 6 }, (_, i) => pictures(first + i)).flat()
  const once = picturesOf(24, span)
  expect(epoch(0)).toEqual([...once(0), ...once(1)].flatMap((image) => [image, image, image]))
  expect(epoch(6)).not.toEqual(epoch(0))
  const told = (repeat: number) =>
    drawView(opened.design, { epoch: 0, image: 3, repeat }, 0, shape).steps.map(({ parameters }) => parameters)
  const shape = { height: 16, width: 16, channels: 1 } as const
  expect(new Set([0, 1, 2].map((repeat) => JSON.stringify(told(repeat)))).size).toBe(3)
  const before = drawView(opened.design, { epoch: 0, image: 3 }, 0, shape).steps.map(({ parameters }) => parameters)
  expect(told(0)).toEqual(before)
})

test('repeated augmentation fills batches with labels and views of those pictures', async () => {
  const { design, source, program, span } = opened
  const meaning = { ...design.training.meaning, repeatedAugmentation: 2 }
  const memory = new SharedArrayBuffer(batchBytes(program.batch))
  const fill = filling({ ...design, training: { ...design.training, meaning } }, source, {
    shape: program.batch,
    division: program.division,
    span,
  })
  expect(await fill(partsOf({ step: 0, share: 0 }, span.batch, 1)[0]!, memory)).toEqual(E.right([]))
  const { global } = batchIn(memory, program.batch)
  const length = global.length / (2 * span.batch)
  const view = (slot: number) => global.slice(slot * length, (slot + 1) * length)
  // The first time as without repeats; the second time other views of the same picture.
  const once = (await made(0)).global
  expect(view(0)).toEqual(once.slice(0, length))
  expect(view(1)).not.toEqual(view(0))
  expect(view(2)).toEqual(once.slice(length, 2 * length))
})

test('views of a picture differ, and so does the same view in another epoch', async () => {
  const { global } = await made(0)
  const half = global.length / 2
  expect(global.slice(0, half)).not.toEqual(global.slice(half))
  const seen = new Set([(await made(0)).global, (await made(6)).global].map((values) => values.join()))
  expect(seen.size).toBe(2)
})

test('half of the masks are empty and none hides more than half of the patches', async () => {
  const masks: Float32Array[] = []
  for (let step = 0; step < 40; step++) {
    const { mask } = await made(step)
    for (let i = 0; i < 8; i++) masks.push(mask!.slice(i * 16, (i + 1) * 16))
  }
  const counts = masks.map((mask) => mask.reduce((sum, cell) => sum + cell, 0))
  expect(Math.max(...counts)).toBeLessThanOrEqual(8)
  const empty = counts.filter((count) => count === 0).length / counts.length
  // Five standard errors of 320 coin tosses.
  expect(Math.abs(empty - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 320))
})

test('draws are in [0, 1) and as many as the program asks for', async () => {
  const { draws } = await made(2)
  expect(Object.keys(draws)).toEqual(Object.keys(opened.program.batch.draws))
  for (const [name, values] of Object.entries(draws)) {
    expect(values.length).toBe(opened.program.batch.draws[name]!.reduce((product, n) => product * n, 1))
    expect(values.every((u) => u >= 0 && u < 1)).toBe(true)
  }
})

test.each([
  ['EMFILE', 'Left'],
  ['ENOENT', 'Right'],
])('a picture that cannot be read for %s: %s', async (code, expected) => {
  const { design, source, program, span } = opened
  const failure = fileFailure('cannot read the picture')(Object.assign(new Error(code), { code }))
  // Too many open files are no fault of the picture's: it isn't replaced by another one.
  const failing = { ...source, read: async (i: number) => (i === first ? E.left(failure) : source.read(i)) }
  const first = occurrencesOf(design.training.meaning, source.count, span)(0)[0]!.image
  const fill = filling(
    { ...design, training: { ...design.training, meaning: { ...design.training.meaning, maxBad: 1 } } },
    failing,
    { shape: program.batch, division: program.division, span },
  )
  const done = await fill(partsOf({ step: 0, share: 0 }, span.batch, 1)[0]!, new SharedArrayBuffer(batchBytes(program.batch)))
  expect(done).toMatchObject(expected === 'Left' ? { left: failure } : { right: [{ image: first }] })
})

describe('the shares of a batch', () => {
  const divided = (processes: number, microBatches: number, mixed: boolean) => {
    const { design, source, span } = opened
    const division = { processes, microBatches, pictures: span.batch / (processes * microBatches) }
    const program = programOf(design, span, source.channels, { division })
    const fill = filling({ ...design, mixing: mixed ? true : undefined }, source, { shape: program.batch, division, span })
    return {
      program,
      share: async (step: number, share: number): Promise<HostBatch> => {
        const memory = new SharedArrayBuffer(batchBytes(program.batch))
        const done = await fill({ step, share, from: 0, to: division.pictures }, memory)
        if (E.isLeft(done)) throw new Error(JSON.stringify(done.left))
        return batchIn(memory, program.batch)
      },
    }
  }

  test.each([
    [1, 2, false],
    [2, 1, false],
    [2, 2, false],
    [1, 4, false],
    [1, 2, true],
  ])(
    'among %i processes with %i micro-batches each (mixed: %s) hold what the whole batch holds',
    async (processes, micro, mixed) => {
      const { program, share } = divided(processes, micro, mixed)
      for (const step of [0, 5]) {
        const expected = sharesIn(program, await made(step), mixed)
        for (const [i, one] of expected.entries()) expect(await share(step, i)).toEqual(one)
      }
    },
  )

  test('come from the loader in their order, and stay for a step that goes over them again', async () => {
    const { design, source, span } = opened
    const division = { processes: 2, microBatches: 2, pictures: span.batch / 4 }
    const program = programOf(design, span, source.channels, { division })
    const report = async () => E.right(undefined)
    const loader = await openLoader({ design, source, span, program }, 0, {
      ...{ notify: () => undefined, report, rank: 1, keepsShares: true },
    })
    for (let step = 0; step < 3; step++) {
      const expected = sharesIn(program, await made(step)).slice(2)
      for (const index of [0, 1, 0, 1]) expect(await loader.share(step, index)).toEqual(E.right(expected[index]))
    }
    await loader.close()
  })

  test('that are mixed keep the pictures together which the whole batch mixes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        (p, m, half) => {
          const division = { processes: p, microBatches: m, pictures: 2 * half }
          const batch = 2 * half * p * m
          const all = Array.from({ length: p * m }, (_, share) => slotsOf(division, true)(share))
          for (const slots of all) expect(slots.map((slot) => batch - 1 - slot).reverse()).toEqual(slots)
          expect(all.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: batch }, (_, i) => i))
        },
      ),
    )
  })
})
