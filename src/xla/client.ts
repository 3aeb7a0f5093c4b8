/** A client: the devices that a plugin computes on. */
import { type InOrder, newQueue } from '../base/inOrder'
import type { KeyValueStore } from '../base/keyValueStore'
import { XlaError } from './error'
import { type Handle, handleOf } from './handle'
import { type Address, NULL } from './layout'
import { pointersAt, textAt } from './memory'
import { type NamedValues, writeNamedValues } from './namedValue'
import type { Plugin } from './pjrt'
import { storeCallbacks } from './store'

/** Bytes of a device's memory; what the plugin doesn't know is undefined. */
export interface MemoryStatistics {
  readonly inUse: number
  readonly peak: number | undefined
  /** What may be used at most. */
  readonly limit: number | undefined
  readonly largestFree: number | undefined
}

export interface XlaDevice {
  /** Its number among all devices of all processes. */
  readonly id: number
  /** What it is: `NVIDIA H100 80GB HBM3`, `cpu`. */
  readonly kind: string
  /** Its number on this machine. */
  readonly localId: number
  /** The kind of the memory that buffers are put into: `device`, `unpinned_host`. Undefined where the plugin tells none. */
  readonly memoryKind: string | undefined
  /** Where it is, as long as the client lives. */
  readonly address: Address
  /** How much of its memory is used now; undefined where the plugin doesn't count. */
  readonly memory: () => MemoryStatistics | undefined
}

export interface XlaClient {
  readonly plugin: Plugin
  readonly handle: Handle
  /** `cpu`, `cuda`, `tpu`, … */
  readonly platform: string
  readonly platformVersion: string
  /** The number of this process among those that share a computation. */
  readonly processIndex: number
  /** The devices of this process, in the order of `processes`. */
  readonly devices: readonly XlaDevice[]
  /** The numbers of the devices of each process, this one among them. */
  readonly processes: readonly (readonly number[])[]
  /** The number of devices of all processes. */
  readonly deviceCount: number
  /** Makes a handle of an object of this client's, which ends with the client at the latest. */
  readonly own: (what: string, address: Address, destroy: (address: Address) => void) => Handle
  /** Does what starts computations in the order in which it is asked for: devices must be given all of them in the same order. */
  readonly inOrder: InOrder
  /** Disposes of all buffers and executables, and ends the client when nothing of it is used any more. */
  readonly dispose: () => void
}

/** What a call gives, or undefined where the plugin can't do it. */
const ifAble = <A>(call: () => A): A | undefined => {
  try {
    return call()
  } catch (error) {
    if (error instanceof XlaError && error.code === 'unimplemented') return undefined
    throw error
  }
}

const memoryOf = ({ call }: Plugin, device: Address): MemoryStatistics | undefined => {
  const told = ifAble(() => call('Device_MemoryStats', { device }))
  if (told === undefined) return undefined
  const ifSet = (value: bigint, isSet: boolean): number | undefined => (isSet ? Number(value) : undefined)
  return {
    inUse: Number(told.bytes_in_use),
    peak: ifSet(told.peak_bytes_in_use, told.peak_bytes_in_use_is_set),
    limit: ifSet(told.bytes_limit, told.bytes_limit_is_set),
    largestFree: ifSet(told.largest_free_block_bytes, told.largest_free_block_bytes_is_set),
  }
}

const memoryKindOf = ({ call }: Plugin, device: Address): string | undefined => {
  const memory = ifAble(() => call('Device_DefaultMemory', { device }).memory)
  if (memory === undefined || memory === NULL) return undefined
  const told = ifAble(() => call('Memory_Kind', { memory }))
  return told === undefined ? undefined : textAt(told.kind, told.kind_size)
}

const deviceOf = (plugin: Plugin, address: Address): XlaDevice => {
  const { call } = plugin
  const { device_description } = call('Device_GetDescription', { device: address })
  const { device_kind, device_kind_size } = call('DeviceDescription_Kind', { device_description })
  return {
    id: call('DeviceDescription_Id', { device_description }).id,
    kind: textAt(device_kind, device_kind_size),
    localId: call('Device_LocalHardwareId', { device: address }).local_hardware_id,
    memoryKind: memoryKindOf(plugin, address),
    address,
    memory: () => memoryOf(plugin, address),
  }
}

/** The numbers of all devices, process by process. */
const processesOf = ({ call }: Plugin, client: Address): readonly (readonly number[])[] => {
  const { devices, num_devices } = call('Client_Devices', { client })
  const byProcess = new Map<number, number[]>()
  for (const device of pointersAt(devices, num_devices)) {
    const { device_description } = call('Device_GetDescription', { device })
    const { process_index } = call('DeviceDescription_ProcessIndex', { device_description })
    const { id } = call('DeviceDescription_Id', { device_description })
    byProcess.set(process_index, [...(byProcess.get(process_index) ?? []), id])
  }
  return [...byProcess].sort(([a], [b]) => a - b).map(([, ids]) => ids)
}

/**
 * Makes a client, off JavaScript's thread. `options` are the plugin's: `cpu_device_count` (int64) of the one for CPUs; of those for GPUs
 * `visible_devices` (int64s), `memory_fraction` (float), `preallocate` (bool), `node_id` and `num_nodes` (int64). Processes that
 * compute together meet by a `store`, which the plugin asks as long as the client lives: all of them make their clients at the same
 * time. Throws an XlaError where there is no device, or where the plugin knows no such option.
 */
export const createClient = async (plugin: Plugin, options: NamedValues = {}, store?: KeyValueStore): Promise<XlaClient> => {
  const { call, later } = plugin
  const callbacks = store && (await storeCallbacks(store, plugin.version.minor))
  const created = later('Client_Create', {
    create_options: writeNamedValues(options, plugin.layout('NamedValue')),
    num_options: Object.keys(options).length,
    ...callbacks?.given,
  })
  created.catch(() => callbacks?.close())
  const { client } = await created
  const destroy = (address: Address): void => {
    if (callbacks === undefined) call('Client_Destroy', { client: address })
    // Other processes may be waited for, or asked.
    else void later('Client_Destroy', { client: address }).finally(callbacks.close)
  }
  const handle = handleOf('the XLA client', client, destroy)
  const name = call('Client_PlatformName', { client })
  const version = call('Client_PlatformVersion', { client })
  const { addressable_devices, num_addressable_devices } = call('Client_AddressableDevices', { client })
  const processes = processesOf(plugin, client)
  const order = processes.flat()
  const owned = new Set<Handle>()
  const own: XlaClient['own'] = (what, address, destroy) => {
    // Results of a computation may come when the client is disposed of already; they end at once.
    const release = handle.holdOn()
    const one = handleOf(what, address, (it) => {
      owned.delete(one)
      try {
        destroy(it)
      } finally {
        release()
      }
    })
    owned.add(one)
    if (handle.isDisposed()) one.dispose()
    return one
  }
  return {
    plugin,
    handle,
    platform: textAt(name.platform_name, name.platform_name_size),
    platformVersion: textAt(version.platform_version, version.platform_version_size),
    processIndex: call('Client_ProcessIndex', { client }).process_index,
    devices: pointersAt(addressable_devices, num_addressable_devices)
      .map((address) => deviceOf(plugin, address))
      .sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id)),
    processes,
    deviceCount: processes.reduce((sum, { length }) => sum + length, 0),
    own,
    inOrder: newQueue(),
    dispose: () => {
      for (const one of [...owned]) one.dispose()
      handle.dispose()
    },
  }
}
