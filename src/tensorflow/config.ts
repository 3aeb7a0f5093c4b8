/** A session's options as a serialized ConfigProto (tensorflow/core/protobuf/config.proto). */
import { bool, field, int32, map, message } from '../base/protobuf'

export interface ConfigOptions {
  /** Threads that compute within an operation; 0 for all. */
  readonly threads: number
  /** Whether some outputs are wanted while others are still computed, which takes another thread; false by default. */
  readonly early?: boolean
}

const Config = message({
  device_count: map(1, int32),
  intra_op_parallelism_threads: field(2, int32),
  inter_op_parallelism_threads: field(5, int32),
  graph_options: field(10, message({ rewrite_options: field(10, message({ disable_meta_optimizer: field(19, bool) })) })),
})

export const configProto = ({ threads, early = false }: ConfigOptions): Uint8Array =>
  Config.encode({
    // GPUs are XLA's.
    device_count: { GPU: 0 },
    intra_op_parallelism_threads: threads,
    inter_op_parallelism_threads: early && threads === 1 ? 2 : threads,
    // Rewriting a graph of ten thousand operations takes TensorFlow four seconds, and it finds nothing: constants are
    // shared, products fused and kernels made when the graph is recorded.
    graph_options: { rewrite_options: { disable_meta_optimizer: true } },
  })
