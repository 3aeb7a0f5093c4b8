import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, expect, test } from 'vitest'
import { runFolder } from '../../src/store/folder'
import { rewindMetrics } from '../../src/store/rewind'

const root = mkdtempSync(join(tmpdir(), 'ibot-rewind-'))
afterAll(() => rmSync(root, { recursive: true }))
const folder = runFolder(root)
const line = (step: number): string => `{"step":${step},"loss":1}\n`

const rewound = async (text: string, step: number) => {
  writeFileSync(folder.metrics, text)
  const notes: string[] = []
  expect(await rewindMetrics(folder, step, (message) => notes.push(message))()).toEqual(E.right(undefined))
  expect(readdirSync(root)).toEqual(['metrics.jsonl'])
  return { text: readFileSync(folder.metrics, 'utf8'), notes }
}

test('lines up to the step stay as they are, those after it go, and so does one that was cut', async () => {
  expect(await rewound(`${line(1)}${line(2)}${line(3)}{"st`, 2)).toEqual({ text: `${line(1)}${line(2)}`, notes: [] })
})

test('garbled lines are left out, and told of', async () => {
  expect(await rewound(`${line(1)}\u0000\u0000x\n[]\n${line(2)}`, 5)).toEqual({
    text: `${line(1)}${line(2)}`,
    notes: [`${folder.metrics} had 2 lines that can't be read, left out now`],
  })
})

test('a run that has measured nothing has no lines', async () => {
  rmSync(folder.metrics)
  expect(E.isRight(await rewindMetrics(folder, 1, () => undefined)())).toBe(true)
  expect(readFileSync(folder.metrics, 'utf8')).toBe('')
})
