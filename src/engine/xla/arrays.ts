/** Arrays between JavaScript and devices: whole on each of them, or shared out along the first axis. */
import { fromHost, toHost, type XlaBuffer } from '../../xla/buffer'
import type { XlaClient, XlaDevice } from '../../xla/client'
import type { Sharding } from '../../xla/stablehlo/lowered'

/** One buffer a device. */
export type OnDevices = readonly XlaBuffer[]

export interface HostArray {
  readonly values: Float32Array | Int32Array
  readonly shape: readonly number[]
}

/** Values that don't lie in memory which threads share: a device's driver may not see that. */
const unshared = (values: HostArray['values']): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> =>
  (values.buffer instanceof ArrayBuffer ? values : values.slice()) as Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>

const typeOf = (values: HostArray['values']): 'float32' | 'int32' => (values instanceof Float32Array ? 'float32' : 'int32')

/** What one of several devices is given of an array. */
const partOf = ({ values, shape }: HostArray, sharding: Sharding, device: number, devices: number): HostArray => {
  if (sharding === 'replicated' || devices === 1) return { values, shape }
  const length = values.length / devices
  return {
    values: values.subarray(device * length, (device + 1) * length),
    shape: [shape[0]! / devices, ...shape.slice(1)],
  }
}

/** Puts an array onto devices. */
export const upload = (
  client: XlaClient,
  devices: readonly XlaDevice[],
  array: HostArray,
  sharding: Sharding = 'replicated',
): Promise<OnDevices> =>
  Promise.all(
    devices.map((device, i) => {
      const { values, shape } = partOf(array, sharding, i, devices.length)
      return fromHost(client, unshared(values), typeOf(values), shape, device)
    }),
  )

export const dispose = (buffers: Iterable<XlaBuffer>): void => {
  for (const buffer of buffers) buffer.dispose()
}

/** The float32 values of an array that is whole on the first device. */
export const floatsOf = async ([first]: OnDevices): Promise<Float32Array> => (await toHost(first!)) as Float32Array
