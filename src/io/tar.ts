/**
 * The members of a tar archive and where their bytes lie, found by going from header to header: POSIX ustar and pax, GNU's long
 * names and sizes.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from './files'

export interface TarMember {
  readonly name: string
  /** Where its bytes begin in the archive. */
  readonly offset: number
  readonly size: number
}

/** Thrown inside, where an archive can't be read on; never leaves this folder. */
export class TarDamaged extends Error {
  constructor(readonly failure: Failure) {
    super()
  }
}

/** Headers and contents take whole blocks. */
export const BLOCK = 512
/** Read at once: most often a small member, the header behind it and the next one's too. */
const WINDOW = 4096
const utf8 = new TextDecoder()

/** Bytes at a place of a file, none beyond its end; what was just read isn't read again. */
export type ReadBytes = (offset: number, length: number) => Uint8Array

const reader = (descriptor: number): ReadBytes => {
  let start = 0
  let window = new Uint8Array(0)
  return (offset, length) => {
    if (offset < start || offset + length > start + window.length) {
      const wanted = new Uint8Array(Math.max(length, WINDOW))
      let filled = 0
      for (let got = -1; filled < wanted.length && got !== 0; filled += got)
        got = readSync(descriptor, wanted, filled, wanted.length - filled, offset + filled)
      start = offset
      window = wanted.subarray(0, filled)
    }
    return window.subarray(offset - start, offset - start + length)
  }
}

const textAt = (block: Uint8Array, from: number, length: number): string => {
  const field = block.subarray(from, from + length)
  const end = field.indexOf(0)
  return utf8.decode(end === -1 ? field : field.subarray(0, end))
}

/** Octal digits; or, where the first bit is set, GNU's binary number, of which no negative one means a length. */
const numberAt = (block: Uint8Array, from: number, length: number): number => {
  if (block[from]! & 0x80) {
    if (block[from]! & 0x40) return Number.NaN
    let value = block[from]! & 0x7f
    for (let i = from + 1; i < from + length; i++) value = value * 256 + block[i]!
    return value
  }
  const digits = textAt(block, from, length).trim()
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN
}

const CHECKSUM = [148, 8] as const

/** The sum of all bytes of a header, its checksum counted as blanks. */
const sumOf = (block: Uint8Array): number =>
  block.reduce((sum, byte, i) => sum + (i >= CHECKSUM[0] && i < CHECKSUM[0] + CHECKSUM[1] ? 0x20 : byte), 0)

const DIGITS = /^\d{1,15}$/

/** Records of pax: `LENGTH KEY=VALUE\n`; undefined where there is another thing. */
const paxRecords = (bytes: Uint8Array): ReadonlyMap<string, string> | undefined => {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const blank = bytes.indexOf(0x20, at)
    const digits = blank === -1 ? '' : utf8.decode(bytes.subarray(at, Math.min(blank, at + 16)))
    const end = at + Number(digits)
    if (!DIGITS.test(digits) || end <= blank || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined
    const [key, ...value] = utf8.decode(bytes.subarray(blank + 1, end - 1)).split('=')
    records.set(key!, value.join('='))
    at = end
  }
  return records
}

/** A length that pax records give. */
const paxSize = (text: string): number => (DIGITS.test(text) ? Number(text) : Number.NaN)

const whereOf = (offset: number): string => `at byte ${offset.toLocaleString('en-US')}`
const CUT = 'Fetch the shard again; it is cut off.'
/** No note on a member that is meant is longer, and no name. */
const LONGEST_NOTE = 65_536
const LONGEST_NAME = 16_384

const damaged = (path: string, at: number, what: string): TarDamaged =>
  new TarDamaged(missing(`${path} is damaged: ${whereOf(at)} is ${what}`, 'Fetch the shard again.'))

/** Whether a block is the header of a member. */
export const isHeader = (block: Uint8Array): boolean => block.length === BLOCK && numberAt(block, ...CHECKSUM) === sumOf(block)

/**
 * Calls `found` with each file of an archive, in their order. Says whether it has the mark of its end, without which it may be cut off
 * behind a member.
 */
const walk = (path: string, read: ReadBytes, size: number, found: (member: TarMember, read: ReadBytes) => void): boolean => {
  /** What headers that are no members say of the next one. */
  let longName: string | undefined
  let pax: ReadonlyMap<string, string> = new Map()
  for (let at = 0; ; ) {
    const block = read(at, BLOCK)
    if (at > 0 && at === size) return false
    if (block.length < BLOCK)
      throw new TarDamaged(missing(`${path} ends without the mark of a tar archive's end, ${whereOf(size)}`, CUT))
    if (block.every((byte) => byte === 0)) return true
    if (!isHeader(block))
      throw new TarDamaged(
        missing(
          at === 0 ? `${path} is no tar archive` : `${path} is damaged: there is no tar header ${whereOf(at)}`,
          at === 0 ? 'Name tar archives, plain or gzipped.' : 'Fetch the shard again.',
        ),
      )
    const type = String.fromCharCode(block[156]!)
    const given = pax.get('size')
    const length = given === undefined ? numberAt(block, 124, 12) : paxSize(given)
    if (Number.isNaN(length)) throw damaged(path, at, 'a member whose length is no number')
    const offset = at + BLOCK
    if (!(offset + length <= size))
      throw new TarDamaged(
        missing(`${path} ends within ${textAt(block, 0, 100) || 'a member'}, which begins ${whereOf(offset)}`, CUT),
      )
    if ((type === 'L' || type === 'x') && length > LONGEST_NOTE) throw damaged(path, at, `a name of ${length} bytes`)
    if (type === 'L') longName = textAt(read(offset, length), 0, length)
    else if (type === 'x') {
      const records = paxRecords(read(offset, length))
      if (records === undefined) throw damaged(path, at, 'a pax header whose records have no sound lengths')
      pax = records
    } else if (type !== 'g' && type !== 'K') {
      const prefix = textAt(block, 257, 5) === 'ustar' && block[262] === 0 ? textAt(block, 345, 155) : ''
      const name = pax.get('path') ?? longName ?? `${prefix === '' ? '' : `${prefix}/`}${textAt(block, 0, 100)}`
      if (name.length > LONGEST_NAME) throw damaged(path, at, `a name of ${name.length} letters`)
      if ((type === '0' || type === '\0' || type === '7') && !name.endsWith('/')) found({ name, offset, size: length }, read)
      longName = undefined
      pax = new Map()
    }
    at = offset + Math.ceil(length / BLOCK) * BLOCK
  }
}

/**
 * Goes through an archive without reading what its files hold, but where `found` asks for it. Throws `TarDamaged`, and what `found`
 * throws. Says whether the mark of the end is there. Synchronous, as nothing else goes on while a data set is opened.
 */
export const eachMember = (
  path: string,
  found: (member: TarMember, read: ReadBytes) => void,
  /** What it is called in messages. */
  name = path,
): boolean => {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    throw new TarDamaged(fileFailure(`cannot read the shard ${name}`)(error))
  }
  try {
    return walk(name, reader(descriptor), fstatSync(descriptor).size, found)
  } catch (error) {
    throw error instanceof TarDamaged ? error : new TarDamaged(fileFailure(`cannot read the shard ${name}`)(error))
  } finally {
    closeSync(descriptor)
  }
}
