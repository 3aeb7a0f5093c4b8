/** Graphs as whole programs. */
import { describe, expect, test } from 'vitest'
import { DTYPE } from '../../../src/graph/dtype'
import { type Body, output, type Value } from '../../../src/graph/operation'
import { OPERATION_TYPES } from '../../../src/graph/types'
import { fromHost, toHost } from '../../../src/xla/buffer'
import { compile } from '../../../src/xla/executable'
import { execute } from '../../../src/xla/execute'
import { lowered } from '../../../src/xla/stablehlo/lowered'
import { LOWERINGS } from '../../../src/xla/stablehlo/table'
import { testClient, withoutPlugin } from '../plugin'
import { bool, expectNumbers, float, int, type Maker, newMaker, ran } from './lowering'

const PAIR = float([1, 2])

/** A function of a graph: y = x · x + x, and x · x; what nobody takes is in it, too. */
const bodyOf = (name: string): Body => {
  const graph = newMaker()
  const x = graph.feed(PAIR)
  const square = graph.one('Square', [x], PAIR)
  const sum = graph.one('Add', [square, x], PAIR)
  graph.one('Neg', [sum], PAIR)
  return { name, operations: graph.operations, parameters: [x.of], results: [sum, square] }
}

const called = (graph: Maker, body: Body, x: Value): readonly Value[] => {
  const call = graph.add('Call', [x], [PAIR, PAIR], {}, body)
  return [output(call, 0), output(call, 1)]
}

test('the table names every operation', () => {
  expect(Object.keys(LOWERINGS).toSorted()).toEqual([...OPERATION_TYPES].toSorted())
})

test('the text holds what the results need, and says what of its memory the program may use up', () => {
  const graph = newMaker()
  const weight = graph.add('Variable', [], [float([], [4, 2])], { shape: { shape: [4, 2] } })
  const images = graph.feed(float([], [4, 2]))
  const when = graph.feed(bool([1], []))
  const unused = graph.feed(int([1]))
  graph.one('Neg', [unused], int([1]))
  const sum = graph.one('Add', [output(weight), images], float([], [4, 2]))
  const loss = graph.one('Sum', [sum, graph.constant(int([0, 1]))], float([1], []))
  const assign = graph.add('Assign', [output(weight), sum, when], [])
  expect(
    lowered({
      operations: graph.operations,
      parameters: [
        { of: weight, sharding: 'replicated' },
        { of: images.of, sharding: 'split' },
        { of: unused.of },
        { of: when.of },
      ],
      results: [{ of: loss }, { of: assign, replaces: 0, sharding: 'replicated' }, { of: sum, sharding: 'split' }],
      partitions: 2,
    }),
  ).toMatchInlineSnapshot(`
    "module @ibot attributes {mhlo.num_partitions = 2 : i32, mhlo.num_replicas = 1 : i32} {
      func.func public @main(%0: tensor<4x2xf32> {tf.aliasing_output = 1 : i32, mhlo.sharding = "{replicated}"}, %1: tensor<4x2xf32> {mhlo.sharding = "{devices=[2,1]<=[2]}"}, %2: tensor<1xi32>, %3: tensor<i1>) -> (tensor<f32>, tensor<4x2xf32> {mhlo.sharding = "{replicated}"}, tensor<4x2xf32> {mhlo.sharding = "{devices=[2,1]<=[2]}"}) {
        %4 = stablehlo.add %0, %1 : tensor<4x2xf32>
        %5 = stablehlo.constant dense<0.0> : tensor<f32>
        %6 = stablehlo.reduce(%4 init: %5) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x2xf32>, tensor<f32>) -> tensor<f32>
        %7 = stablehlo.select %3, %4, %0 : tensor<i1>, tensor<4x2xf32>
        return %6, %7, %4 : tensor<f32>, tensor<4x2xf32>, tensor<4x2xf32>
      }
    }
    "
  `)
})

test('a dimension that is not known refuses by name', () => {
  const graph = newMaker()
  const x = graph.add('Placeholder', [], [{ dtype: DTYPE.float32, shape: [-1, 3] }])
  const of = graph.one('Neg', [output(x)], { dtype: DTYPE.float32, shape: [-1, 3] })
  expect(() => lowered({ operations: graph.operations, parameters: [{ of: x }], results: [{ of }] })).toThrow(
    /\[\?, 3\].*known only when the graph runs/,
  )
})

test('a value that a run is not given refuses by name', () => {
  const graph = newMaker()
  const x = graph.feed(PAIR)
  const of = graph.one('Neg', [x], PAIR)
  expect(() => lowered({ operations: graph.operations, parameters: [], results: [{ of }] })).toThrow(
    /none of the program's parameters/,
  )
})

test('rows that make no equal parts are an error', () => {
  const graph = newMaker()
  const x = graph.feed(float([1, 2, 3]))
  const program = { operations: graph.operations, parameters: [{ of: x.of, sharding: 'split' as const }], results: [{ of: x }] }
  expect(() => lowered({ ...program, partitions: 2 })).toThrow(/3 rows make no 2 equal parts/)
  expect(lowered(program)).not.toContain('sharding')
})

test('operations of a long chain take a line each', () => {
  const graph = newMaker()
  const x = graph.feed(PAIR)
  let of = x
  for (let i = 0; i < 20_000; i++) of = graph.one('Add', [of, x], PAIR)
  const text = lowered({ operations: graph.operations, parameters: [{ of: x.of }], results: [{ of }] })
  expect(text.match(/stablehlo/g)).toHaveLength(20_000)
  expect(text.length).toBeLessThan(2e6)
})

test('what is written already is not written again', () => {
  const graph = newMaker()
  const x = graph.feed(PAIR)
  const half = () => graph.one('Mul', [x, graph.constant(float([0.5], []))], PAIR)
  const of = graph.one('Add', [half(), half()], PAIR)
  const text = lowered({ operations: graph.operations, parameters: [{ of: x.of }], results: [{ of }] })
  expect(text.match(/%\d+ = .*/g)).toEqual([
    '%1 = stablehlo.constant dense<0.5> : tensor<f32>',
    '%2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<2xf32>',
    '%3 = stablehlo.multiply %0, %2 : tensor<2xf32>',
    '%4 = stablehlo.add %3, %3 : tensor<2xf32>',
  ])
})

describe.skipIf(withoutPlugin)('programs by XLA', () => {
  test('a body is written once and called as often as it is', async () => {
    const graph = newMaker()
    const x = graph.feed(float([3, -1]))
    const body = bodyOf('polynomial')
    const [first, square] = called(graph, body, x)
    const [second] = called(graph, body, first!)
    const text = lowered({
      operations: graph.operations,
      parameters: [{ of: x.of }],
      results: [{ of: first! }, { of: square! }, { of: second! }],
    })
    expect(text.match(/func.func private/g)).toHaveLength(1)
    expect(text).not.toContain('negate')
    expect(await ran(text, [float([3, -1])])).toEqual([
      [12, 0],
      [9, 1],
      [156, 0],
    ])
  })

  test('a variable keeps its value where the condition is false', async () => {
    const graph = newMaker()
    const weight = graph.add('Variable', [], [PAIR])
    const when = graph.feed(bool([1], []))
    const twice = graph.one('Add', [output(weight), output(weight)], PAIR)
    const assign = graph.add('Assign', [output(weight), twice, when], [])
    const text = lowered({
      operations: graph.operations,
      parameters: [{ of: weight }, { of: when.of }],
      results: [{ of: assign, replaces: 0 }, { of: output(weight) }],
    })
    expect(await ran(text, [PAIR, bool([1], [])])).toEqual([
      [2, 4],
      [1, 2],
    ])
    expect(await ran(text, [PAIR, bool([0], [])])).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('a program that takes nothing, and a result given twice', async () => {
    const graph = newMaker()
    const x = graph.constant(float([0.1, Number.NaN]))
    const y = graph.one('Neg', [x], PAIR)
    const text = lowered({ operations: graph.operations, parameters: [], results: [{ of: y }, { of: y }, { of: x }] })
    const [first, second, third] = await ran(text, [])
    expectNumbers(first!, [-0.1, Number.NaN].map(Math.fround))
    expect(second).toEqual(first)
    expectNumbers(third!, [0.1, Number.NaN].map(Math.fround))
  })

  test('devices share the rows of a program', async () => {
    const graph = newMaker()
    const weight = graph.add('Variable', [], [PAIR])
    const rows = graph.feed(float([], [4, 2]))
    const products = graph.one('Mul', [rows, output(weight)], float([], [4, 2]))
    const mean = graph.one('Mean', [products, graph.constant(int([0]))], PAIR)
    const assign = graph.add('Assign', [output(weight), mean, graph.constant(bool([1], []))], [])
    const text = lowered({
      operations: graph.operations,
      parameters: [
        { of: weight, sharding: 'replicated' },
        { of: rows.of, sharding: 'split' },
      ],
      results: [
        { of: assign, replaces: 0, sharding: 'replicated' },
        { of: products, sharding: 'split' },
      ],
      partitions: 2,
    })
    const client = await testClient(2)
    const executable = await compile(client, text, { partitions: 2 })
    const parts = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]
    const given = await Promise.all(
      parts.map(async (part, device) => [
        await fromHost(client, Float32Array.of(10, 100), 'float32', [2], client.devices[device]!),
        await fromHost(client, Float32Array.from(part), 'float32', [2, 2], client.devices[device]!),
      ]),
    )
    const results = await execute(executable, given)
    const values = await Promise.all(
      results.map((of) => Promise.all(of.map(async (one) => Array.from((await toHost(one)) as Float32Array)))),
    )
    expect(values).toEqual([
      [
        [40, 500],
        [10, 200, 30, 400],
      ],
      [
        [40, 500],
        [50, 600, 70, 800],
      ],
    ])
    client.dispose()
  })
})
