/** Where the time of a run goes: the trace that TensorFlow keeps on demand, read from its RunMetadata. */
import koffi from 'koffi'
import type { Pointer } from './capi'

/** One operation of a traced run. */
export interface Timing {
  readonly name: string
  /** The operation's type as TensorFlow ran it, after its own optimisations. */
  readonly type: string
  readonly microseconds: number
}

/** RunOptions with trace_level (field 1) FULL_TRACE (3). */
export const FULL_TRACE = Uint8Array.of(1 << 3, 3)

type Field = readonly [number: number, value: number | Uint8Array]

/** The fields of a serialized message. */
const fields = function* (bytes: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = bytes[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const field = Math.floor(key / 8)
    switch (key % 8) {
      case 0:
        yield [field, varint()]
        break
      case 1:
        at += 8
        break
      case 2: {
        const length = varint()
        yield [field, bytes.subarray(at, at + length)]
        at += length
        break
      }
      default:
        at += 4
    }
  }
}

const inside = (bytes: Uint8Array, number: number): readonly Uint8Array[] =>
  [...fields(bytes)].flatMap(([field, value]) => (field === number && value instanceof Uint8Array ? [value] : []))

const text = new TextDecoder()

/** All timings in a serialized RunMetadata: step_stats (1), dev_stats (1), node_stats (2). */
export const timings = (metadata: Uint8Array): readonly Timing[] =>
  inside(metadata, 1)
    .flatMap((stepStats) => inside(stepStats, 1))
    .flatMap((deviceStats) => inside(deviceStats, 2))
    .map((node) => {
      const known = new Map(fields(node))
      const number = (field: number): number => (known.get(field) as number | undefined) ?? 0
      const string = (field: number): string => text.decode((known.get(field) as Uint8Array | undefined) ?? new Uint8Array())
      // node_name (1), op_start_rel_micros (3), op_end_rel_micros (4), timeline_label (8): "NAME = TYPE(…)".
      const type = /= ([^(]+)\(/.exec(string(8))?.[1]
      return { name: string(1), type: type ?? string(8), microseconds: Math.max(0, number(4) - number(3)) }
    })

/** The bytes that a TF_Buffer holds: its first fields are a pointer and a length. */
export const bufferBytes = (buffer: Pointer): Uint8Array => {
  const [data, length] = [koffi.decode(buffer, 'void *'), Number(koffi.decode(buffer, 8, 'size_t'))] as const
  return new Uint8Array(koffi.view(data, length)).slice()
}
