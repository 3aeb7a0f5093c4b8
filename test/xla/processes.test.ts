/** Several processes as a plugin is told of them: a plugin for processors plays one for GPUs, and meets by the store as those do. */
import { describe, expect, test } from 'vitest'
import { clientOptions, devicesFor } from '../../src/engine/xla/open'
import { placesOf } from '../../src/engine/xla/programs'
import { createClient } from '../../src/xla/client'
import { compileOptionsProto } from '../../src/xla/compileOptions'
import { type Address, type Given, layoutOf, readStruct, writeFields } from '../../src/xla/layout'
import { addressOf, bytesAt, keepWith, type Pointer } from '../../src/xla/memory'
import { type NamedValues, readNamedValues, writeNamedValues } from '../../src/xla/namedValue'
import type { Plugin } from '../../src/xla/pjrt'
import { onThread } from '../../src/xla/thread'
import { memoryStore } from './memoryStore'
import { testPlugin, withoutPlugin } from './plugin'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('where a program runs', () => {
  const ids = (...all: readonly number[]) => all.map((id) => ({ id }))
  const processes = [
    [0, 1, 2],
    [8, 9, 10],
  ]
  test('a replica or several in each process, and none that meets nobody elsewhere', () => {
    const client = { processes, devices: ids(8, 9, 10) }
    expect(placesOf(client, { replicas: 2 }, true)).toEqual([[0], [8]])
    expect(placesOf(client, { replicas: 4 }, true)).toEqual([[0], [1], [8], [9]])
    expect(placesOf(client, {}, false)).toEqual([[8]])
    expect(placesOf(client, { replicas: 2 }, false)).toEqual([[8], [9]])
    expect(placesOf(client, { partitions: 2 }, false)).toEqual([[8, 9]])
    expect(placesOf({ processes: [[0, 1]], devices: ids(0, 1) }, { partitions: 2 }, false)).toBeUndefined()
  })
  test('as bytes', () => {
    // Field 9: two replicas of one partition, on devices 0 and 8.
    expect(hex(compileOptionsProto({ replicas: 2, devices: [[0], [8]] }))).toBe(
      `1a1b${'08ffffffffffffffffff01'}20022801${'4a0a'}08021001${'1a04'}0a020008`,
    )
  })
  test('on as many devices as share out micro-batches', () => {
    const told: string[] = []
    const count = (size: number, microBatches: number, devices: number | 'auto') =>
      devicesFor(
        { devices, batch: { pictures: 6 }, division: { processes: size, microBatches, pictures: 6 } },
        { processes: size === 1 ? [[0, 1, 2]] : processes },
        (message) => told.push(message),
      )
    expect([count(1, 1, 'auto'), count(1, 4, 2), count(2, 3, 'auto'), count(2, 4, 2)]).toEqual([3, 2, 3, 2])
    expect(told).toEqual([])
    expect(count(2, 1, 'auto')).toBe(1)
    expect(told[0]).toMatch(
      /^each process computes on 1 of 3 devices, as they take a micro-batch each, of which a process has 1;/,
    )
  })
})

test('only the plugins of GPUs are told which process they are in', () => {
  const processes = { rank: 1, size: 2, store: memoryStore() }
  expect(clientOptions({}, { device: 'gpu' }, 1, processes)).toMatchObject({ node_id: { int64: 1 }, num_nodes: { int64: 2 } })
  expect(clientOptions({}, { device: 'gpu' }, 1)).not.toHaveProperty('node_id')
  expect(clientOptions({}, { device: 'cpu' }, 2, processes)).toEqual({ cpu_device_count: { int64: 2 } })
})

/** Calls a function of the store with a key, on a thread that isn't JavaScript's. */
const asks = async (
  struct: 'KeyValueGetCallback_Args' | 'KeyValuePutCallback_Args',
  callback: Address,
  minor: number,
  key: string,
  others: Readonly<Record<string, bigint | number>>,
): Promise<Uint8Array> => {
  const layout = layoutOf(struct, minor)
  const args = new Uint8Array(layout.stride)
  const name = Buffer.from(key)
  writeFields(new DataView(args.buffer), layout, { key: addressOf(name), key_size: name.length, ...others })
  keepWith(args, [name])
  expect(await onThread(callback, args)).toBe(0n)
  const { value, value_size } = readStruct<typeof struct>(new DataView(args.buffer), layout)
  return bytesAt(value, value_size)
}

describe.skipIf(withoutPlugin)('clients of two processes', () => {
  /** Tells the other one what it is, waits for it, and makes a client for processors: four devices, of which it has two. */
  const playing = (seen: NamedValues[]): Plugin => {
    const real = testPlugin()
    const { minor } = real.version
    const layout = real.layout('NamedValue')
    const rankOf = (options: NamedValues): number => Number((options.node_id as { readonly int64: bigint }).int64)
    return {
      ...real,
      later: async (name, given) => {
        if (name !== 'Client_Create') return real.later(name, given)
        const { create_options, num_options, kv_get_callback, kv_put_callback } = given as Given<'Client_Create_Args', Pointer>
        const options = readNamedValues(addressOf(create_options!), num_options!, layout)
        seen.push(options)
        const rank = rankOf(options)
        const value = Uint8Array.of(rank)
        const put = { value: addressOf(value), value_size: 1 }
        await asks('KeyValuePutCallback_Args', kv_put_callback as Address, minor, `node ${rank}`, put)
        const other = await asks('KeyValueGetCallback_Args', kv_get_callback as Address, minor, `node ${1 - rank}`, {
          timeout_in_ms: 20_000,
        })
        expect(other).toEqual(Uint8Array.of(1 - rank))
        const four = writeNamedValues({ cpu_device_count: { int64: 4 } }, layout)
        return real.later(name, { create_options: four, num_options: 1 } as object as typeof given)
      },
      call: (name, given) => {
        const told = real.call(name, given)
        if (name === 'DeviceDescription_ProcessIndex') {
          const { device_description } = given as Given<'DeviceDescription_ProcessIndex_Args'>
          const { id } = real.call('DeviceDescription_Id', { device_description: device_description! })
          return { ...told, process_index: id < 2 ? 0 : 1 }
        }
        return told
      },
    }
  }
  test('meet by the store while they are made, and know the devices of all', async () => {
    const store = memoryStore()
    const seen: NamedValues[] = []
    const clients = await Promise.all(
      [0, 1].map((rank) => {
        const options = clientOptions({}, { device: 'gpu' }, 1, { rank, size: 2, store })
        return createClient(playing(seen), options, store)
      }),
    )
    for (const rank of [0, 1])
      expect(seen).toContainEqual({
        preallocate: { bool: false },
        memory_fraction: { float: expect.closeTo(0.9) },
        node_id: { int64: BigInt(rank) },
        num_nodes: { int64: 2n },
      })
    for (const client of clients) {
      expect(client.processes).toEqual([
        [0, 1],
        [2, 3],
      ])
      expect(client.deviceCount).toBe(4)
      client.dispose()
    }
  })
})
