/** Files that are no plugins, each told in words; none of these needs one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkVersion, loadPlugin } from '../../src/xla/pjrt'
import { checkPluginFile, loadFailure } from '../../src/xla/pluginFile'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibot-xla-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const onLinux = test.skipIf(process.platform !== 'linux')

/** The beginning of a library for Linux: its header, and one part that is loaded, up to byte `end`. */
const library = ({ machine = 62, end = 4096, bits = 2 }): Buffer => {
  const bytes = Buffer.alloc(120)
  bytes.write('\x7fELF', 0, 'latin1')
  bytes[4] = bits
  bytes[5] = 1
  bytes.writeUInt16LE(machine, 18)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(1, 64)
  bytes.writeBigUInt64LE(BigInt(end), 64 + 32)
  return bytes
}

const told = (path: string, arch = 'x64' as NodeJS.Architecture): unknown => {
  const checked = checkPluginFile(path, { platform: 'linux', arch })
  return E.isLeft(checked) && checked.left._tag === 'Missing' ? checked.left.message.replaceAll(folder, '…') : checked._tag
}
const written = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test('what the file itself tells', () => {
  expect(told(join(folder, 'none.so'))).toBe('cannot read the XLA plugin …/none.so: there is no such file or folder')
  expect(told(folder)).toBe('the XLA plugin … is a folder')
  expect(told(written('empty.so', ''))).toBe('…/empty.so is not a library for this system')
  expect(told(written('text.so', 'x'.repeat(100)))).toBe('…/text.so is not a library for this system')
  expect(told(written('short.so', library({}).subarray(0, 63)))).toBe('…/short.so is not a library for this system')
  expect(told(written('bits.so', library({ bits: 1 })))).toBe('…/bits.so is not a library for this system')
  expect(told(written('arm.so', library({ machine: 183 })))).toBe('…/arm.so is made for arm64, and this is x64')
  expect(told(written('odd.so', library({ machine: 9999 })))).toBe('…/odd.so is made for machine 9999, and this is x64')
  expect(told(written('cut.so', library({})))).toBe('…/cut.so is damaged: it has 120 bytes, and must have 4096')
  expect(told(written('table.so', library({}).subarray(0, 80)))).toBe('…/table.so is damaged: it has 80 bytes, and must have 120')
  expect(told(written('whole.so', library({ end: 120 })))).toBe('Right')
  expect(told(written('whole.so', library({ end: 120, machine: 183 })), 'arm64')).toBe('Right')
})

onLinux('a file with a right beginning and nothing else is refused by the loader', () => {
  expect(loadPlugin(written('hollow.so', library({ end: 120, machine: process.arch === 'arm64' ? 183 : 62 })))).toMatchObject({
    left: { _tag: 'Missing', message: expect.stringContaining('hollow.so could not be loaded: ') },
  })
})

onLinux('a library that is none of XLA', () => {
  const { sharedObjects } = process.report.getReport() as unknown as { readonly sharedObjects: readonly string[] }
  const libc = sharedObjects.find((path) => /\/libc\.(so|musl)/.test(path))!
  expect(loadPlugin(libc)).toMatchObject({
    left: { _tag: 'Missing', message: expect.stringContaining('is a library, but not an XLA plugin: it has no GetPjrtApi') },
  })
})

test('what the loader says of what a library needs', () => {
  const failure = (said: string) => {
    const told = loadFailure('p.so', new Error(`Failed to load shared library: ${said}`))
    return told._tag === 'Missing' ? `${told.message} | ${told.remedy}` : told
  }
  expect(failure('libcuda.so.1: cannot open shared object file: No such file or directory')).toBe(
    'there is no driver: the XLA plugin p.so needs libcuda.so.1, which comes with the driver of NVIDIA GPUs | Install the driver of NVIDIA, or compute on another backend.',
  )
  expect(failure('libcudart.so.13: cannot open shared object file: No such file or directory')).toBe(
    "the XLA plugin p.so needs the library libcudart.so.13, which isn't there | Install the package that has it.",
  )
  expect(failure("/lib/libc.so.6: version `GLIBC_2.99' not found (required by p.so)")).toContain('is made for a newer system')
  expect(failure('cannot open shared object file: Too many open files')).toContain('ulimit')
  expect(failure('invalid \u001b[31melf\nmore')).toBe(
    'the XLA plugin p.so could not be loaded: invalid \\u001b[31melf | Name another plugin: a library with the function GetPjrtApi, as those of JAX have it.',
  )
})

test('versions of the API', () => {
  expect(checkVersion('p.so', { major: 0, minor: 57 })).toBeUndefined()
  expect(checkVersion('p.so', { major: 0, minor: 300 })).toBeUndefined()
  expect(checkVersion('p.so', { major: 0, minor: 56 })).toMatchObject({
    message: "the XLA plugin p.so speaks version 0.56 of PJRT's API, which is too old: 0.57 or newer is needed",
  })
  expect(checkVersion('p.so', { major: 1, minor: 2 })).toMatchObject({
    message: "the XLA plugin p.so speaks version 1.2 of PJRT's API, and ibot speaks 0",
  })
})
