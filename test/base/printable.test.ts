import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, printableLines } from '../../src/base/printable'

test.each([
  ['a red word', 'a\u001b[31mred', 'a\\u001b[31mred'],
  ['a bell and what C1 does', '\u0007 \u009b2J \u007f', '\\u0007 \\u009b2J \\u007f'],
  ['ends of lines', 'a\nb\r\nc\u2028d\te', 'a\\nb\\r\\nc\\u2028d\\te'],
  ['text turned about', 'png.\u202egpj', 'png.\\u202egpj'],
  ['isolated text', '\u2066x\u2069\u200f\u061c', '\\u2066x\\u2069\\u200f\\u061c'],
  ['words of any script', 'größe 漢字 עברית ไทย 👩‍👩‍👧 e\u0301', 'größe 漢字 עברית ไทย 👩‍👩‍👧 e\u0301'],
])('%s', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('nothing that acts is left, and what is printable stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text)
      expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
      expect(printable(shown)).toBe(shown)
    }),
  )
})

test('lines stay lines where a text has some', () => {
  expect(printableLines('one\n\u0007two')).toBe('one\n\\u0007two')
})
