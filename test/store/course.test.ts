import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, onTestFinished, test } from 'vitest'
import { readCourse } from '../../src/store/course'

const read = async (lines: readonly object[], steps = 1000) => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-course-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'metrics.jsonl')
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const result = await readCourse(path, steps)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

test('final losses are means of the last 50 steps, whatever probes tell between them', async () => {
  const lines = Array.from({ length: 120 }, (_, i) => [
    { step: i + 1, loss: i + 1, seconds: i + 1 },
    ...(i % 10 === 9 ? [{ step: i + 1, 'knn.accuracy': i / 120 }] : []),
  ]).flat()
  const { ends, last } = await read([{ step: 0, 'knn.accuracy': 0.5 }, ...lines])
  expect(last).toBe(120)
  expect(ends.get('loss')).toEqual({ first: { step: 1, value: 1 }, last: { step: 120, value: 120 }, recent: 95.5 })
  expect(ends.get('knn.accuracy')).toMatchObject({ first: { step: 0, value: 0.5 }, last: { step: 120, value: 119 / 120 } })
})

test('a metric that the last steps do not tell has no mean of them', async () => {
  const { ends } = await read([{ step: 1, featureRank: 3 }, ...Array.from({ length: 60 }, (_, i) => ({ step: i + 2, loss: 1 }))])
  expect(ends.get('featureRank')).toEqual({ first: { step: 1, value: 3 }, last: { step: 1, value: 3 }, recent: undefined })
})

test('seconds add up over the processes of a run; a step takes as long as those that compile nothing', async () => {
  const process = (from: number, first: number) =>
    Array.from({ length: 4 }, (_, i) => ({ step: from + i, loss: 1, seconds: first + i / 2 }))
  expect((await read([...process(1, 3), ...process(5, 2)])).pace).toEqual({ seconds: 4.5 + 3.5, perStep: 0.5 })
  expect((await read([{ step: 1, loss: 1, seconds: 3 }])).pace).toEqual({ seconds: 3, perStep: undefined })
  expect((await read([])).pace).toEqual({ seconds: undefined, perStep: undefined })
})
