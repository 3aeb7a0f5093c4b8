import { expect, test } from 'vitest'
import { rowsOf, table } from '../../bench/profile'

const rows = rowsOf([
  { name: 'a', type: '_MklMatMul', microseconds: 2000 },
  { name: 'b', type: 'gelu_3', microseconds: 500 },
  { name: 'c', type: '_MklNativeFusedMatMul', microseconds: 1000 },
  { name: 'd', type: 'gelu_12', microseconds: 500 },
  { name: 'e', type: 'MatMul', microseconds: 1000 },
])

test('operations of one type are one row, the longest first; kernels of all shapes too', () => {
  expect(rows).toEqual([
    { type: 'MatMul', count: 2, milliseconds: 3 },
    { type: 'gelu', count: 2, milliseconds: 1 },
    { type: 'FusedMatMul', count: 1, milliseconds: 1 },
  ])
})

test('a profile is a table whose last line is the total of all rows', () => {
  expect(table(rows, 1)).toBe(['      3.0 ms  60.0 %      2  MatMul', '      5.0 ms 100.0 %      5  all operations'].join('\n'))
})
