/** What is fetched of a kind of plugin. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../../base/failure'
import { isWhole, placeOf } from '../../wheels/cache'
import { type Host, hasGlibc } from '../../wheels/host'
import type { WheelSet } from '../../wheels/wheel'
import type { PluginKind } from './kind'
import type { Plugin } from './plugin'

const INSTEAD = "Set IBOT_XLA_PLUGIN to the file of a plugin that runs here, or compute on TensorFlow: 'ibot setup'."

const announced = ({ title, version, besides, wheels }: PluginKind, machine: string): string => {
  const count = wheels[machine]!.length
  return `XLA's plugin ${version} for ${title}${besides === undefined ? '' : `, with ${besides}, ${count} packages`}`
}

/** The wheels of a plugin for a machine, or why there are none. */
export const setFor = (kind: PluginKind, host: Host): E.Either<Failure, WheelSet> => {
  const machine = `${host.platform}-${host.arch}`
  const wheels = kind.wheels[machine]
  if (wheels === undefined)
    return E.left(missing(`there is no plugin ${kind.name} of XLA for ${host.platform} ${host.arch}`, INSTEAD))
  if (!hasGlibc(host, kind.glibc))
    return E.left(
      missing(
        `XLA's plugin ${kind.name} needs the GNU C library ${kind.glibc.join('.')} or newer, and this system has ${host.glibc ?? 'another C library'}`,
        INSTEAD,
      ),
    )
  return E.right({
    shelf: 'xla',
    id: `${kind.name}-${kind.version}-${machine}`,
    wheels,
    words: {
      name: `XLA's plugin ${kind.name}`,
      announced: announced(kind, machine),
      command: `ibot setup --xla ${kind.name}`,
      otherwise: 'Or set IBOT_XLA_PLUGIN to the file of a plugin that is there.',
    },
  })
}

/** The plugin in the cache, if all of its set is there. */
export const inCache = (kind: PluginKind, host: Host): Plugin | undefined => {
  const set = setFor(kind, host)
  if (E.isLeft(set) || !isWhole(host, set.right)) return undefined
  const { name, device, version } = kind
  return { name, file: join(placeOf(host, set.right), kind.file), device, source: 'cache', version }
}
