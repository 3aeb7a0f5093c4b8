/** Programs compiled for devices. */
import { koffi } from '../base/foreign'
import type { XlaClient } from './client'
import { type CompileOptions, compileOptionsProto } from './compileOptions'
import { dtypeOf, type XlaDtype } from './dtype'
import { XlaError } from './error'
import { type Handle, holding } from './handle'
import type { Address } from './layout'
import { bytesAt, int32sAt, int64sAt, pointersAt, textAt } from './memory'
import type { Plugin } from './pjrt'
import { sealed, unsealed } from './sealed'

/** One result of a program, as a device gives it. */
export interface Output {
  readonly dtype: XlaDtype
  readonly dims: readonly number[]
}

/** Bytes that a program takes on each device. */
export interface CompiledMemory {
  readonly arguments: number
  readonly outputs: number
  /** How much of the outputs takes the place of donated arguments. */
  readonly aliased: number
  /** What the computation takes besides. */
  readonly temporary: number
  readonly code: number
}

export interface XlaExecutable {
  readonly client: XlaClient
  readonly handle: Handle
  readonly outputs: readonly Output[]
  /** The addresses of the devices that it runs on, in the order of the arguments and results that it takes and gives. */
  readonly devices: readonly Address[]
  /** Undefined where the plugin doesn't tell. */
  readonly memory: () => CompiledMemory | undefined
  /** What tells the compiled program from others; undefined where the plugin gives none. */
  readonly fingerprint: () => string | undefined
  /** The compiled program as bytes, for `deserialize` by the same plugin on the same kind of devices. */
  readonly serialize: () => Promise<Uint8Array>
  readonly dispose: () => void
}

/** What a call gives, or undefined where the plugin can't do it for this program. */
const ifTold = <A>(call: () => A): A | undefined => {
  try {
    return call()
  } catch (error) {
    if (error instanceof XlaError) return undefined
    throw error
  }
}

const outputsOf = ({ call }: Plugin, executable: Address): readonly Output[] => {
  const { num_outputs } = call('Executable_NumOutputs', { executable })
  const { output_types, num_output_types } = call('Executable_OutputElementTypes', { executable })
  const { dims, dim_sizes } = call('Executable_OutputDimensions', { executable, num_outputs })
  const ranks = int64sAt(dim_sizes, num_outputs).map(Number)
  const sizes = int64sAt(
    dims,
    ranks.reduce((sum, rank) => sum + rank, 0),
  ).map(Number)
  let at = 0
  return int32sAt(output_types, num_output_types).map((code, i) => {
    const from = at
    at += ranks[i]!
    return { dtype: dtypeOf(code), dims: sizes.slice(from, at) }
  })
}

const memoryOf = ({ call }: Plugin, executable: Address): CompiledMemory | undefined => {
  const told = ifTold(() => call('Executable_GetCompiledMemoryStats', { executable }))
  return told === undefined
    ? undefined
    : {
        arguments: Number(told.argument_size_in_bytes),
        outputs: Number(told.output_size_in_bytes),
        aliased: Number(told.alias_size_in_bytes),
        temporary: Number(told.temp_size_in_bytes),
        code: Number(told.generated_code_size_in_bytes),
      }
}

const DELETER = koffi.proto('void', ['void *'])

const serialized = async ({ later }: Plugin, executable: Address): Promise<Uint8Array> => {
  const told = await later('Executable_Serialize', { executable })
  try {
    return bytesAt(told.serialized_bytes, told.serialized_bytes_size)
  } finally {
    koffi.call(told.serialized_executable_deleter, DELETER, told.serialized_executable)
  }
}

/** A loaded executable at an address, as one of the client's. */
const executableOf = (client: XlaClient, loaded: Address): XlaExecutable => {
  const { plugin, own } = client
  const { call } = plugin
  const { executable } = call('LoadedExecutable_GetExecutable', { loaded_executable: loaded })
  const handle = own('the executable', loaded, () => {
    call('Executable_Destroy', { executable })
    call('LoadedExecutable_Destroy', { executable: loaded })
  })
  const alive = <A>(get: () => A): A => {
    handle.address()
    return get()
  }
  const devices = call('LoadedExecutable_AddressableDevices', { executable: loaded })
  return {
    client,
    handle,
    outputs: outputsOf(plugin, executable),
    devices: pointersAt(devices.addressable_devices, devices.num_addressable_devices),
    memory: () => alive(() => memoryOf(plugin, executable)),
    fingerprint: () =>
      alive(() => {
        const told = ifTold(() => call('Executable_Fingerprint', { executable }))
        return told === undefined ? undefined : textAt(told.executable_fingerprint, told.executable_fingerprint_size)
      }),
    serialize: () => holding([handle], async () => sealed(await serialized(plugin, executable))),
    dispose: handle.dispose,
  }
}

/**
 * Compiles a program, StableHLO as text, off JavaScript's thread. Throws an XlaError, whose message says where in the text something is
 * wrong.
 */
export const compile = (client: XlaClient, program: string, options: CompileOptions = {}): Promise<XlaExecutable> => {
  const { plugin, handle, deviceCount } = client
  const { replicas = 1, partitions = 1 } = options
  return holding([handle], async () => {
    if (replicas * partitions > deviceCount)
      throw new XlaError('invalid argument', `the program needs ${replicas * partitions} devices, and there are ${deviceCount}`)
    // MLIR's reader looks one byte beyond the text, which must be 0.
    const code = Buffer.from(`${program}\0`)
    const format = Buffer.from('mlir')
    const proto = compileOptionsProto(options)
    const { executable } = await plugin.later('Client_Compile', {
      client: handle.address(),
      program: plugin.struct('Program', { code, code_size: code.length - 1, format, format_size: format.length }),
      compile_options: proto,
      compile_options_size: proto.length,
    })
    return executableOf(client, executable)
  })
}

/** Loads what `serialize` has given, off JavaScript's thread. Throws an XlaError if it is damaged, or not for this plugin. */
export const deserialize = (client: XlaClient, bytes: Uint8Array): Promise<XlaExecutable> => {
  const { plugin, handle } = client
  return holding([handle], async () => {
    const content = unsealed(bytes)
    if (content === undefined) throw new XlaError('data loss', 'the compiled program is damaged')
    const { loaded_executable } = await plugin.later('Executable_DeserializeAndLoad', {
      client: handle.address(),
      serialized_executable: content,
      serialized_executable_size: content.length,
    })
    return executableOf(client, loaded_executable)
  })
}
