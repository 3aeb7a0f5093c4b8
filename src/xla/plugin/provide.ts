/** A plugin that is there, or else is fetched. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { type FetchOptions, fetchWheels } from '../../wheels/fetch'
import { thisHost } from '../../wheels/host'
import { choosePlugin } from './choose'
import { type Drivers, gpuKind } from './driver'
import { findPlugins } from './find'
import type { PluginKind } from './kind'
import { KINDS } from './kinds'
import type { Plugin } from './plugin'
import { inCache, setFor } from './pluginSet'

export interface Provided {
  readonly plugin: Plugin
  /** Whether it wasn't there before. */
  readonly fetched: boolean
}

export interface ProvideOptions extends FetchOptions {
  readonly kinds?: readonly PluginKind[]
}

/** Fetches a plugin into the cache, unless it is there. */
export const fetchPlugin = (
  kind: PluginKind,
  { host = thisHost(), ...options }: FetchOptions = {},
): TE.TaskEither<Failure, Plugin> =>
  pipe(
    TE.fromEither(setFor(kind, host)),
    TE.chain((set) => fetchWheels(set, { ...options, host })),
    TE.chain(() =>
      TE.fromNullable(missing(`XLA's plugin ${kind.name} isn't complete`, `Run ibot setup --xla ${kind.name} again.`))(
        inCache(kind, host),
      ),
    ),
  )

const provide = (
  choose: (plugins: readonly Plugin[]) => Plugin | undefined,
  kind: TE.TaskEither<Failure, PluginKind>,
  { host = thisHost(), kinds = KINDS, ...options }: ProvideOptions,
): TE.TaskEither<Failure, Provided> =>
  pipe(
    findPlugins(host, kinds),
    TE.chain((plugins): TE.TaskEither<Failure, Provided> => {
      const plugin = choose(plugins)
      if (plugin !== undefined) return TE.right({ plugin, fetched: false })
      return pipe(
        kind,
        TE.chain((wanted) => fetchPlugin(wanted, { ...options, host })),
        TE.map((plugin) => ({ plugin, fetched: true })),
      )
    }),
  )

/** A plugin of this kind, wherever it is, or from the index. */
export const providePlugin = (kind: PluginKind, options: ProvideOptions = {}): TE.TaskEither<Failure, Provided> =>
  provide((plugins) => plugins.find(({ name }) => name === kind.name), TE.right(kind), options)

/** A plugin for the graphics card of a machine with these drivers; one that is there and fits is not fetched. */
export const provideGpuPlugin = (drivers: Drivers, options: ProvideOptions = {}): TE.TaskEither<Failure, Provided> => {
  const { kinds = KINDS } = options
  const choose = (plugins: readonly Plugin[]) => choosePlugin(plugins, 'gpu', drivers, kinds)
  return provide(choose, TE.fromEither(gpuKind(drivers, kinds)), options)
}
