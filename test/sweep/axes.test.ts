/** How a `--set` is split into values, and what a sweep's axes are. */

import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { flow } from '../../src/dsl/print'
import type { Json } from '../../src/dsl/type'
import { type AskedAxes, axesOf, splitValues } from '../../src/sweep/axes'
import { settingsOf } from '../../src/sweep/grid'

describe('values', () => {
  test.each([
    ['1,2,3', ['1', '2', '3']],
    ['2', ['2']],
    [' 1 , 2 ', ['1', '2']],
    ['[10,20]', ['[10,20]']],
    ['[10, 20],[200]', ['[10, 20]', '[200]']],
    ['none,random: { ratio: 0.3 }', ['none', 'random: { ratio: 0.3 }']],
    ['{ a: 1, b: [2, 3] },4', ['{ a: 1, b: [2, 3] }', '4']],
    ['"a,b",c', ['"a,b"', 'c']],
    ["'it''s, so',x", ["'it''s, so'", 'x']],
    ["it's,x", ["it's", 'x']],
    ['a b,c', ['a b', 'c']],
    ['1e-3,5e-4', ['1e-3', '5e-4']],
    ['', ['']],
  ])('%s', (text, values) => {
    expect(splitValues(text)).toEqual(values)
  })

  test.each(['1,,2', '1,2,', ',1', 'a],[b', '[1,2', 'x[1],b', '"a,b', 'a #b,c'])('%s: they can not be told apart', (text) => {
    expect(splitValues(text)).toBeUndefined()
  })

  test('whatever the values are, joined by commas they are split as they were', () => {
    const { json } = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 2 },
        fc.oneof(fc.constant(null), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]\w{0,5}$/), tie('json'), { maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(fc.array(json, { minLength: 2, maxLength: 5 }), fc.constantFrom(',', ', ', ' , '), (values, comma) => {
        const texts = values.map(flow)
        expect(splitValues(texts.join(comma))).toEqual(texts)
      }),
    )
  })
})

const right = (asked: AskedAxes) => {
  const axes = axesOf(asked)
  if (E.isLeft(axes)) throw new Error(JSON.stringify(axes.left))
  return axes.right
}
const refusal = (asked: AskedAxes) => {
  const axes = axesOf(asked)
  return E.isLeft(axes) ? axes.left.map(({ col, message }) => [col, message]) : []
}

test('several values are an axis, one is the same in all runs, in the order in which they were given', () => {
  const axes = right({ set: ['vit.depth=2,4', 'train.epochs=1', 'adamw.lr=1e-3,0.01'], seeds: 2 })
  expect(axes.axes).toEqual([
    { path: 'vit.depth', values: ['2', '4'] },
    { path: 'adamw.lr', values: ['0.001', '0.01'] },
    { path: 'train.seed', values: ['0', '1'] },
  ])
  expect(settingsOf(axes, { values: ['4', '0.01', '1'] })).toEqual([
    'vit.depth=4',
    'train.epochs=1',
    'adamw.lr=0.01',
    'train.seed=1',
  ])
})

test('of a sweep that goes on, one value is an axis too', () => {
  expect(right({ set: ['vit.depth=8'], known: ['vit.depth'] }).axes).toEqual([{ path: 'vit.depth', values: ['8'] }])
})

test('what is wrong with them is told all at once, with its place', () => {
  expect(refusal({ set: ['vit.depth=2'] })).toEqual([[1, 'nothing varies from run to run']])
  expect(refusal({ set: [] })).toEqual([[1, 'nothing varies from run to run']])
  expect(refusal({ set: ['vit.depth=2,', 'adamw.lr=1e-3,0.001', 'a=1,2', 'a=3'] })).toEqual([
    [11, "the values between the commas can't be told apart"],
    [10, 'the value 0.001 stands twice'],
    [1, "'a' is set twice"],
  ])
  expect(refusal({ set: ['train.seed=1,2'], seeds: 3 })).toEqual([[1, "'train.seed' is set twice"]])
})
