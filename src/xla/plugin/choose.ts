/** Which of several plugins computes. */
import { type Drivers, driverFault } from './driver'
import type { DeviceType, PluginKind } from './kind'
import { KINDS } from './kinds'
import { kindOf, type Plugin } from './plugin'

/**
 * The first that computes on devices of this type and has the driver that it needs. What the user names is taken at their
 * word.
 */
export const choosePlugin = (
  plugins: readonly Plugin[],
  device: DeviceType,
  drivers: Drivers,
  kinds: readonly PluginKind[] = KINDS,
): Plugin | undefined =>
  plugins.find((plugin) => {
    if (plugin.source === 'IBOT_XLA_PLUGIN') return plugin.device === device || plugin.device === undefined
    const kind = kindOf(plugin, kinds)
    return kind?.device === device && driverFault(kind, drivers, kinds) === undefined
  })
