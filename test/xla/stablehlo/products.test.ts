/** Products of matrices, lowered and run, against plain JavaScript. */
import { describe, expect, test } from 'vitest'
import { elements } from '../../../src/base/shape'
import { DTYPE } from '../../../src/graph/dtype'
import { lowered } from '../../../src/xla/stablehlo/lowered'
import { withoutPlugin } from '../plugin'
import { bfloat, type Case, computed, expectCases, float, int, type Numbers, newMaker } from './lowering'

/** Numbers that are exact in every type, not all alike. */
const some = (shape: readonly number[], make = float): Numbers =>
  make(
    Array.from({ length: elements(shape) }, (_, i) => ((i * 7) % 11) - 5),
    shape,
  )

/** [..., n, k] · [..., k, m] by the definition; the axes before are repeated as in NumPy. */
const product = (a: Numbers, b: Numbers, [turnA, turnB]: readonly [boolean, boolean]): Numbers => {
  const matrix = ({ shape }: Numbers, turned: boolean) =>
    (turned ? [shape.at(-1)!, shape.at(-2)!] : [shape.at(-2)!, shape.at(-1)!]) as [number, number]
  const [[n, k], [, m]] = [matrix(a, turnA), matrix(b, turnB)]
  const rank = Math.max(a.shape.length, b.shape.length)
  const full = (shape: readonly number[]) => [...Array.from({ length: rank - shape.length }, () => 1), ...shape].slice(0, -2)
  const [batchA, batchB] = [full(a.shape), full(b.shape)]
  const batch = batchA.map((dim, i) => Math.max(dim, batchB[i]!))
  const at = (which: number, dims: readonly number[]): number => {
    let [rest, place, stride] = [which, 0, 1]
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const index = rest % batch[axis]!
      rest = Math.floor(rest / batch[axis]!)
      place += dims[axis] === 1 ? 0 : index * stride
      stride *= dims[axis]!
    }
    return place
  }
  const values = Array.from({ length: elements(batch) }, (_, which) => {
    const [fromA, fromB] = [at(which, batchA) * n * k, at(which, batchB) * k * m]
    const of = (x: Numbers, from: number, row: number, column: number, columns: number, rows: number, turned: boolean) =>
      x.values[from + (turned ? column * rows + row : row * columns + column)]!
    return Array.from({ length: n * m }, (_, i) => {
      const [row, column] = [Math.floor(i / m), i % m]
      let sum = 0
      for (let j = 0; j < k; j++) sum += of(a, fromA, row, j, k, n, turnA) * of(b, fromB, j, column, m, k, turnB)
      return sum
    })
  }).flat()
  return { dtype: a.dtype, shape: [...batch, n, m], values }
}

const multiplied = (
  type: 'MatMul' | 'BatchMatMulV2',
  a: Numbers,
  b: Numbers,
  turned: readonly [boolean, boolean] = [false, false],
): Case => {
  const [first, second] = type === 'MatMul' ? ['transpose_a', 'transpose_b'] : ['adj_x', 'adj_y']
  return {
    type,
    inputs: [a, b],
    attributes: { [first!]: { bool: turned[0] }, [second!]: { bool: turned[1] } },
    gives: [product(a, b, turned)],
  }
}

const WAYS = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const

describe.skipIf(withoutPlugin)('products of matrices by XLA', () => {
  test('MatMul', () =>
    expectCases([
      ...WAYS.map((turned) => multiplied('MatMul', some(turned[0] ? [4, 3] : [3, 4]), some(turned[1] ? [2, 4] : [4, 2]), turned)),
      multiplied('MatMul', some([2, 3], int), some([3, 2], int)),
      multiplied('MatMul', some([0, 3]), some([3, 2])),
      multiplied('MatMul', some([2, 0]), some([0, 2])),
      {
        type: 'MatMul',
        inputs: [float([Number.NaN, 1], [1, 2]), float([0, Number.POSITIVE_INFINITY], [2, 1])],
        gives: [float([Number.NaN], [1, 1])],
      },
    ]))

  test('BatchMatMulV2 repeats the axes before the last two', () =>
    expectCases([
      ...WAYS.map((turned) =>
        multiplied('BatchMatMulV2', some(turned[0] ? [2, 4, 3] : [2, 3, 4]), some(turned[1] ? [2, 2, 4] : [2, 4, 2]), turned),
      ),
      ...WAYS.map((turned) =>
        multiplied('BatchMatMulV2', some(turned[0] ? [2, 4, 3] : [2, 3, 4]), some(turned[1] ? [1, 2, 4] : [1, 4, 2]), turned),
      ),
      ...WAYS.map((turned) =>
        multiplied('BatchMatMulV2', some(turned[0] ? [4, 3] : [3, 4]), some(turned[1] ? [2, 2, 4] : [2, 4, 2]), turned),
      ),
      multiplied('BatchMatMulV2', some([2, 1, 3, 4]), some([1, 5, 4, 2])),
      multiplied('BatchMatMulV2', some([2, 3, 3, 4]), some([3, 4, 2])),
      multiplied('BatchMatMulV2', some([2, 3, 2, 4]), some([4, 2])),
      multiplied('BatchMatMulV2', some([3, 4]), some([4, 2])),
    ]))

  test('_FusedMatMul adds a row', () => {
    const plain = product(some([3, 4]), some([2, 4]), [false, true])
    const gives = float(
      plain.values.map((value, i) => value + (i % 2 === 0 ? 10 : -20)),
      [3, 2],
    )
    const attributes = { transpose_a: { bool: false }, transpose_b: { bool: true }, fused_ops: { strings: ['BiasAdd'] } }
    return expectCases([
      { type: '_FusedMatMul', inputs: [some([3, 4]), some([2, 4]), float([10, -20])], attributes, gives: [gives] },
      {
        type: '_FusedMatMul',
        inputs: [some([3, 4], bfloat), some([2, 4], bfloat), bfloat([10, -20])],
        attributes,
        gives: [{ ...gives, dtype: DTYPE.bfloat16 }],
      },
    ])
  })

  test('bfloat16 comes out as the graph says', async () => {
    const [a, b] = [some([2, 3], bfloat), some([3, 2], bfloat)]
    const { shape, values } = product(a, b, [false, false])
    await expectCases([
      { type: 'MatMul', inputs: [a, b], gives: [bfloat(values, shape)] },
      { type: 'MatMul', inputs: [a, b], gives: [float(values, shape)] },
    ])
  })

  test('something else than a bias refuses by name', async () => {
    const failing = computed((graph) => [
      graph.one('_FusedMatMul', [graph.feed(some([1, 1])), graph.feed(some([1, 1])), graph.feed(some([1]))], some([1, 1]), {
        fused_ops: { strings: ['FusedBatchNorm'] },
      }),
    ])
    await expect(failing).rejects.toMatchObject({ name: 'NotRecordable', operation: '_FusedMatMul' })
  })
})

test('float32 is multiplied as float32, bfloat16 as is fastest', () => {
  const text = (make: typeof float, precision?: 'default' | 'high'): string => {
    const graph = newMaker()
    const [a, b] = [graph.feed(some([2, 3], make)), graph.feed(some([3, 2], make))]
    const of = graph.one('MatMul', [a, b], some([2, 2], make))
    const parameters = [{ of: a.of }, { of: b.of }]
    return lowered({
      operations: graph.operations,
      parameters,
      results: [{ of }],
      ...(precision === undefined ? {} : { precision }),
    })
  }
  expect(text(float)).toContain('precision = [HIGHEST, HIGHEST]')
  expect(text(float, 'high')).toContain('precision = [HIGH, HIGH]')
  expect(text(bfloat)).toContain('precision = [DEFAULT, DEFAULT]')
})
