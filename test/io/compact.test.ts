/** What data sets of millions of pictures are held in: texts, pieces of files, lists counted through as one, walks in order. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { afterAll, expect, test } from 'vitest'
import { placeIn, startsOf } from '../../src/io/chain'
import { byCodePoint } from '../../src/io/codePoints'
import { readPlaces, writePieces } from '../../src/io/pieces'
import { readAt } from '../../src/io/readAt'
import { stringsBuilder } from '../../src/io/strings'
import { walkFiles } from '../../src/io/walk'

const top = mkdtempSync(join(tmpdir(), 'ibot-compact-'))
afterAll(() => rmSync(top, { recursive: true }))

test('texts come back as they were added, in any order', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), (texts) => {
      const builder = stringsBuilder()
      for (const one of texts) builder.add(one)
      const strings = builder.done()
      expect(strings.count).toBe(texts.length)
      expect(texts.map((_, i) => strings.at(texts.length - 1 - i)).reverse()).toEqual(texts)
    }),
  )
})

test('texts fill more than one piece of memory, and take little more than their bytes', () => {
  const builder = stringsBuilder()
  const textOf = (i: number): string => `${'n'.repeat(i % 100)}/${i}.jpg`
  for (let i = 0; i < 60_000; i++) builder.add(textOf(i))
  const { at, bytes } = builder.done()
  expect(bytes.length).toBeGreaterThan(2)
  const length = Array.from({ length: 60_000 }, (_, i) => textOf(i).length).reduce((a, b) => a + b)
  expect(bytes.reduce((sum, piece) => sum + piece.length, 0)).toBe(length + 2 * 60_000)
  for (let i = 0; i < 60_000; i += 7) expect(at(i)).toBe(textOf(i))
})

test('pieces in a file come back by their numbers, empty ones too', async () => {
  const path = join(top, 'pieces')
  const pieces = [Buffer.from('one'), new Uint8Array(0), Buffer.from('three')]
  await writePieces(
    path,
    (async function* () {
      yield* pieces
    })(),
  )
  const places = await readPlaces(path)()
  if (E.isLeft(places)) throw new Error(JSON.stringify(places.left))
  expect(Array.from(places.right)).toEqual([0, 3, 3, 8])
  for (const [i, piece] of pieces.entries()) {
    const bytes = await readAt(path, places.right[i]!, places.right[i + 1]! - places.right[i]!)()
    expect(E.isRight(bytes) && Buffer.from(bytes.right)).toEqual(Buffer.from(piece))
  }
})

test('an item of several lists has its list and its place in it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), (counts) => {
      const all = counts.flatMap((count, list) => Array.from({ length: count }, (_, place) => [list, place]))
      const starts = startsOf(counts)
      expect(starts[starts.length - 1]).toBe(all.length)
      expect(all.map((_, i) => placeIn(starts, i))).toEqual(all)
    }),
  )
})

test("a walk comes to files in the order of their paths' code points", async () => {
  const name = fc.constantFrom('a', 'a b', 'a.png', 'A', 'ab', 'ü', '\u{ff5e}', '\u{1f600}', 'a-')
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => [...names.map((one) => `${one}d`), 'f'].join('/'))
  const flat = name.map((one) => `${one}f`)
  let trees = 0
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.oneof(path, flat), { minLength: 1, maxLength: 12 }), async (paths) => {
      const root = join(top, `tree${trees++}`)
      for (const [i, one] of paths.entries()) {
        mkdirSync(dirname(join(root, one)), { recursive: true })
        writeFileSync(join(root, one), 'x'.repeat(i))
      }
      const visited: (readonly [string, number, string | undefined])[] = []
      const folders = await walkFiles(root, (...file) => visited.push(file))()
      const folderOf = (one: string): string | undefined => (one.includes('/') ? one.split('/')[0] : undefined)
      expect(visited).toEqual([...paths].sort(byCodePoint).map((one) => [one, paths.indexOf(one), folderOf(one)]))
      const expected = [...new Set(paths.flatMap((one) => folderOf(one) ?? []))].sort(byCodePoint)
      expect(folders).toEqual(E.right(expected))
    }),
    { numRuns: 40 },
  )
})
