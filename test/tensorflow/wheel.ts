/** Tiny wheels, and a python3 that "downloads" them. */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import type { WheelTable } from '../../src/tensorflow/library/wheels'
import type { Wheel } from '../../src/wheels/wheel'

const u16 = (n: number): Buffer => Buffer.from([n & 255, (n >>> 8) & 255])
const u32 = (n: number): Buffer => Buffer.concat([u16(n & 0xffff), u16(n >>> 16)])

/** A ZIP archive (APPNOTE 6.3), compressed. */
export const zip = (files: Readonly<Record<string, string>>): Buffer => {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const [path, content] = [Buffer.from(name), Buffer.from(text)]
    const packed = deflateRawSync(content)
    const common = Buffer.concat([
      ...[u16(20), u16(0), u16(8), u32(0), u32(crc32(content)), u32(packed.length), u32(content.length)],
      ...[u16(path.length), u16(0)],
    ])
    const local = Buffer.concat([u32(0x04034b50), common, path, packed])
    const mode = name.includes('/bin/') ? 0o100755 : 0o100644
    const about = Buffer.concat([u16(0), u16(0), u16(0), u32((mode << 16) >>> 0), u32(offset)])
    central.push(Buffer.concat([u32(0x02014b50), u16(0x0314), common, about, path]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  const counts = [u16(0), u16(0), u16(central.length), u16(central.length)]
  return Buffer.concat([...locals, directory, u32(0x06054b50), ...counts, u32(directory.length), u32(offset), u16(0)])
}

export const FILES = {
  'tensorflow/libtensorflow_framework.so.2': 'framework'.repeat(1000),
  'tensorflow/libtensorflow_cc.so.2': 'cc'.repeat(10_000),
} as const

/** The bytes of a wheel with more in it than is needed, and its line in the table. */
export const wheelOf = (
  file: string,
  files: Readonly<Record<string, string>> = FILES,
): { readonly content: Buffer; readonly wheel: Wheel } => {
  const content = zip({ 'tensorflow/__init__.py': 'raise ImportError', ...files })
  const members = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.length]))
  return { content, wheel: { file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), members } }
}

export const CPU_FILE = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'
export const tableOf = (...wheels: readonly Wheel[]): WheelTable => ({ 'linux-x64': wheels })

/**
 * A python3 in `folder/bin` for which a shell script does `download`; $to is the folder to download to, $log the file in
 * which each call has a line. Asked anything else, it fails.
 */
export const fakePython = (folder: string, download: string): Readonly<Record<string, string>> => {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const script = `#!/bin/sh
case "$*" in *"pip --version") exit 0;; *"pip download"*) ;; *) exit 1;; esac
log='${join(folder, 'log')}'
echo "$*" >> "$log"
while [ $# -gt 0 ]; do [ "$1" = -d ] && to=$2; shift; done
${download}
`
  writeFileSync(join(bin, 'python3'), script)
  chmodSync(join(bin, 'python3'), 0o755)
  return { PATH: `${bin}:/usr/bin:/bin` }
}
