/** `ibot setup`: fetches ahead of time what runs compute with: TensorFlow's library, or a plugin of XLA. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { LibraryFacts } from '../engine/engine'
import { probeLibrary } from '../engine/tensorflow/libraryFacts'
import { graphicsCards } from '../io/graphicsCards'
import { type Provided, provideLibrary } from '../tensorflow/library/provide'
import type { Tell } from '../wheels/events'
import { kindNamed } from '../xla/plugin/kinds'
import { kindOf, type Plugin } from '../xla/plugin/plugin'
import { type Provided as ProvidedPlugin, provideGpuPlugin, providePlugin } from '../xla/plugin/provide'
import type { SetupOptions } from './command/setup'
import { fetchProgress } from './fetchProgress'
import { type Outcome, reportAs } from './report'
import { untilStopped } from './signals'
import { err, out, type Screen } from './terminal'
import { list } from './words'

type Ready = Provided & { readonly facts: LibraryFacts }

/** Where a library comes from, in words. */
export const SOURCES = {
  IBOT_TENSORFLOW: 'named by IBOT_TENSORFLOW',
  cache: 'in the cache',
  'tfjs-node-gpu': 'of tfjs-node-gpu',
  python: "of Python's package",
} as const

/** Where a plugin comes from, in words. */
export const PLUGIN_SOURCES = {
  IBOT_XLA_PLUGIN: 'named by IBOT_XLA_PLUGIN',
  python: "among Python's packages",
  cache: 'in the cache',
} as const

/** cuda13 0.11.2 */
export const pluginTitle = ({ name, version }: Plugin): string => (version === undefined ? name : `${name} ${version}`)

const readyText = ({ library, fetched, facts: { version, devices } }: Ready, { colors: { green, bold } }: Screen): string => {
  const where = library.source === 'cache' && fetched ? 'fetched' : `is there, ${SOURCES[library.source]}`
  const types = [...new Set(devices.map(({ type }) => type))]
  return `${green('ok')}  ${bold(`TensorFlow ${version}`)} ${where}: ${library.folder}\n    computes on ${list(types)}`
}

const readyJson = ({ library, fetched, facts }: Ready) => ({ fetched, library, ...facts })

const pluginText = ({ plugin, fetched }: ProvidedPlugin, { colors: { green, bold } }: Screen): string => {
  const where = fetched ? 'fetched' : `is there, ${PLUGIN_SOURCES[plugin.source]}`
  const kind = kindOf(plugin)
  const lines = [`${green('ok')}  ${bold(`XLA's plugin ${pluginTitle(plugin)}`)} ${where}: ${plugin.file}`]
  return [...lines, ...(kind === undefined ? [] : [`    for ${kind.title}`])].join('\n')
}

/** Who does the work, and where it is told; tests let others do it. */
const MEANS = {
  ...{ provide: provideLibrary, probe: probeLibrary, providePlugin, provideGpuPlugin, cards: graphicsCards },
  ...{ out, err },
}
type Means = typeof MEANS

/** Has something fetched, and tells on the way how far it is. */
const outcome =
  <A>(
    json: boolean,
    { out, err }: Pick<Means, 'out' | 'err'>,
    work: (options: { readonly tell: Tell; readonly signal: AbortSignal }) => TE.TaskEither<Failure, A>,
    { text, object }: { readonly text: (result: A, screen: Screen) => string; readonly object: (result: A) => object },
  ): Outcome =>
  async () => {
    const progress = fetchProgress(err)
    const result = await work({ tell: json ? () => undefined : progress.tell, signal: untilStopped().signal })()
    progress.clear()
    if (E.isLeft(result)) return reportAs(json, result.left, { screen: out })
    out.write(`${json ? JSON.stringify({ ok: true, ...object(result.right) }) : text(result.right, out)}\n`)
    return 0
  }

export const setup = ({ gpu = false, xla, json = false }: SetupOptions, given: Partial<Means> = {}): Outcome => {
  const means = { ...MEANS, ...given }
  if (gpu || xla !== undefined)
    return outcome(
      json,
      means,
      (options) =>
        xla === undefined ? means.provideGpuPlugin(means.cards().drivers, options) : means.providePlugin(kindNamed(xla), options),
      { text: pluginText, object: ({ plugin, fetched }) => ({ fetched, plugin }) },
    )
  return outcome(
    json,
    means,
    (options) =>
      pipe(
        means.provide(options),
        TE.bindTo('provided'),
        TE.bind('facts', ({ provided }) => means.probe(provided.library)),
        TE.map(({ provided, facts }): Ready => ({ ...provided, facts })),
      ),
    { text: readyText, object: readyJson },
  )
}
