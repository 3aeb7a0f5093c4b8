/** Values on a device. */
import { elements } from '../base/shape'
import type { XlaClient, XlaDevice } from './client'
import { bytesOf, codeOf, dtypeOf, holds, type ValuesOf, type XlaDtype, zeros } from './dtype'
import { settled } from './event'
import { type Handle, holding } from './handle'
import type { Address } from './layout'
import { int64sAt } from './memory'
import type { Plugin } from './pjrt'

/** An array on one device. It is there until it is disposed of, or until a computation takes it as donated. */
export interface XlaBuffer {
  readonly client: XlaClient
  readonly handle: Handle
  readonly dispose: () => void
}

/** The buffer at an address, as one of the client's. */
export const bufferOf = (client: XlaClient, address: Address): XlaBuffer => {
  const handle = client.own('the buffer', address, (buffer) => client.plugin.call('Buffer_Destroy', { buffer }))
  return { client, handle, dispose: handle.dispose }
}

// PJRT_HostBufferSemantics.
const DURING_CALL = 0
const UNTIL_TRANSFERRED = 1

/** Up to so many bytes are copied at once, as a change of threads takes longer than that. */
const SMALL = 65_536

/** What a transfer still reads: it must not be collected, though nobody else may hold it any more. */
const lent = new Set<object>()

const bytesIn = (values: ArrayBufferView): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/**
 * Puts values [dims, in the order of rows] onto a device. They must stay as they are until the promise ends; then their memory is free
 * again. Throws a RangeError where there are more or fewer values than dims say, or of another type; an XlaError where
 * memory isn't enough.
 */
export const fromHost = async <D extends XlaDtype>(
  client: XlaClient,
  values: ValuesOf<D>,
  dtype: D,
  dims: readonly number[],
  device: XlaDevice,
): Promise<XlaBuffer> => {
  if (!holds(dtype, values)) throw new RangeError(`${values.constructor.name} for a buffer of ${dtype}`)
  const bytes = elements(dims) * bytesOf(dtype)
  if (bytes !== values.byteLength) throw new RangeError(`${values.byteLength} bytes of values for a buffer of ${bytes}`)
  const { plugin, handle } = client
  const loan = { values }
  lent.add(loan)
  return holding([handle], async () => {
    const given = {
      client: handle.address(),
      // No values have no address; the plugin wants one all the same.
      data: bytes === 0 ? new Uint8Array(1) : bytesIn(values),
      type: codeOf(dtype),
      dims: BigInt64Array.from(dims, BigInt),
      num_dims: dims.length,
      device: device.address,
    }
    const made =
      bytes <= SMALL
        ? plugin.call('Client_BufferFromHostBuffer', { ...given, host_buffer_semantics: DURING_CALL })
        : await plugin.later('Client_BufferFromHostBuffer', { ...given, host_buffer_semantics: UNTIL_TRANSFERRED })
    const buffer = bufferOf(client, made.buffer)
    try {
      await settled(plugin, made.done_with_host_buffer)
      return buffer
    } catch (error) {
      buffer.dispose()
      throw error
    }
  }).finally(() => lent.delete(loan))
}

/** The sizes of a buffer's dimensions. */
export const dimensions = ({ client: { plugin }, handle }: XlaBuffer): readonly number[] => {
  const { dims, num_dims } = plugin.call('Buffer_Dimensions', { buffer: handle.address() })
  return int64sAt(dims, num_dims).map(Number)
}

/** The data type of a buffer's values. */
export const dtypeIn = ({ client: { plugin }, handle }: XlaBuffer): XlaDtype =>
  dtypeOf(plugin.call('Buffer_ElementType', { buffer: handle.address() }).type)

/** PJRT_Buffer_MemoryLayout_Type_Tiled, and the size of its struct. */
const TILED = 0
const TILED_SIZE = 56

/** The order of rows, without gaps, whatever the order on the device is. */
const rowsFirst = (plugin: Plugin, rank: number) =>
  plugin.struct('Buffer_MemoryLayout', {
    type: TILED,
    tiled_struct_size: TILED_SIZE,
    minor_to_major: BigInt64Array.from({ length: rank }, (_, i) => BigInt(rank - 1 - i)),
    minor_to_major_size: rank,
  })

/**
 * Copies a buffer's values, in the order of rows, when they are there. Throws the XlaError that the computation ended with that should
 * have made them.
 */
export const toHost = async (buffer: XlaBuffer): Promise<ValuesOf> => {
  const { plugin } = buffer.client
  return holding([buffer.handle], async () => {
    const src = buffer.handle.address()
    const dims = dimensions(buffer)
    const values = zeros(dtypeIn(buffer), elements(dims))
    if (values.byteLength === 0) return values
    const { event } = await plugin.later('Buffer_ToHostBuffer', {
      src,
      host_layout: rowsFirst(plugin, dims.length),
      dst: bytesIn(values),
      dst_size: values.byteLength,
    })
    await settled(plugin, event)
    return values
  })
}
