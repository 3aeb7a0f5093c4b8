/** "Did you mean …?" finds the key or the name that a word with one wrong letter stands for. */
import * as E from 'fp-ts/Either'
import type * as t from 'io-ts'
import { expect, test } from 'vitest'
import { decoder, type Mistake } from '../../src/dsl/decode'
import { op } from '../../src/dsl/type'
import { registry } from '../../src/ops/registry'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']

/** All words that one letter left out, put in or replaced, or two neighbours swapped, make of a word. */
const typosOf = (word: string): readonly string[] => {
  const letters = [...word]
  const places = letters.map((_, i) => i)
  return [
    ...new Set(
      [
        ...places.map((i) => letters.toSpliced(i, 1)),
        ...[...places, letters.length].flatMap((i) => LETTERS.map((letter) => letters.toSpliced(i, 0, letter))),
        ...places.flatMap((i) => LETTERS.map((letter) => letters.with(i, letter))),
        ...places.slice(1).map((i) => letters.with(i, letters[i - 1]!).with(i - 1, letters[i]!)),
      ].map((typo) => typo.join('')),
    ),
  ].filter((typo) => typo !== word && typo !== '')
}

const suggestionsFor = (kind: Parameters<typeof op>[0], written: unknown): readonly (string | undefined)[] => {
  const result = decoder(registry, op(kind)).decode(written)
  return E.isRight(result) ? [] : (result.left as t.Errors).map((error) => (error as Mistake).suggestion)
}

/** How many of all typos are answered with the right word; those that are words themselves aren't asked for. */
const share = (
  cases: readonly {
    readonly right: string
    readonly known: readonly string[]
    readonly ask: (typo: string) => readonly (string | undefined)[]
  }[],
) => {
  let [asked, answered] = [0, 0]
  for (const { right, known, ask } of cases)
    for (const typo of typosOf(right)) {
      if (known.includes(typo)) continue
      asked++
      if (ask(typo).includes(`did you mean '${right}'?`)) answered++
    }
  expect(asked).toBeGreaterThan(10_000)
  return answered / asked
}

test('of keys with one wrong letter, at least 99 % are told the right one', () => {
  const found = share(
    registry.ops.flatMap(({ kind, name, fields }) => {
      const known = [...Object.keys(fields), ...Object.keys(kind.modifiers ?? {})]
      return known.map((right) => ({ right, known, ask: (typo: string) => suggestionsFor(kind, { [name]: { [typo]: 1 } }) }))
    }),
  )
  expect(found).toBeGreaterThan(0.99)
})

test('so are at least 99 % of the names of ops', () => {
  const found = share(
    registry.ops.map(({ kind, name: right }) => ({
      right,
      known: registry.names(kind),
      ask: (typo: string) => suggestionsFor(kind, { [typo]: {} }),
    })),
  )
  expect(found).toBeGreaterThan(0.99)
})
