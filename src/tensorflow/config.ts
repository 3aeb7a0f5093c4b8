/** A session's options as a serialized ConfigProto (tensorflow/core/protobuf/config.proto), whose field numbers are given. */

export interface ConfigOptions {
  /** Threads that compute within an operation; 0 for all. */
  readonly threads: number
  /** `cpu` hides the GPUs; else TensorFlow uses the first where it has one. */
  readonly device?: 'auto' | 'cpu' | 'gpu'
}

const WIRE_VARINT = 0
const WIRE_BYTES = 2

const varint = (value: number): readonly number[] => {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}
const number = (field: number, value: number): readonly number[] => [...varint(field * 8 + WIRE_VARINT), ...varint(value)]
const message = (field: number, ...parts: readonly (readonly number[])[]): readonly number[] => {
  const body = parts.flat()
  return [...varint(field * 8 + WIRE_BYTES), ...varint(body.length), ...body]
}

/** GPUOptions.allow_growth: memory is taken as it is needed, so that others can use the device too. */
const GPU_GROWTH = message(6, number(4, 1))

/**
 * GraphOptions.rewrite_options.disable_meta_optimizer. Rewriting a graph of ten thousand operations takes TensorFlow four
 * seconds, and it finds nothing: constants are shared, products fused and kernels made when the graph is recorded.
 */
const AS_RECORDED = message(10, message(10, number(19, 1)))

/** An entry of device_count: no GPUs. */
const NO_GPU = message(1, message(1, [...Buffer.from('GPU')]), number(2, 0))

export const configProto = ({ threads, device = 'auto' }: ConfigOptions): Uint8Array =>
  Uint8Array.from([
    ...(device === 'cpu' ? NO_GPU : []),
    // intra_op_parallelism_threads; and inter_op_parallelism_threads.
    ...number(2, threads),
    ...number(5, threads),
    ...GPU_GROWTH,
    ...AS_RECORDED,
    // allow_soft_placement: what a GPU can't do, the CPU does.
    ...number(7, 1),
  ])
