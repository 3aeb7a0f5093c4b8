/**
 * Messages of Protocol Buffers (proto3), declared as values: fields by their names, with number and type, in the order of the
 * numbers. A declaration gives a message's type, writes it and reads it; the bytes of single values are the library's work.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { byteLength, joined } from './bytes'

/** What one value is. Those of numbers are packed where a field has many. */
export interface Type<A> {
  readonly wire: WireType
  readonly packs: boolean
  /** Whether a field may be left out for it, as a reader takes this value for one that isn't there. */
  isDefault(value: A): boolean
  write(to: Output, value: A): void
  read(from: BinaryReader): A
}

/** What is written so far: large parts as they are, not copied, between others. */
interface Output {
  readonly writer: BinaryWriter
  readonly parts: Uint8Array[]
}
const newOutput = (): Output => ({ writer: new BinaryWriter(), parts: [] })

/** From so many bytes on a part stands for itself. */
const LARGE = 4096

const finish = ({ writer, parts }: Output): readonly Uint8Array[] => {
  const rest = writer.finish()
  if (rest.length > 0) parts.push(rest)
  return parts
}

const append = (to: Output, part: Uint8Array): void => {
  if (part.length < LARGE) to.writer.raw(part)
  else finish(to) && to.parts.push(part)
}

/** Bytes with their number before them. */
const delimited = (to: Output, parts: readonly Uint8Array[]): void => {
  to.writer.uint32(byteLength(parts))
  for (const part of parts) append(to, part)
}

const scalar = <A>(
  wire: WireType,
  zero: A,
  write: (writer: BinaryWriter, value: A) => unknown,
  read: (reader: BinaryReader) => A,
): Type<A> => ({
  wire,
  packs: wire !== WireType.LengthDelimited,
  isDefault: (value) => value === zero,
  write: ({ writer }, value) => {
    write(writer, value)
  },
  read,
})

export const int32 = scalar<number>(
  WireType.Varint,
  0,
  (to, value) => to.int32(value),
  (from) => from.int32(),
)
/** Exact up to 2 ** 53. */
export const int64 = scalar<number>(
  WireType.Varint,
  0,
  (to, value) => to.int64(value),
  (from) => Number(from.int64()),
)
export const bool = scalar<boolean>(
  WireType.Varint,
  false,
  (to, value) => to.bool(value),
  (from) => from.bool(),
)
export const float = scalar<number>(
  WireType.Bit32,
  0,
  // What is too large for it is infinite, as everywhere in float32.
  (to, value) => to.float(Math.fround(value)),
  (from) => from.float(),
)
export const double = scalar<number>(
  WireType.Bit64,
  0,
  (to, value) => to.double(value),
  (from) => from.double(),
)
export const string = scalar<string>(
  WireType.LengthDelimited,
  '',
  (to, value) => to.string(value),
  (from) => from.string(),
)
export const bytes: Type<Uint8Array> = {
  wire: WireType.LengthDelimited,
  packs: false,
  isDefault: ({ length }) => length === 0,
  write: (to, value) => delimited(to, [value]),
  read: (from) => from.bytes(),
}

/** A field of a message; `before` is what was read of it already, and is added to. */
interface Field<A> {
  readonly number: number
  write(to: Output, value: A): void
  read(from: BinaryReader, wire: WireType, before: A | undefined): A
}

const one = <A>(number: number, type: Type<A>, isLeftOut: (value: A) => boolean): Field<A> => ({
  number,
  write: (to, value) => {
    if (isLeftOut(value)) return
    to.writer.tag(number, type.wire)
    type.write(to, value)
  },
  read: (from) => type.read(from),
})

/** A value, left out where it is the default of its type. */
export const field = <A>(number: number, type: Type<A>): Field<A> => one(number, type, type.isDefault)

/** A value that is written whatever it is: one of a `oneof`, or `optional`. */
export const explicit = <A>(number: number, type: Type<A>): Field<A> => one(number, type, () => false)

/** Any number of values. */
export const repeated = <A>(number: number, type: Type<A>): Field<readonly A[]> => ({
  number,
  write: (to, values) => {
    if (values.length === 0) return
    if (type.packs) {
      const packed = newOutput()
      for (const value of values) type.write(packed, value)
      to.writer.tag(number, WireType.LengthDelimited)
      delimited(to, finish(packed))
    } else
      for (const value of values) {
        to.writer.tag(number, type.wire)
        type.write(to, value)
      }
  },
  read: (from, wire, before = []) => {
    const values = before as A[]
    if (!type.packs || wire !== WireType.LengthDelimited) values.push(type.read(from))
    else for (const end = from.uint32() + from.pos; from.pos < end; ) values.push(type.read(from))
    return values
  },
})

type Fields = Readonly<Record<string, Field<unknown>>>

/** The values that a declaration has; whatever isn't there has the default of its type. */
type ValuesOf<F extends Fields> = {
  readonly [K in keyof F]?: F[K] extends Field<infer A> ? A : never
}

export interface Message<A> extends Type<A> {
  readonly encode: (value: A) => Uint8Array
  /** As `encode`, in parts that follow each other: what is large isn't copied. */
  readonly parts: (value: A) => readonly Uint8Array[]
  /** Fields that the declaration doesn't know are passed over. Throws where the bytes are no message. */
  readonly decode: (bytes: Uint8Array) => A
}

/** The values that a message has. */
export type MessageOf<M> = M extends Message<infer A> ? A : never

export const message = <const F extends Fields>(fields: F): Message<ValuesOf<F>> => {
  const all = Object.entries(fields)
  const byNumber = new Map(all.map(([name, { number }]) => [number, name]))
  const parts = (value: ValuesOf<F>): readonly Uint8Array[] => {
    const to = newOutput()
    for (const [name, one] of all) if (value[name] !== undefined) one.write(to, value[name])
    return finish(to)
  }
  const readTo = (from: BinaryReader, end: number): ValuesOf<F> => {
    const value: Record<string, unknown> = {}
    while (from.pos < end) {
      const [number, wire] = from.tag()
      const name = byNumber.get(number)
      if (name === undefined) from.skip(wire, number)
      else value[name] = fields[name]!.read(from, wire, value[name])
    }
    return value as ValuesOf<F>
  }
  return {
    wire: WireType.LengthDelimited,
    packs: false,
    isDefault: () => false,
    write: (to, value) => delimited(to, parts(value)),
    read: (from) => readTo(from, from.uint32() + from.pos),
    encode: (value) => joined(parts(value)),
    parts,
    decode: (bytes) => {
      const from = new BinaryReader(bytes)
      return readTo(from, from.len)
    },
  }
}

/** Values by names, each an entry of its own. */
export const map = <A>(number: number, type: Type<A>): Field<Readonly<Record<string, A>>> => {
  const entry = message({ key: explicit(1, string), value: explicit(2, type) })
  const entries = repeated(number, entry)
  return {
    number,
    write: (to, values) =>
      entries.write(
        to,
        Object.entries(values).map(([key, value]) => ({ key, value })),
      ),
    read: (from, wire, before = {}) => {
      const [{ key = '', value }] = entries.read(from, wire, []) as readonly [MessageOf<typeof entry>]
      return Object.defineProperty(before, key, { value, enumerable: true, writable: true, configurable: true })
    },
  }
}
