/**
 * TensorBoard's event files: TFRecords of `tensorboard.Event` messages.
 * Sources: tensorflow/core/lib/io/record_writer.cc, tensorboard/compat/proto/event.proto and summary.proto.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

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

const message = (write: BinaryWriter, field: number, content: (inner: BinaryWriter) => void): void => {
  write.tag(field, WireType.LengthDelimited).fork()
  content(write)
  write.join()
}
const double = (write: BinaryWriter, field: number, value: number) => write.tag(field, WireType.Bit64).double(value)
const integer = (write: BinaryWriter, field: number, value: number) => write.tag(field, WireType.Varint).int64(value)
const text = (write: BinaryWriter, field: number, value: string) => write.tag(field, WireType.LengthDelimited).string(value)
const doubles = (write: BinaryWriter, field: number, values: readonly number[]) =>
  message(write, field, (packed) => {
    for (const value of values) packed.double(value)
  })

/** Red, green and blue, in the numbers of `Summary.Image`. */
const RGB = 3

const writeSummary = (write: BinaryWriter, summary: SummaryValue): void => {
  text(write, 1, summary.tag)
  if ('scalar' in summary) write.tag(2, WireType.Bit32).float(summary.scalar)
  else if ('png' in summary)
    message(write, 4, (image) => {
      integer(image, 1, summary.height)
      integer(image, 2, summary.width)
      integer(image, 3, RGB)
      image.tag(4, WireType.LengthDelimited).bytes(summary.png)
    })
  else
    message(write, 5, (of) => {
      const { min, max, num, sum, sumSquares, limits, counts } = summary.histogram
      for (const [i, value] of [min, max, num, sum, sumSquares].entries()) double(of, i + 1, value)
      doubles(of, 6, limits)
      doubles(of, 7, counts)
    })
}

/** `SessionLog.START`. */
const START = 1

/** An event as protobuf. */
export const eventMessage = ({ wallTime, step, what }: TfEvent): Uint8Array => {
  const write = new BinaryWriter()
  double(write, 1, wallTime)
  if (step !== 0) integer(write, 2, step)
  if (what === 'begin') text(write, 3, 'brain.Event:2')
  else if (what === 'restart') message(write, 7, (log) => integer(log, 1, START))
  else
    message(write, 5, (summaries) => {
      for (const one of what) message(summaries, 1, (value) => writeSummary(value, one))
    })
  return write.finish()
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
