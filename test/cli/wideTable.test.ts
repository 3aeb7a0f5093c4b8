import * as fc from 'fast-check'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { type WideTable, wideTableText } from '../../src/cli/wideTable'

const at = (width: number) => ({ colors: pc.createColors(false), width: () => width })
const table: WideTable = {
  title: 'run',
  side: 'right',
  headings: ['loss', 'knn.accuracy'],
  rows: [
    { name: 'a', cells: ['1.000', '50.0 %'] },
    { name: 'b', cells: ['0.500', '60.0 %'] },
  ],
}

test('a table stands as it is where there is room, else with its rows as columns, else in parts', () => {
  expect(wideTableText(table, at(80))).toBe(`run   loss  knn.accuracy
a    1.000        50.0 %
b    0.500        60.0 %`)
  const high = { ...table, headings: ['a long heading', 'another long heading'] }
  expect(wideTableText(high, at(40))).toBe(`                           a       b
a long heading         1.000   0.500
another long heading  50.0 %  60.0 %`)
  expect(wideTableText(table, at(10))).toBe(`run   loss
a    1.000
b    0.500

run  knn.accuracy
a          50.0 %
b          60.0 %`)
})

test('whatever the width, every word is there once, and no line is wider than it must be', () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/)
  const tables = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([columns, rows]) =>
    fc.record({
      title: fc.constant('run'),
      side: fc.constantFrom('left' as const, 'right' as const),
      headings: fc.array(word, { minLength: columns, maxLength: columns }),
      rows: fc.array(fc.record({ name: word, cells: fc.array(word, { minLength: columns, maxLength: columns }) }), {
        minLength: rows,
        maxLength: rows,
      }),
    }),
  )
  fc.assert(
    fc.property(tables, fc.integer({ min: 1, max: 100 }), (one, width) => {
      const text = wideTableText(one, at(width))
      const words = text.split(/\s+/)
      const count = (list: readonly string[], word: string) => list.filter((other) => other === word).length
      const cells = one.rows.flatMap((row) => row.cells)
      for (const cell of cells) expect(count(words, cell)).toBeGreaterThanOrEqual(count(cells, cell))
      // Names and one column must fit in any case.
      const least = 12 + 2 + 12
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(Math.max(width, least))
    }),
  )
})
