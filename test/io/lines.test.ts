import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { linesIn } from '../../src/io/lines'

const root = mkdtempSync(join(tmpdir(), 'ibot-lines-'))
afterAll(() => rmSync(root, { recursive: true }))
const path = join(root, 'text')
const linesOf = async (longest?: number): Promise<readonly string[]> => {
  const found: string[] = []
  for await (const lines of linesIn(path, longest)) found.push(...lines)
  return found
}

test('lines are those of the text, whatever is in them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !/[\n\r]/.test(line))), async (lines) => {
      writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
      expect(await linesOf()).toEqual(lines)
    }),
    { numRuns: 50 },
  )
})

test('lines longer than a chunk of the file are whole, and longer than what is kept are cut', async () => {
  const long = 'é'.repeat(300_000)
  writeFileSync(path, `a\r\n${long}\nb`)
  expect(await linesOf()).toEqual(['a', long, 'b'])
  expect(await linesOf(4)).toEqual(['a', 'éé', 'b'])
})
