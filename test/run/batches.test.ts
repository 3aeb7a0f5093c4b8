import * as E from 'fp-ts/Either'
import { beforeAll, expect, test } from 'vitest'
import type { HostBatch } from '../../src/interpret/interpreter'
import { batches, picturesOf } from '../../src/run/batches'
import { type Opened, openPlan } from '../../src/run/open'
import { tiny } from './tiny'

let opened: Opened
beforeAll(async () => {
  const result = await openPlan(tiny())()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  opened = result.right
})

const made = async (
  step: number,
  make = batches(opened.design, opened.source, opened.program.batch, opened.span),
): Promise<HostBatch> => {
  const batch = await make(step)
  if (E.isLeft(batch)) throw new Error(JSON.stringify(batch.left))
  return batch.right
}

test('a batch depends on its step only, not on what was made before it', async () => {
  const make = batches(opened.design, opened.source, opened.program.batch, opened.span)
  const inOrder = [await made(0, make), await made(1, make), await made(7, make)]
  const other = batches(opened.design, opened.source, opened.program.batch, opened.span)
  const backwards = [await made(7, other), await made(1, other), await made(0, other)].reverse()
  expect(backwards).toEqual(inOrder)
})

test('batches made at the same time are the same as one after the other', async () => {
  const make = batches(opened.design, opened.source, opened.program.batch, opened.span)
  expect(await Promise.all([made(3, make), made(4, make)])).toEqual([await made(3), await made(4)])
})

test('an epoch sees every picture once, in an order of its own', () => {
  const pictures = picturesOf(0, 24, opened.span)
  const epoch = (first: number) => Array.from({ length: 6 }, (_, i) => Array.from(pictures(first + i))).flat()
  expect([...epoch(0)].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i))
  expect(epoch(6)).not.toEqual(epoch(0))
  expect([...epoch(6)].sort((a, b) => a - b)).toEqual([...epoch(0)].sort((a, b) => a - b))
})

test('what does not fill a batch is dropped', () => {
  const pictures = picturesOf(0, 10, { batch: 4, stepsPerEpoch: 2, steps: 4 })
  expect(new Set([...pictures(0), ...pictures(1)]).size).toBe(8)
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
