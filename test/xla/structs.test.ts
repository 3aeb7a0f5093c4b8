/** Sizes and places of fields as a C compiler sees them in pjrt_c_api.h: numbers of two versions of the header. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { layoutOf, NULL, readStruct, writeStruct } from '../../src/xla/layout'
import { FUNCTIONS, OLDEST_MINOR, STRUCTS, type StructName } from '../../src/xla/structs'

interface Struct {
  readonly size: number
  readonly offsets: Readonly<Record<string, number>>
}
interface Header {
  /** Of 0.114: those that have grown since 0.81. */
  readonly structs: Readonly<Record<string, Struct>>
  readonly functions: readonly string[]
  readonly tiled: number
}
const header = JSON.parse(readFileSync(join(__dirname, 'header.json'), 'utf8')) as Readonly<Record<'0.81' | '0.114', Header>>
const old = header['0.81']

const names = Object.keys(STRUCTS) as StructName[]
const seen = (name: StructName, minor: number): Struct => {
  const { size, fields } = layoutOf(name, minor)
  return { size, offsets: Object.fromEntries(fields.map(({ name, offset }) => [name, offset])) }
}

describe.each(names)('%s', (name) => {
  test('is as in 0.81', () => expect(seen(name, 81)).toEqual(old.structs[name]))
  test('is as in 0.114', () => expect(seen(name, 114)).toEqual(header['0.114'].structs[name] ?? old.structs[name]))
  test('stays as it is known when the API goes on', () => expect(seen(name, 1000)).toEqual(seen(name, 114)))
  test('is no longer in an older version', () => expect(seen(name, OLDEST_MINOR).size).toBeLessThanOrEqual(seen(name, 81).size))
})

test('the functions stand in the order of the header, and whatever has arguments is one of them', () => {
  expect(FUNCTIONS).toEqual(old.functions.slice(0, FUNCTIONS.length))
  // Those of callbacks are the plugin's to call.
  const called = names
    .filter((name) => name.endsWith('_Args') && !name.endsWith('Callback_Args'))
    .map((name) => name.slice(0, -'_Args'.length))
  expect(called.filter((name) => !(FUNCTIONS as readonly string[]).includes(name))).toEqual([])
})

test('what is written is read', () => {
  const layout = layoutOf('Client_Create_Args', 60)
  const view = new DataView(new ArrayBuffer(layout.stride))
  writeStruct(view, layout, { num_options: 3, client: 0xffff_8000_0000_1000n, kv_try_get_callback: 1n })
  expect(view.getBigUint64(0, true)).toBe(BigInt(layout.size))
  // The last two came later.
  expect(readStruct<'Client_Create_Args'>(view, layout)).toEqual({
    create_options: NULL,
    num_options: 3,
    kv_get_callback: NULL,
    kv_get_user_arg: NULL,
    kv_put_callback: NULL,
    kv_put_user_arg: NULL,
    client: 0xffff_8000_0000_1000n,
  })
})
