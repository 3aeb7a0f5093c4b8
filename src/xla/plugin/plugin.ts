/** A plugin that was found. */
import { basename } from 'node:path'
import type { DeviceType, PluginKind } from './kind'
import { KINDS } from './kinds'

export interface Plugin {
  /** That of its kind, or what its file is called. */
  readonly name: string
  /** The shared library. */
  readonly file: string
  /** Undefined where only the plugin itself can tell. */
  readonly device: DeviceType | undefined
  readonly source: 'IBOT_XLA_PLUGIN' | 'python' | 'cache'
  /** Of its package, as far as the place tells it. */
  readonly version: string | undefined
}

/** The kind that a plugin is of; undefined for one that isn't known here. */
export const kindOf = ({ name }: Pick<Plugin, 'name'>, kinds: readonly PluginKind[] = KINDS): PluginKind | undefined =>
  kinds.find((kind) => kind.name === name)

/** What can be told of a file by its name and the folders above it. */
export const pluginAt = (
  file: string,
  kinds: readonly PluginKind[] = KINDS,
): Pick<Plugin, 'name' | 'device'> & { readonly kind: PluginKind | undefined } => {
  const alike = kinds.filter((kind) => basename(kind.file) === basename(file))
  const kind = kinds.find((one) => file.endsWith(`/${one.file}`)) ?? (alike.length === 1 ? alike[0] : undefined)
  const [device, ...others] = new Set(alike.map((one) => one.device))
  return {
    kind,
    name: kind?.name ?? basename(file).replace(/\.\w+$/, ''),
    device: kind?.device ?? (others.length === 0 ? device : undefined),
  }
}
