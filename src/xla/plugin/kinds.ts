/** All kinds of plugins. */
import type { PluginKind } from './kind'
import { cpu } from './kind/cpu'
import { cuda12 } from './kind/cuda12'
import { cuda13 } from './kind/cuda13'
import { rocm7 } from './kind/rocm7'
import { tpu } from './kind/tpu'

/** The preferred first, where several would compute on the same devices. */
export const KINDS = [cuda13, cuda12, rocm7, tpu, cpu] as const

export type PluginName = (typeof KINDS)[number]['name']
export const PLUGIN_NAMES: readonly PluginName[] = KINDS.map(({ name }) => name)

export const kindNamed = (name: PluginName): PluginKind => KINDS.find((kind) => kind.name === name)!
