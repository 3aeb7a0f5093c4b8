/**
 * TensorBoard's event files: TFRecords of `tensorboard.Event` messages.
 * Sources: tensorflow/core/lib/io/record_writer.cc, tensorboard/compat/proto/event.proto and summary.proto.
 */
import { bytes, double, explicit, field, float, int32, int64, type MessageOf, message, repeated, string } from '../base/protobuf'

/** Counts of values between limits: bucket i holds those above limit i - 1 and up to limit i. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  readonly limits: readonly number[]
  readonly counts: readonly number[]
}

/** One value under the name by which TensorBoard shows it. */
export type SummaryValue = { readonly tag: string } & (
  | { readonly scalar: number }
  | { readonly png: Uint8Array; readonly width: number; readonly height: number }
  | { readonly histogram: Histogram }
)

export interface TfEvent {
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly step: number
  /** What there is to tell; or that a file begins; or that a run went back to this step, so that what was told of it is void. */
  readonly what: readonly SummaryValue[] | 'begin' | 'restart'
}

const ImageProto = message({
  height: field(1, int64),
  width: field(2, int64),
  colorspace: field(3, int64),
  encoded_image_string: field(4, bytes),
})
const HistogramProto = message({
  min: field(1, double),
  max: field(2, double),
  num: field(3, double),
  sum: field(4, double),
  sum_squares: field(5, double),
  bucket_limit: repeated(6, double),
  bucket: repeated(7, double),
})
const Value = message({
  tag: field(1, string),
  simple_value: explicit(2, float),
  image: explicit(4, ImageProto),
  histo: explicit(5, HistogramProto),
})
const Event = message({
  wall_time: field(1, double),
  step: field(2, int64),
  file_version: explicit(3, string),
  summary: explicit(5, message({ value: repeated(1, Value) })),
  session_log: explicit(7, message({ status: field(1, int32) })),
})

/** Red, green and blue, in the numbers of `Summary.Image`. */
const RGB = 3
/** `SessionLog.START`. */
const START = 1

const summaryValue = (summary: SummaryValue): MessageOf<typeof Value> => {
  const { tag } = summary
  if ('scalar' in summary) return { tag, simple_value: summary.scalar }
  if ('png' in summary) {
    const { width, height, png } = summary
    return { tag, image: { height, width, colorspace: RGB, encoded_image_string: png } }
  }
  const { sumSquares: sum_squares, limits: bucket_limit, counts: bucket, ...moments } = summary.histogram
  return { tag, histo: { ...moments, sum_squares, bucket_limit, bucket } }
}

/** An event as protobuf. */
export const eventMessage = ({ wallTime: wall_time, step, what }: TfEvent): Uint8Array => {
  if (what === 'begin') return Event.encode({ wall_time, step, file_version: 'brain.Event:2' })
  if (what === 'restart') return Event.encode({ wall_time, step, session_log: { status: START } })
  return Event.encode({ wall_time, step, summary: { value: what.map(summaryValue) } })
}

/** CRC-32C (Castagnoli), of every byte value. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

export const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** As TFRecords store a checksum: turned by 15 bits and moved by a constant, so that checksums of checksums are no trouble. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0

const LENGTH = 8
const CHECKSUM = 4

/** A message as a TFRecord: its length, the length's checksum, itself, its checksum; all numbers little-endian. */
export const tfRecord = (data: Uint8Array): Uint8Array => {
  const record = new Uint8Array(LENGTH + CHECKSUM + data.length + CHECKSUM)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(LENGTH, masked(crc32c(record.subarray(0, LENGTH))), true)
  record.set(data, LENGTH + CHECKSUM)
  view.setUint32(LENGTH + CHECKSUM + data.length, masked(crc32c(data)), true)
  return record
}
