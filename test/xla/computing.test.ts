/** Computing with a plugin for CPUs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dimensions, dtypeIn, fromHost, toHost, type XlaBuffer } from '../../src/xla/buffer'
import { createClient, type XlaClient } from '../../src/xla/client'
import type { ValuesOf, XlaDtype } from '../../src/xla/dtype'
import { XlaError } from '../../src/xla/error'
import { compile, deserialize } from '../../src/xla/executable'
import { type Buffers, execute, launch } from '../../src/xla/execute'
import { loadPlugin } from '../../src/xla/pjrt'
import { sealed, unsealed } from '../../src/xla/sealed'
import { testClient, testPlugin, withoutPlugin } from './plugin'
import { doubled, longWork, product, replicatedStep, shardedProduct } from './programs'

const floats = (client: XlaClient, values: readonly number[], dims: readonly number[], device = 0): Promise<XlaBuffer> =>
  fromHost(client, Float32Array.from(values), 'float32', dims, client.devices[device]!)

const numbers = async (buffer: XlaBuffer): Promise<readonly number[]> => Array.from(await toHost(buffer), Number)
/** The values of all results of each device. */
const all = (buffers: Buffers) => Promise.all(buffers.map((row) => Promise.all(row.map(numbers))))
const dispose = (buffers: Buffers): void => {
  for (const buffer of buffers.flat()) buffer.dispose()
}
/** The XlaError that a promise fails with. */
const failure = async (promise: Promise<unknown>): Promise<XlaError> => {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof XlaError)) throw new Error(`no XlaError: ${error}`)
  return error
}

describe.skipIf(withoutPlugin)('with a plugin', () => {
  let client: XlaClient
  beforeAll(async () => {
    client = await testClient(4)
  })
  afterAll(() => client?.dispose())

  describe('a client', () => {
    test('tells what it computes on', () => {
      expect(client).toMatchObject({ platform: 'cpu', processIndex: 0, deviceCount: 4 })
      expect(client.devices.map(({ id, localId, kind }) => ({ id, localId, kind }))).toEqual(
        [0, 1, 2, 3].map((id) => ({ id, localId: id, kind: 'cpu' })),
      )
      expect(client.devices[0]!.memoryKind).toEqual(expect.stringMatching(/^(device|unpinned_host)$/))
      // CPUs count none; where a plugin does, it is numbers.
      const memory = client.devices[0]!.memory()
      expect(memory === undefined || memory.inUse >= 0).toBe(true)
    })
    test('the plugin is loaded once, and tells its versions', () => {
      const plugin = testPlugin()
      expect(loadPlugin(plugin.path)).toEqual({ _tag: 'Right', right: plugin })
      expect(plugin.version.minor).toBeGreaterThanOrEqual(57)
      expect(plugin.attributes.stablehlo_current_version).toEqual({ int64s: [1n, expect.any(BigInt), expect.any(BigInt)] })
    })
    test('takes everything of it with it', async () => {
      const other = await createClient(testPlugin())
      expect(other.devices.length).toBeGreaterThan(0)
      const buffer = await floats(other, [1, 2], [2])
      const executable = await compile(other, doubled('f32', [2]))
      const running = execute(executable, [[buffer]])
      other.dispose()
      other.dispose()
      // What was begun ends, and its results are gone with the client.
      const [[result]] = (await running) as readonly [readonly [XlaBuffer]]
      expect(result!.handle.isDisposed()).toBe(true)
      expect((await failure(toHost(buffer))).message).toBe('the buffer is disposed of')
      expect((await failure(execute(executable, [[buffer]]))).message).toBe('the executable is disposed of')
      expect((await failure(floats(other, [1], [1]))).message).toBe('the XLA client is disposed of')
    })
  })

  describe('buffers', () => {
    const cases: readonly (readonly [XlaDtype, type: string, values: ValuesOf, twice: ValuesOf])[] = [
      ['float32', 'f32', Float32Array.of(1.5, -2, 0, 4), Float32Array.of(3, -4, 0, 8)],
      ['float64', 'f64', Float64Array.of(1.5, -2, 0, 4), Float64Array.of(3, -4, 0, 8)],
      // The upper halves of 1, -2, 0 and 3 as float32.
      ['bfloat16', 'bf16', Uint16Array.of(0x3f80, 0xc000, 0, 0x4040), Uint16Array.of(0x4000, 0xc080, 0, 0x40c0)],
      ['int32', 'i32', Int32Array.of(1, -2, 0, 4), Int32Array.of(2, -4, 0, 8)],
      ['int64', 'i64', BigInt64Array.of(1n, -2n, 0n, 2n ** 40n), BigInt64Array.of(2n, -4n, 0n, 2n ** 41n)],
      ['uint8', 'ui8', Uint8Array.of(1, 2, 0, 100), Uint8Array.of(2, 4, 0, 200)],
      ['uint32', 'ui32', Uint32Array.of(1, 2, 0, 100), Uint32Array.of(2, 4, 0, 200)],
      ['bool', 'i1', Uint8Array.of(1, 0, 0, 1), Uint8Array.of(1, 0, 0, 1)],
    ]
    test.each(cases)('%s', async (dtype, type, values, twice) => {
      const executable = await compile(client, doubled(type, [2, 2]))
      expect(executable.outputs).toEqual([{ dtype, dims: [2, 2] }])
      const buffer = await fromHost(client, values, dtype, [2, 2], client.devices[0]!)
      expect([dtypeIn(buffer), dimensions(buffer)]).toEqual([dtype, [2, 2]])
      const results = await execute(executable, [[buffer]])
      expect(await toHost(results[0]![0]!)).toEqual(twice)
      dispose([[buffer], ...results])
      executable.dispose()
    })
    test('of no dimension, of no value, and of many values', async () => {
      const one = await floats(client, [7], [])
      expect([dimensions(one), await numbers(one)]).toEqual([[], [7]])
      const none = await floats(client, [], [0, 3])
      expect([dimensions(none), await numbers(none)]).toEqual([[0, 3], []])
      const values = Float32Array.from({ length: 1_000_003 }, (_, i) => i)
      const many = await fromHost(client, values, 'float32', [values.length], client.devices[3]!)
      // Its memory is free again.
      const copy = values.slice()
      values.fill(0)
      expect(Buffer.compare(Buffer.from((await toHost(many)).buffer), Buffer.from(copy.buffer))).toBe(0)
      dispose([[one, none, many]])
    })
    test('a part of an array', async () => {
      const buffer = await fromHost(client, Int32Array.of(1, 2, 3, 4).subarray(1, 3), 'int32', [2], client.devices[0]!)
      expect(await numbers(buffer)).toEqual([2, 3])
      buffer.dispose()
    })
    test('of values that do not fit', async () => {
      await expect(floats(client, [1, 2, 3], [2, 2])).rejects.toThrow('12 bytes of values for a buffer of 16')
      await expect(fromHost(client, Int32Array.of(1) as never, 'float32', [1], client.devices[0]!)).rejects.toThrow(
        'Int32Array for a buffer of float32',
      )
    })
    test('once it is disposed of', async () => {
      const buffer = await floats(client, [1], [1])
      const reading = toHost(buffer)
      buffer.dispose()
      buffer.dispose()
      expect(await reading).toEqual(Float32Array.of(1))
      expect((await failure(toHost(buffer))).message).toBe('the buffer is disposed of')
    })
  })

  describe('a product with a donated state', () => {
    const TURN = [0, -1, 1, 0]
    test('over steps, each begun before the one before has ended', async () => {
      const executable = await compile(client, product)
      expect(executable.memory()).toMatchObject({ arguments: 32, outputs: 16, aliased: 16 })
      const x = await floats(client, TURN, [2, 2])
      let state = await floats(client, [1, 2, 3, 4], [2, 2])
      for (let step = 0; step < 7; step++) {
        const [[next]] = (await launch(executable, [[state, x]], { donated: [0] })) as readonly [readonly [XlaBuffer]]
        expect(state.handle.isDisposed()).toBe(true)
        state = next
      }
      // Seven quarter turns.
      expect(await numbers(state)).toEqual([-2, 1, -4, 3])
      dispose([[state, x]])
      executable.dispose()
    })
    test('what is not donated stays, and what the program marks is used up', async () => {
      const executable = await compile(client, product)
      const x = await floats(client, TURN, [2, 2])
      const state = await floats(client, [1, 2, 3, 4], [2, 2])
      const kept = await execute(executable, [[state, x]], { donated: [] })
      expect([await numbers(state), await numbers(kept[0]![0]!)]).toEqual([
        [1, 2, 3, 4],
        [2, -1, 4, -3],
      ])
      const used = await execute(executable, [[state, x]])
      expect(await all(used)).toEqual([[[2, -1, 4, -3]]])
      expect((await failure(toHost(state))).message).toMatch(/deleted|donated/)
      expect((await failure(execute(executable, [[state, x]]))).message).toMatch(/deleted|donated/)
      dispose([[state, x], ...kept, ...used])
      executable.dispose()
    })
    test('arguments that are too few or for other devices', async () => {
      const executable = await compile(client, product)
      const x = await floats(client, TURN, [2, 2])
      expect((await failure(execute(executable, [[x]]))).message).toMatch(/supplied 1 .* expected 2/)
      expect(
        (
          await failure(
            execute(executable, [
              [x, x],
              [x, x],
            ]),
          )
        ).message,
      ).toBe('the program runs on 1 devices, and has arguments for 2')
      expect((await failure(execute(executable, []))).message).toBe('the program runs on 1 devices, and has arguments for 0')
      x.dispose()
      executable.dispose()
    })
  })

  describe('several devices', () => {
    test.each([2, 4])('%i replicas sum their gradients', async (replicas) => {
      const executable = await compile(client, replicatedStep(replicas), { replicas })
      expect(executable.devices).toEqual(client.devices.slice(0, replicas).map(({ address }) => address))
      const devices = Array.from({ length: replicas }, (_, device) => device)
      const sum = devices.reduce((total, device) => total + device + 1, 0)
      let states = await Promise.all(devices.map((device) => floats(client, [1, 2, 3, 4], [4], device)))
      for (let step = 1; step <= 3; step++) {
        const gradients = await Promise.all(devices.map((device) => floats(client, new Array(4).fill(device + 1), [4], device)))
        const results = await execute(
          executable,
          devices.map((device) => [states[device]!, gradients[device]!]),
          { donated: [0] },
        )
        for (const [state, total] of await all(results)) {
          const expected = [1, 2, 3, 4].map((w) => w - 0.1 * step * sum)
          for (const [i, w] of expected.entries()) expect(state![i]).toBeCloseTo(w, 5)
          expect(total![0]).toBeCloseTo(10 - 0.4 * step * sum, 4)
        }
        states = results.map(([state]) => state!)
        dispose([gradients, results.map(([, total]) => total!)])
      }
      dispose([states])
      executable.dispose()
    })
    test.each([2, 4])('%i partitions compute one program', async (partitions) => {
      const executable = await compile(client, shardedProduct(partitions), { partitions })
      const rows = 4 / partitions
      expect(executable.outputs).toEqual([
        { dtype: 'float32', dims: [rows, 3] },
        { dtype: 'float32', dims: [] },
      ])
      const x = Array.from({ length: 12 }, (_, i) => i + 1)
      const args = await Promise.all(
        Array.from({ length: partitions }, async (_, device) => [
          await floats(client, x.slice(device * rows * 3, (device + 1) * rows * 3), [rows, 3], device),
          await floats(client, [1, 10, 100], [3], device),
        ]),
      )
      const results = await execute(executable, args)
      const values = await all(results)
      expect(values.flatMap(([part]) => part!)).toEqual(x.map((value, i) => value * 10 ** (i % 3)))
      expect(values.map(([, total]) => total)).toEqual(new Array(partitions).fill([22 + 260 + 3000]))
      dispose([...args, ...results])
      executable.dispose()
    })
    test('devices that are named', async () => {
      const executable = await compile(client, product, { devices: [[2]] })
      expect(executable.devices).toEqual([client.devices[2]!.address])
      const [state, x] = [await floats(client, [1, 2, 3, 4], [2, 2], 2), await floats(client, [1, 0, 0, 1], [2, 2], 2)]
      const results = await execute(executable, [[state, x]])
      expect(await all(results)).toEqual([[[1, 2, 3, 4]]])
      dispose([[state, x], ...results])
      executable.dispose()
    })
  })

  describe('programs', () => {
    test('that are wrong tell the line', async () => {
      const undeclared = await failure(compile(client, product.replace('%s, %x, contracting', '%s, %q, contracting')))
      expect(undeclared.message).toMatch(/:3:36: error: use of undeclared SSA value name/)
      expect((await failure(compile(client, 'nonsense'))).message).toMatch(/:1:1: error: .*'nonsense'/)
      expect((await failure(compile(client, ''))).message).not.toBe('')
    })
    test('that ask for more devices than there are', async () => {
      expect((await failure(compile(client, replicatedStep(8), { replicas: 4, partitions: 2 }))).message).toBe(
        'the program needs 8 devices, and there are 4',
      )
    })
    test('flags of the compiler', async () => {
      const executable = await compile(client, product, { flags: { xla_cpu_enable_fast_math: false } })
      executable.dispose()
      expect((await failure(compile(client, product, { flags: { xla_no_such_flag: true } }))).message).toMatch(/xla_no_such_flag/)
    })
    test('are the same when they come back from bytes', async () => {
      const executable = await compile(client, replicatedStep(2), { replicas: 2 })
      const bytes = await executable.serialize()
      const back = await deserialize(client, bytes)
      expect(back.outputs).toEqual(executable.outputs)
      expect(back.devices).toEqual(executable.devices)
      expect(back.fingerprint()).toBe(executable.fingerprint())
      const args = await Promise.all(
        [0, 1].map(async (device) => [
          await floats(client, [1, 2, 3, 4], [4], device),
          await floats(client, [0.1, 0.2, 0.3, device], [4], device),
        ]),
      )
      const [first, second] = [await execute(executable, args, { donated: [] }), await execute(back, args, { donated: [] })]
      expect(await all(second)).toEqual(await all(first))
      dispose([...args, ...first, ...second])

      const damaged = bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))
      for (const wrong of [damaged, bytes.subarray(0, -1), new Uint8Array(0), new Uint8Array(100)])
        expect(await failure(deserialize(client, wrong))).toMatchObject({
          code: 'data loss',
          message: 'the compiled program is damaged',
        })
      // Whole, and yet not what the plugin has made.
      expect((await failure(deserialize(client, sealed(Buffer.from('something else'))))).message).not.toBe('')
      expect((await failure(deserialize(client, sealed(unsealed(bytes)!.subarray(0, 40))))).message).not.toBe('')
      executable.dispose()
      back.dispose()
      expect(() => back.fingerprint()).toThrow('the executable is disposed of')
    })
  })

  test('large programs have the stack that they need', async () => {
    // So many operations, each of which takes the one before, that a compiler that goes from one to the next goes far.
    const depth = 3000
    const lines = Array.from({ length: depth }, (_, i) => `    %v${i + 1} = stablehlo.sine %v${i} : tensor<4xf32>`)
    const body = ['%v0: tensor<4xf32>) -> tensor<4xf32> {', ...lines, `    return %v${depth} : tensor<4xf32>`].join('\n')
    const executable = await compile(client, `module @deep { func.func public @main(${body}\n  } }`)
    expect(executable.outputs).toEqual([{ dtype: 'float32', dims: [4] }])
    executable.dispose()
  })

  test('more is asked for at once than threads can do', async () => {
    const values = new Float32Array(32_768)
    const buffers = await Promise.all(
      Array.from({ length: 600 }, () => fromHost(client, values, 'float32', [values.length], client.devices[0]!)),
    )
    expect((await Promise.all(buffers.map(toHost))).every(({ length }) => length === values.length)).toBe(true)
    dispose([buffers])
  })

  test('other work goes on while a program compiles and runs', async () => {
    const gaps: number[] = []
    let last = performance.now()
    const timer = setInterval(() => {
      gaps.push(performance.now() - last)
      last = performance.now()
    }, 5)
    const executable = await compile(client, longWork(200))
    const x = await fromHost(client, new Float32Array(512 * 512).fill(0.01), 'float32', [512, 512], client.devices[0]!)
    const began = performance.now()
    const results = await execute(executable, [[x]])
    const took = performance.now() - began
    clearInterval(timer)
    expect(took).toBeGreaterThan(100)
    expect(gaps.length).toBeGreaterThan(took / 100)
    expect(Math.max(...gaps)).toBeLessThan(took / 2)
    dispose([[x], ...results])
    executable.dispose()
  })

  test('many runs take no more memory than a few', async () => {
    // 64 kB an array: what leaks of 2,000 runs would be 128 MB.
    const program = doubled('f32', [128, 128])
    const values = new Float32Array(128 * 128).fill(1)
    const executable = await compile(client, program)
    const run = async (time: number): Promise<void> => {
      const x = await fromHost(client, values, 'float32', [128, 128], client.devices[0]!)
      const results = await execute(executable, [[x]])
      await toHost(results[0]![0]!)
      // What goes wrong leaves nothing either.
      if (time % 10 === 0) await failure(compile(client, 'nonsense'))
      dispose([[x], ...results])
    }
    const resident = (): number => process.memoryUsage().rss / 2 ** 20
    for (let i = 0; i < 500; i++) await run(i)
    const before = resident()
    for (let i = 0; i < 2000; i++) await run(i)
    expect(resident() - before).toBeLessThan(32)
    executable.dispose()
  })
})
