/** Where the time of a run goes: the trace that TensorFlow keeps on demand, read from its RunMetadata. */
import { koffi } from '../base/foreign'
import { field, int32, int64, message, repeated, string } from '../base/protobuf'
import type { Pointer } from './capi'

/** One operation of a traced run. */
export interface Timing {
  readonly name: string
  /** The operation's type as TensorFlow ran it, after its own optimisations. */
  readonly type: string
  readonly microseconds: number
}

/** RunOptions with the trace level FULL_TRACE. */
export const FULL_TRACE = message({ trace_level: field(1, int32) }).encode({ trace_level: 3 })

/** Of step_stats.proto what is read here. */
const NodeStats = message({
  node_name: field(1, string),
  op_start_rel_micros: field(3, int64),
  op_end_rel_micros: field(4, int64),
  /** "NAME = TYPE(…)" */
  timeline_label: field(8, string),
})
const StepStats = message({ dev_stats: repeated(1, message({ node_stats: repeated(2, NodeStats) })) })
const RunMetadata = message({ step_stats: field(1, StepStats) })

/** All timings in a serialized RunMetadata. */
export const timings = (metadata: Uint8Array): readonly Timing[] =>
  (RunMetadata.decode(metadata).step_stats?.dev_stats ?? [])
    .flatMap(({ node_stats = [] }) => node_stats)
    .map(({ node_name: name = '', op_start_rel_micros: start = 0, op_end_rel_micros: end = 0, timeline_label: label = '' }) => ({
      name,
      type: /= ([^(]+)\(/.exec(label)?.[1] ?? label,
      microseconds: Math.max(0, end - start),
    }))

/** The bytes that a TF_Buffer holds: its first fields are a pointer and a length. */
export const bufferBytes = (buffer: Pointer): Uint8Array => {
  const [data, length] = [koffi.decode(buffer, 'void *'), Number(koffi.decode(buffer, 8, 'size_t'))] as const
  return new Uint8Array(koffi.view(data, length)).slice()
}
