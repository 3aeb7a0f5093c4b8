/** Lists of pictures, read as streams. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { afterAll, expect, test } from 'vitest'
import { type Entries, entriesOfTable, entriesOfText } from '../../src/io/listEntries'

const top = mkdtempSync(join(tmpdir(), 'ibot-entries-'))
afterAll(() => rmSync(top, { recursive: true }))

const quiet = () => undefined
const table = (name: string, text: string | Uint8Array) => {
  const path = join(top, name)
  writeFileSync(path, text)
  return entriesOfTable(path, { image: 'image' }, quiet)()
}
const rows = ({ images, label }: Entries) => Array.from({ length: images.count }, (_, i) => [images.at(i), label(i) ?? ''])

/** What csv-parse makes of a table, all of it read letter by letter. */
const byLibrary = (text: string, delimiter: string): readonly (readonly string[])[] | undefined => {
  try {
    const [, ...found] = parse(text, { delimiter, skip_empty_lines: true, bom: true, trim: true }) as string[][]
    return found.some(([image]) => image === '') ? undefined : found.map(([image, label]) => [image!, label!.trim()])
  } catch {
    return undefined
  }
}

const field = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '\t', "'", '/', '.', '1', '\f'), maxLength: 4 })

test.each([
  ['csv', ','],
  ['tsv', '\t'],
])('a table without quotes is what a parser makes of it: %s', async (extension, delimiter) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.boolean(),
      async (lines, end, last, mark) => {
        const all = [['image', 'label'], ...lines].map((fields) => fields.join(delimiter)).join(end)
        const text = `${mark ? '\ufeff' : ''}${all}${last ? end : ''}`
        const found = await table(`plain.${extension}`, text)
        const expected = byLibrary(text, delimiter)
        if (expected === undefined) expect(found).toMatchObject({ left: { _tag: 'Missing' } })
        else if (E.isLeft(found)) expect(found.left).toBeUndefined()
        else expect(rows(found.right)).toEqual(expected)
      },
    ),
    { numRuns: 300 },
  )
})

test('a table with one quote anywhere is read by the parser, with blanks inside of quotes kept', async () => {
  const found = await table('quoted.csv', 'image,label\na.png,x\n" b,\nc.png ", "dog, wild"\n')
  if (E.isLeft(found)) throw new Error(JSON.stringify(found.left))
  expect(rows(found.right)).toEqual([
    ['a.png', 'x'],
    [' b,\nc.png ', 'dog, wild'],
  ])
  expect(await table('bad.csv', 'image,label\n"a.png"x,1\n')).toMatchObject({
    left: { message: expect.stringContaining('bad.csv is no table: Invalid Closing Quote') },
  })
})

test('lines may end in either way, in one table', async () => {
  const found = await table('mixed.csv', 'image,label\r\na.png,x\nb.png,\r\n')
  if (E.isLeft(found)) throw new Error(JSON.stringify(found.left))
  expect(rows(found.right)).toEqual([
    ['a.png', 'x'],
    ['b.png', ''],
  ])
  expect([0, 1].map(found.right.line)).toEqual([2, 3])
})

test('letters that lie across two chunks of the file stay whole, and bytes that are no text are told of wherever they stand', async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `${'é😀'.repeat(1 + (i % 5))}/${i}.png,${i % 7}`)
  const text = `image,label\n${lines.join('\n')}`
  const found = await table('long.csv', text)
  if (E.isLeft(found)) throw new Error(JSON.stringify(found.left))
  expect(rows(found.right).map((row) => row.join())).toEqual(lines)
  const path = join(top, 'long.txt')
  writeFileSync(path, text.replaceAll(',', '\t'))
  const plain = await entriesOfText(path)()
  expect(E.isRight(plain) && rows(plain.right).slice(1)).toEqual(rows(found.right))

  const notText = { left: { message: expect.stringMatching(/^the list of pictures .* is not text in UTF-8$/) } }
  expect(await table('bad.csv', Buffer.concat([Buffer.from(text), Buffer.of(0xff)]))).toMatchObject(notText)
  expect(await table('cut.csv', Buffer.concat([Buffer.from(text), Buffer.of(0xc3)]))).toMatchObject(notText)
  writeFileSync(path, Buffer.of(0x61, 0x0a, 0xff))
  expect(await entriesOfText(path)()).toMatchObject(notText)
})
