/** What processes exchange within a program: replicas of it on several devices of one process stand for them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../../src/graph/operation'
import { fromHost, toHost } from '../../../src/xla/buffer'
import type { XlaClient } from '../../../src/xla/client'
import { compile } from '../../../src/xla/executable'
import { execute } from '../../../src/xla/execute'
import { COMPILER_FLAGS, lowered, type Sharding } from '../../../src/xla/stablehlo/lowered'
import { testClient, withoutPlugin } from '../plugin'
import { float, type Maker, newMaker } from './lowering'

const allReduce = (graph: Maker, x: Value, shape: readonly number[], reduction: 'mean' | 'max', processes: number): Value =>
  graph.one('AllReduce', [x], float([], shape), { reduction: { string: reduction }, processes: { int: processes } })

describe.skipIf(withoutPlugin)('an AllReduce', () => {
  let client: XlaClient
  beforeAll(async () => {
    client = await testClient(4)
  })
  afterAll(() => client?.dispose())

  /** What a program of some replicas gives for an input [2, 2] of each device, device by device. */
  const computed = async (
    replicas: number,
    build: (graph: Maker, x: Value) => readonly Value[],
    given: readonly (readonly number[])[],
    { partitions = 1, sharding = 'replicated' }: { readonly partitions?: number; readonly sharding?: Sharding } = {},
  ) => {
    const graph = newMaker()
    const x = graph.feed(float([], [2, 2]))
    const results = build(graph, x)
    const text = lowered({
      operations: graph.operations,
      parameters: [{ of: x.of, sharding }],
      results: results.map((of) => ({ of, sharding: 'replicated' })),
      replicas,
      partitions,
    })
    const devices = Array.from({ length: replicas }, (_, r) => Array.from({ length: partitions }, (_, p) => r * partitions + p))
    const executable = await compile(client, text, { replicas, partitions, devices, flags: COMPILER_FLAGS })
    const dims = sharding === 'split' ? [2 / partitions, 2] : [2, 2]
    const args = await Promise.all(
      given.map(async (values, i) => [await fromHost(client, Float32Array.from(values), 'float32', dims, client.devices[i]!)]),
    )
    const made = await execute(executable, args)
    const values = await Promise.all(
      made.map((row) => Promise.all(row.map(async (one) => Array.from(await toHost(one), Number)))),
    )
    for (const one of [...args, ...made].flat()) one.dispose()
    executable.dispose()
    return values
  }

  test.each([2, 3, 4])('of %i processes is their mean, or the largest of each number', async (processes) => {
    const given = Array.from({ length: processes }, (_, rank) => [rank, -rank, rank === 1 ? 10 : 1, -3])
    const got = await computed(
      processes,
      (graph, x) => [allReduce(graph, x, [2, 2], 'mean', processes), allReduce(graph, x, [2, 2], 'max', processes)],
      given,
    )
    const over = (i: number): readonly number[] => given.map((values) => values[i]!)
    const mean = [0, 1, 2, 3].map((i) => Math.fround(over(i).reduce((a, b) => a + b, 0) / processes))
    const max = [0, 1, 2, 3].map((i) => Math.max(...over(i)))
    expect(got).toEqual(given.map(() => [mean, max]))
  })
  test('of infinities, and the mean of what is no number', async () => {
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    const [first] = await computed(
      2,
      (graph, x) => [allReduce(graph, x, [2, 2], 'max', 2), allReduce(graph, x, [2, 2], 'mean', 2)],
      [
        [low, 1, 1, high],
        [2, Number.NaN, low, 4],
      ],
    )
    // The largest number may pass over what is none: a step tells by means whether all numbers are finite.
    const [max, mean] = first!
    expect([max![0], max![2], max![3]]).toEqual([2, 1, high])
    expect(mean).toEqual([low, Number.NaN, low, high])
  })
  test('of processes whose devices share a value out', async () => {
    const got = await computed(
      2,
      (graph, x) => {
        const mean = allReduce(graph, x, [2, 2], 'mean', 2)
        const total = graph.one('Sum', [mean, graph.constant({ dtype: 3, shape: [2], values: [0, 1] })], float([], []))
        return [mean, allReduce(graph, total, [], 'max', 2)]
      },
      [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 9],
      ],
      { partitions: 2, sharding: 'split' },
    )
    expect(got).toEqual(Array.from({ length: 4 }, () => [[3, 4, 5, 6.5], [18.5]]))
  })
})

test('a program says in how many processes it runs', () => {
  const graph = newMaker()
  const x = graph.feed(float([], [3]))
  const program = { operations: graph.operations, parameters: [{ of: x.of }], partitions: 2 }
  const text = (replicas: number): string =>
    lowered({ ...program, results: [{ of: allReduce(graph, x, [3], 'mean', replicas) }], replicas })
  expect(text(4)).toContain('module @ibot attributes {mhlo.num_partitions = 2 : i32, mhlo.num_replicas = 4 : i32} {')
  expect(text(4)).toContain('replica_groups = dense<[[0, 1, 2, 3]]> : tensor<1x4xi64>')
  expect(() => lowered({ ...program, results: [{ of: allReduce(graph, x, [3], 'mean', 4) }], replicas: 2 })).toThrow(
    'values of 4 processes in a program of 2',
  )
})
