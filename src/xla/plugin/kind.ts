/** What a kind of plugin is: which devices it computes on, and where it comes from. */
import type { Glibc } from '../../wheels/host'
import type { Wheel } from '../../wheels/wheel'

export type DeviceType = 'cpu' | 'gpu' | 'tpu'

/** The driver that a plugin calls. */
export type DriverNeed =
  /** NVIDIA's, from this major version on. */
  | { readonly of: 'nvidia'; readonly oldest: number }
  /** AMD's, which is part of Linux. */
  | { readonly of: 'amd' }

/** A plugin is a shared library with one function, `GetPjrtApi`, behind which XLA compiles for a kind of device. */
export interface PluginKind<Name extends string = string> {
  readonly name: Name
  /** What it computes on, as sentences say it: `NVIDIA's GPUs with CUDA 13`. */
  readonly title: string
  readonly device: DeviceType
  /** The Python package that holds it, and the version of it that is fetched. */
  readonly package: string
  readonly version: string
  /** Its file below the folder that packages are installed in. Where it looks for other libraries follows from that. */
  readonly file: string
  /** What is fetched besides, in words, if anything is. */
  readonly besides: string | undefined
  /** What is fetched, by platform and processor. */
  readonly wheels: Readonly<Record<string, readonly Wheel[]>>
  /** The oldest GNU C library that it runs on. */
  readonly glibc: Glibc
  /** Undefined where it needs none, or none that can be told. */
  readonly driver: DriverNeed | undefined
}
