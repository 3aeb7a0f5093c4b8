/** Which plugins there are, and what keeps them from computing. */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../../base/failure'
import type { Host } from '../../wheels/host'
import { type Drivers, driverFault, gpuKind } from './driver'
import { findPlugins } from './find'
import type { PluginKind } from './kind'
import { KINDS } from './kinds'
import { kindOf, type Plugin } from './plugin'
import { setFor } from './pluginSet'

/** What a plugin says of itself, once it is loaded. */
export interface PluginFacts {
  /** Of the C API: 0.115. */
  readonly apiVersion: string
  /** cuda, cpu, … */
  readonly platform: string
  readonly devices: readonly {
    readonly name: string
    /** CPU, GPU, … */
    readonly type: string
    /** Bytes; 0 where it isn't known. */
    readonly memory: number
  }[]
}

/** Loads a plugin and asks it; what it throws says why that can't be done. */
export type ProbePlugin = (plugin: Plugin) => Promise<PluginFacts>

export interface ExaminedPlugin {
  readonly plugin: Plugin
  /** What keeps it from computing. */
  readonly fault: Failure | undefined
  /** Undefined where it wasn't loaded. */
  readonly facts: PluginFacts | undefined
}

/** What is looked at. */
export interface PluginMachine {
  readonly host: Host
  readonly drivers: Drivers
  /** Graphics cards that NVIDIA's driver knows. */
  readonly gpus: readonly string[]
}

export interface ExaminedPlugins {
  readonly plugins: readonly ExaminedPlugin[]
  /** What is to be mended. */
  readonly problems: readonly Failure[]
}

const REFETCH = 'Fetch it again: remove its folder, then ibot setup --xla'

const doesNotLoad = ({ name, file, source }: Plugin, error: unknown): Failure =>
  missing(
    `XLA's plugin ${name} (${file}) does not work: ${error instanceof Error ? error.message : String(error)}`,
    source === 'cache' ? `${REFETCH} ${name}` : 'Look whether it fits this machine and its driver, or install it again.',
  )

/** Looks whether a plugin has the driver that it needs, and only then loads it, where there is a probe. */
export const examinePlugin = async (
  plugin: Plugin,
  {
    drivers,
    probe,
    kinds = KINDS,
  }: { readonly drivers: Drivers; readonly probe?: ProbePlugin | undefined; readonly kinds?: readonly PluginKind[] },
): Promise<ExaminedPlugin> => {
  const kind = kindOf(plugin, kinds)
  const fault = kind === undefined ? undefined : driverFault(kind, drivers, kinds)
  if (fault !== undefined) return { plugin, fault, facts: undefined }
  try {
    return { plugin, fault: undefined, facts: await probe?.(plugin) }
  } catch (error) {
    return { plugin, fault: doesNotLoad(plugin, error), facts: undefined }
  }
}

/** A graphics card for which no plugin was found: what to fetch, or why nothing can be. */
const noPlugin = ({ host, drivers, gpus }: PluginMachine, kinds: readonly PluginKind[]): Failure => {
  const kind = gpuKind(drivers, kinds)
  if (E.isLeft(kind)) return kind.left
  const set = setFor(kind.right, host)
  return E.isLeft(set) ? set.left : missing(`there is ${gpus[0]}, and no plugin of XLA to compute on it`, 'ibot setup --gpu')
}

/**
 * What is to be mended. Where there is a graphics card, a plugin for it must work. Faults of others count if somebody asked
 * for those plugins: who installs JAX for GPUs on a machine without any has done nothing wrong.
 */
const problemsOf = (
  machine: PluginMachine,
  plugins: readonly ExaminedPlugin[],
  kinds: readonly PluginKind[],
): readonly Failure[] => {
  const forGpus = plugins.filter(({ plugin: { device } }) => device === 'gpu' || device === undefined)
  const works = forGpus.some(({ fault }) => fault === undefined)
  // Where one is named there is no other.
  const isNamed = plugins.some(({ plugin: { source } }) => source === 'IBOT_XLA_PLUGIN')
  const lacking = machine.gpus.length > 0 && forGpus.length === 0 && !isNamed ? [noPlugin(machine, kinds)] : []
  const faults = plugins.flatMap(({ plugin, fault }) => {
    if (fault === undefined) return []
    if (plugin.source === 'IBOT_XLA_PLUGIN') return [fault]
    const isForGpus = plugin.device === 'gpu' || plugin.device === undefined
    if (isForGpus && works) return []
    return plugin.source === 'cache' || (isForGpus && machine.gpus.length > 0) ? [fault] : []
  })
  return [...lacking, ...faults]
}

/** Finds all plugins and looks at each. */
export const examinePlugins = async (
  machine: PluginMachine,
  { probe, kinds = KINDS }: { readonly probe?: ProbePlugin | undefined; readonly kinds?: readonly PluginKind[] },
): Promise<ExaminedPlugins> => {
  const { host, drivers } = machine
  const found = await findPlugins(host, kinds)()
  if (E.isLeft(found)) return { plugins: [], problems: [found.left] }
  const plugins: ExaminedPlugin[] = []
  for (const plugin of found.right) plugins.push(await examinePlugin(plugin, { drivers, probe, kinds }))
  return { plugins, problems: problemsOf(machine, plugins, kinds) }
}
