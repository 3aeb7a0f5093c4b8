/** Finds plugins where they may already be. Nothing is loaded and nothing downloaded. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { attempt } from '../../base/attempt'
import { type Failure, missing } from '../../base/failure'
import { sizeOf } from '../../wheels/cache'
import type { Host } from '../../wheels/host'
import type { PluginKind } from './kind'
import { KINDS } from './kinds'
import { packageFolders, pluginsIn, versionIn } from './packages'
import { type Plugin, pluginAt } from './plugin'
import { inCache } from './pluginSet'

/** The file that the user names. A failure if it isn't there. */
export const namedPlugin = (
  { env }: Pick<Host, 'env'>,
  kinds: readonly PluginKind[] = KINDS,
): E.Either<Failure, O.Option<Plugin>> => {
  const value = env.IBOT_XLA_PLUGIN
  if (!value) return E.right(O.none)
  const file = resolve(value)
  if (sizeOf(file) === undefined) {
    const why = attempt(() => statSync(file)) === undefined ? 'which is not there' : 'which is not a file'
    return E.left(
      missing(
        `IBOT_XLA_PLUGIN is ${value}, ${why}`,
        'Set it to the file of a PJRT plugin, or unset it and let ibot setup --gpu fetch one.',
      ),
    )
  }
  const { name, device, kind } = pluginAt(file, kinds)
  const packages = kind !== undefined && file.endsWith(`/${kind.file}`) ? file.slice(0, -kind.file.length - 1) : undefined
  const version = packages === undefined ? undefined : versionIn(packages, kind!.package)
  return E.right(O.some({ name, file, device, source: 'IBOT_XLA_PLUGIN', version }))
}

/** The plugin that IBOT_XLA_PLUGIN names, and no other; else those of Python's packages, as JAX has them, then those of the cache. */
export const findPlugins = (host: Host, kinds: readonly PluginKind[] = KINDS): TE.TaskEither<Failure, readonly Plugin[]> =>
  pipe(
    TE.fromEither(namedPlugin(host, kinds)),
    TE.chain(
      O.match(
        () =>
          TE.fromTask<readonly Plugin[], Failure>(async () => [
            ...pluginsIn(await packageFolders(host)(), kinds),
            ...kinds.flatMap((kind) => inCache(kind, host) ?? []),
          ]),
        (plugin) => TE.right([plugin]),
      ),
    ),
  )
