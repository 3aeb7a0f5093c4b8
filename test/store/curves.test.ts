import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, onTestFinished, test } from 'vitest'
import { readCurves } from '../../src/store/curves'

const read = async (text: string | undefined, steps: number) => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-curves-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'metrics.jsonl')
  if (text !== undefined) writeFileSync(path, text)
  const result = await readCurves(path, steps)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

test('a short run is read as it is, without what is no number and without a line that is still being written', async () => {
  const text = '{"step":0,"knn.accuracy":0.5}\n{"step":1,"loss":3,"note":"x"}\n{"step":2,"loss":2.5,"bad":null}\n{"step":3,"lo'
  expect(await read(text, 10)).toEqual({
    curves: new Map([
      ['knn.accuracy', [{ step: 0, value: 0.5 }]],
      [
        'loss',
        [
          { step: 1, value: 3 },
          { step: 2, value: 2.5 },
        ],
      ],
    ]),
    last: 2,
  })
})

test('of a long run there are 600 points at most, each the mean of its steps at the last of them', async () => {
  const steps = 6000
  const lines = Array.from({ length: steps }, (_, i) => JSON.stringify({ step: i + 1, loss: i + 1 })).join('\n')
  const { curves, last } = await read(lines, steps)
  const loss = curves.get('loss')!
  expect(last).toBe(steps)
  expect(loss).toHaveLength(600)
  expect(loss[0]).toEqual({ step: 10, value: 5.5 })
  expect(loss.at(-1)).toEqual({ step: 6000, value: 5995.5 })
})

test('a run that has told nothing yet has no curves', async () => {
  expect(await read(undefined, 10)).toEqual({ curves: new Map(), last: 0 })
})
