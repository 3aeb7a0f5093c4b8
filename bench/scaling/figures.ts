/** What the model of a step is fed with, and where each number comes from. */
import type { Exchange, Fabric, Link } from './model'

/** Counted in the recorded step, measured here, published by others, or assumed. */
export type Origin = 'counted' | 'measured' | 'published' | 'assumed'

/** A network with the head and the twelve views (2 of 224, 10 of 96) of its recipe in `pipelines`. */
export interface Network {
  readonly name: string
  /** Trained, those of the head too: `ibot check` counts them. */
  readonly parameters: number
  /** 10⁹ floating-point operations in the matrix products of a picture: `ibot check` counts those of a step. */
  readonly gflop: number
}

export const VIT_S: Network = { name: 'ViT-S/16', parameters: 29_280_768, gflop: 123.8 }
export const VIT_B: Network = { name: 'ViT-B/16', parameters: 94_192_384, gflop: 457.9 }
export const VIT_L: Network = { name: 'ViT-L/16', parameters: 312_219_904, gflop: 1629.9 }
export const NETWORKS = [VIT_S, VIT_B, VIT_L] as const

const FLOAT = 4
/** What ibot's ring takes at once (`src/engine/record/exchanges.ts`); larger tensors go alone. */
const BUCKET_BYTES = 8 * 2 ** 20

/** The gradients of a step. All else that is reduced is less than a thousandth of it. */
export const gradientsOf = ({ parameters }: Network, bucketBytes = BUCKET_BYTES): Exchange => {
  const bytes = FLOAT * parameters
  return { bytes, messages: Math.ceil(bytes / bucketBytes) }
}

/** The part of a share's compute that is the student's backward pass. */
export const BACKWARD = 0.5

export interface Device {
  readonly name: string
  /** Pictures a second with this network; those of other networks go by their arithmetic. */
  readonly network: Network
  readonly speed: number
}

/** DINOv3: ViT-L/16, ImageNet-1k, 14 h on 32 of them, with 2 views of 224 and 8 of 96 (its README). */
export const H100: Device = { name: 'H100', network: VIT_L, speed: 159 }
/** `recipes-ibot-vit-s` in bench/README.md: 2 pictures in 3.4 s, float32, two threads. */
export const TWO_CORES: Device = { name: 'two cores', network: VIT_S, speed: 2 / 3.4 }

/** Pictures a second of a network: measured or published for one, for others by their arithmetic. */
export const speedOf = ({ network, speed }: Device, { gflop }: Network): number => (speed * network.gflop) / gflop

const gigabits = (value: number): number => (value * 1e9) / 8

/** NVIDIA, H100: 900 GB/s in both directions together. The latency is assumed. */
const NVLINK: Link = { bytesPerSecond: 450e9, latency: 3e-6 }
/** NDR, 400 Gb/s each, eight cards a machine (NVIDIA, DGX H100). The latency is assumed. */
const EIGHT_NDR: Link = { bytesPerSecond: 8 * gigabits(400), latency: 10e-6 }
/** Ethernet by its name. The latencies are assumed. */
const ETHERNET_100: Link = { bytesPerSecond: gigabits(100), latency: 20e-6 }
/** Of a link's bytes, what ibot's ring reaches: the least of what was measured beside a plain copy by socket, 0.55 to 0.95. */
export const RING_SHARE = 0.55
const RING_10: Link = { bytesPerSecond: RING_SHARE * gigabits(10), latency: 50e-6 }

const EIGHT_GPUS = 8
export const GPUS_NDR: Fabric = { devicesPerMachine: EIGHT_GPUS, within: NVLINK, between: EIGHT_NDR }
export const GPUS_ETHERNET: Fabric = { devicesPerMachine: EIGHT_GPUS, within: NVLINK, between: ETHERNET_100 }
/** Machines with one member each; nothing is reduced within. */
export const CPUS_ETHERNET: Fabric = { devicesPerMachine: 1, within: RING_10, between: RING_10 }

/** XLA joins the all-reduces of a step up to so much (its option `xla_gpu_all_reduce_combine_threshold_bytes`). */
export const XLA_BUCKET_BYTES = 30 * 2 ** 20

export const DEVICES = [8, 16, 32, 64, 128, 256, 512, 1024] as const
