/** A session's options as a serialized ConfigProto (tensorflow/core/protobuf/config.proto). */
import { bool, field, int32, map, message } from '../base/protobuf'

export interface ConfigOptions {
  /** Threads that compute within an operation; 0 for all. */
  readonly threads: number
  /** `cpu` hides the GPUs; else TensorFlow uses the first where it has one. */
  readonly device?: 'auto' | 'cpu' | 'gpu'
}

const Config = message({
  device_count: map(1, int32),
  intra_op_parallelism_threads: field(2, int32),
  inter_op_parallelism_threads: field(5, int32),
  gpu_options: field(6, message({ allow_growth: field(4, bool) })),
  allow_soft_placement: field(7, bool),
  graph_options: field(10, message({ rewrite_options: field(10, message({ disable_meta_optimizer: field(19, bool) })) })),
})

export const configProto = ({ threads, device = 'auto' }: ConfigOptions): Uint8Array =>
  Config.encode({
    device_count: device === 'cpu' ? { GPU: 0 } : {},
    intra_op_parallelism_threads: threads,
    inter_op_parallelism_threads: threads,
    // Memory is taken as it is needed, so that others can use the device too.
    gpu_options: { allow_growth: true },
    // What a GPU can't do, the CPU does.
    allow_soft_placement: true,
    // Rewriting a graph of ten thousand operations takes TensorFlow four seconds, and it finds nothing: constants are
    // shared, products fused and kernels made when the graph is recorded.
    graph_options: { rewrite_options: { disable_meta_optimizer: true } },
  })
