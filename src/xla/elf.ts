/**
 * What a library for Linux says of itself before it is loaded: for which processor it is, and how long its file must be. The loader
 * maps a file that is cut off without a word, and the process dies when it touches what isn't there.
 */

/** As many bytes of the beginning of a file as `elfHeader` looks at. */
export const ELF_BYTES = 64

const MAGIC = 0x464c457f
const BITS_64 = 2
const LITTLE_ENDIAN = 1
const MACHINES: Readonly<Record<number, string>> = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64' }

export interface ElfHeader {
  /** The processor as Node.js calls it (`process.arch`). */
  readonly architecture: string
  /** Where the table of the parts that are loaded begins, and its size. */
  readonly table: { readonly offset: number; readonly entry: number; readonly count: number }
}

/** The header in the first bytes of a file; undefined if it isn't a library for Linux on a system of 64 bits. */
export const elfHeader = (bytes: Uint8Array): ElfHeader | undefined => {
  if (bytes.length < ELF_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC || bytes[4] !== BITS_64 || bytes[5] !== LITTLE_ENDIAN) return undefined
  const machine = view.getUint16(18, true)
  return {
    architecture: MACHINES[machine] ?? `machine ${machine}`,
    table: {
      offset: Number(view.getBigUint64(32, true)),
      entry: view.getUint16(54, true),
      count: view.getUint16(56, true),
    },
  }
}

const LOADED = 1

/** Bytes that the file must have for what its table says is loaded. */
export const elfLength = (table: Uint8Array, { table: { entry, count } }: ElfHeader): number => {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const ends = Array.from({ length: count }, (_, i) => i * entry)
    .filter((at) => at + 56 <= table.length && view.getUint32(at, true) === LOADED)
    .map((at) => Number(view.getBigUint64(at + 8, true) + view.getBigUint64(at + 32, true)))
  return Math.max(0, ...ends)
}
