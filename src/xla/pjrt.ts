/**
 * XLA by a plugin: PJRT's C API through a foreign-function interface, with types. A plugin is one library that has one function,
 * GetPjrtApi; all others are in the table that it gives. Each takes a struct and gives an error or nothing.
 */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { attempt } from '../base/attempt'
import { type Failure, missing } from '../base/failure'
import { koffi } from '../base/foreign'
import { keepLoaded } from '../base/keepLoaded'
import { quietly } from '../base/quiet'
import { errorCodeOf, XlaError } from './error'
import { type Address, type Given, type Layout, layoutOf, NULL, type Read, readStruct, writeStruct } from './layout'
import { addressOf, type Bytes, bytesAt, keepWith, type Pointer, textAt } from './memory'
import { type NamedValues, readNamedValues } from './namedValue'
import { checkPluginFile, loadFailure, noPlugin } from './pluginFile'
import { FUNCTIONS, type FunctionName, MAJOR, OLDEST_MINOR, type StructName } from './structs'
import { onThread } from './thread'

/** A plugin, loaded. */
export interface Plugin {
  /** The library's file. */
  readonly path: string
  /** The version of the API that it speaks. */
  readonly version: { readonly major: number; readonly minor: number }
  /** What it says of itself: `xla_version`, `stablehlo_current_version`, `cuda_version`, … */
  readonly attributes: NamedValues
  /** A struct as the plugin's version of the API has it, for a pointer to it in another one. */
  readonly layout: (struct: StructName) => Layout
  readonly struct: <S extends StructName>(struct: S, given: Given<S, Pointer>) => Bytes
  /** Calls a function; gives its struct's fields afterwards. Throws an XlaError. */
  readonly call: <F extends FunctionName>(name: F, given: Given<`${F}_Args`, Pointer>) => Read<`${F}_Args`>
  /** As `call`, on a thread of its own. */
  readonly later: <F extends FunctionName>(name: F, given: Given<`${F}_Args`, Pointer>) => Promise<Read<`${F}_Args`>>
}

/** A function of the API: it takes a struct, and gives the address of an error or 0. */
type Native = (struct: Bytes) => number | bigint
const NATIVE = koffi.proto('uint64_t', ['void *'])
const NATIVE_VOID = koffi.proto('void', ['void *'])

/** Functions that give nothing. */
const VOID: readonly FunctionName[] = ['Error_Destroy', 'Error_Message']

// PJRT_Api: its size, extensions, the version (itself a struct of 24 bytes), and one pointer a function.
const VERSION_AT = 16
const MAJOR_AT = VERSION_AT + 16
const MINOR_AT = VERSION_AT + 20
const FUNCTIONS_AT = 40

/** What stands in PJRT_Api. */
interface Table {
  readonly major: number
  readonly minor: number
  /** The addresses of the functions, in the order of `FUNCTIONS`; those of later versions follow. */
  readonly functions: readonly Address[]
}

const tableAt = (api: Address): Table => {
  const view = (length: number): DataView => new DataView(bytesAt(api, length).buffer)
  const size = Number(view(8).getBigUint64(0, true))
  const table = view(Math.max(size, FUNCTIONS_AT))
  return {
    major: table.getInt32(MAJOR_AT, true),
    minor: table.getInt32(MINOR_AT, true),
    functions: Array.from(
      { length: Math.floor(Math.max(0, size - FUNCTIONS_AT) / 8) },
      (_, i) => table.getBigUint64(FUNCTIONS_AT + 8 * i, true) as Address,
    ),
  }
}

/** A failure if the version of the API isn't one of those that are known here. */
export const checkVersion = (path: string, { major, minor }: Pick<Table, 'major' | 'minor'>): Failure | undefined => {
  const what = `the XLA plugin ${path} speaks version ${major}.${minor} of PJRT's API`
  const needed = `${MAJOR}.${OLDEST_MINOR}`
  if (major !== MAJOR)
    return missing(`${what}, and ibot speaks ${MAJOR}`, `Get a plugin with version ${needed} or a later ${MAJOR}.x.`)
  return minor < OLDEST_MINOR
    ? missing(`${what}, which is too old: ${needed} or newer is needed`, 'Get a newer plugin, such as that of JAX 0.5 or later.')
    : undefined
}

/** The plugin behind a table of functions. */
const pluginOf = (path: string, { major, minor, functions }: Table): Plugin => {
  const layouts = new Map<StructName, Layout>()
  const layout = (struct: StructName): Layout => {
    const known = layouts.get(struct)
    if (known !== undefined) return known
    const made = layoutOf(struct, minor)
    layouts.set(struct, made)
    return made
  }

  const addressOfFunction = (name: FunctionName): Address => {
    const address = functions[(FUNCTIONS as readonly string[]).indexOf(name)] ?? NULL
    if (address !== NULL) return address
    throw new XlaError('unimplemented', `the XLA plugin ${path} (version ${major}.${minor} of PJRT's API) has no PJRT_${name}`)
  }
  const natives = new Map<FunctionName, Native>()
  const native = (name: FunctionName): Native => {
    const known = natives.get(name)
    if (known !== undefined) return known
    const made = koffi.decode(addressOfFunction(name), VOID.includes(name) ? NATIVE_VOID : NATIVE) as Native
    natives.set(name, made)
    return made
  }

  const struct = (
    name: StructName,
    given: Readonly<Record<string, Pointer | number | bigint | boolean | undefined>>,
  ): Uint8Array => {
    const { stride } = layout(name)
    const bytes = new Uint8Array(stride)
    const pointers: Pointer[] = []
    const values = Object.fromEntries(
      Object.entries(given).map(([field, value]) => {
        if (value !== null && typeof value !== 'object') return [field, value]
        pointers.push(value)
        return [field, addressOf(value)]
      }),
    )
    writeStruct(new DataView(bytes.buffer), layout(name), values)
    keepWith(bytes, pointers)
    return bytes
  }
  const read = <S extends StructName>(name: S, bytes: Uint8Array): Read<S> =>
    readStruct<S>(new DataView(bytes.buffer), layout(name))

  /** Throws the error at an address, which ends with that. */
  const check = (address: number | bigint): void => {
    const error = BigInt(address) as Address
    if (error === NULL) return
    try {
      const told = struct('Error_Message_Args', { error })
      native('Error_Message')(told)
      const { message, message_size } = read('Error_Message_Args', told)
      const coded = struct('Error_GetCode_Args', { error })
      const withoutCode = BigInt(native('Error_GetCode')(coded))
      const { code } = read('Error_GetCode_Args', coded)
      throw new XlaError(errorCodeOf(withoutCode === NULL ? code : 2), textAt(message, message_size))
    } finally {
      native('Error_Destroy')(struct('Error_Destroy_Args', { error }))
    }
  }

  const call: Plugin['call'] = (name, given) => {
    const bytes = struct(`${name}_Args`, given)
    check(native(name)(bytes))
    return read(`${name}_Args`, bytes)
  }
  const later: Plugin['later'] = async (name, given) => {
    const bytes = struct(`${name}_Args`, given)
    check(await onThread(addressOfFunction(name), bytes))
    return read(`${name}_Args`, bytes)
  }

  call('Plugin_Initialize', {})
  const { attributes, num_attributes } = call('Plugin_Attributes', {})
  return {
    path,
    version: { major, minor },
    attributes: readNamedValues(attributes, num_attributes, layout('NamedValue')),
    layout,
    struct,
    call,
    later,
  }
}

/** The address of PJRT_Api, which a library's GetPjrtApi gives; undefined where it has no such function. */
const apiOf = (path: string): Address | undefined => {
  const load = () => koffi.load(path)
  const [library] = quietly(load, load)
  keepLoaded(path)
  const get = attempt(() => library.func('uint64_t GetPjrtApi()'))
  return get === undefined ? undefined : (BigInt(get() as number | bigint) as Address)
}

// Plugins stay loaded until the process ends: their threads are still there.
const loaded = new Map<string, Plugin>()

/** Loads a plugin, once; a failure if the file isn't one, or none that this program can use. */
export const loadPlugin = (file: string): E.Either<Failure, Plugin> => {
  const checked = checkPluginFile(file)
  if (E.isLeft(checked)) return checked
  const path = resolve(realpathSync(file))
  const known = loaded.get(path)
  if (known !== undefined) return E.right(known)
  let api: Address | undefined
  try {
    api = apiOf(path)
  } catch (error) {
    return E.left(loadFailure(path, error))
  }
  if (api === undefined) return E.left(noPlugin(path))
  if (api === NULL) return E.left(missing(`the XLA plugin ${path} gives no API`, 'Fetch it anew, or name another plugin.'))
  const table = tableAt(api)
  const refused = checkVersion(path, table)
  if (refused !== undefined) return E.left(refused)
  try {
    const plugin = pluginOf(path, table)
    loaded.set(path, plugin)
    return E.right(plugin)
  } catch (error) {
    if (!(error instanceof XlaError)) throw error
    return E.left(
      missing(`the XLA plugin ${path} can't begin: ${error.message}`, 'Check the device and its driver, or name another plugin.'),
    )
  }
}
