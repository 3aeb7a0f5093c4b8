/** `ibot setup`: fetches TensorFlow's library ahead of time. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { LibraryFacts } from '../engine/engine'
import { probeLibrary } from '../engine/tensorflow/libraryFacts'
import { type Provided, provideLibrary } from '../tensorflow/library/provide'
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

const readyText = ({ library, fetched, facts: { version, devices } }: Ready, { colors: { green, bold } }: Screen): string => {
  const where = library.source === 'cache' && fetched ? 'fetched' : `is there, ${SOURCES[library.source]}`
  const types = [...new Set(devices.map(({ type }) => type))]
  const unseen = library.build === 'gpu' && !types.includes('GPU') ? '; no GPU is seen, look at its driver: nvidia-smi' : ''
  return `${green('ok')}  ${bold(`TensorFlow ${version}`)} ${where}: ${library.folder}\n    computes on ${list(types)}${unseen}`
}

const readyJson = ({ library, fetched, facts }: Ready) => ({ ok: true, fetched, library, ...facts })

/** Who does the work, and where it is told; tests let others do it. */
const MEANS = { provide: provideLibrary, probe: probeLibrary, out, err }

export const setup =
  ({ gpu = false, json = false }: SetupOptions, { provide, probe, out, err } = MEANS): Outcome =>
  async () => {
    const progress = fetchProgress(err)
    const result = await pipe(
      provide({
        build: gpu ? 'gpu' : 'cpu',
        tell: json ? () => undefined : progress.tell,
        signal: untilStopped().signal,
      }),
      TE.bindTo('provided'),
      TE.bind('facts', ({ provided }) => probe(provided.library)),
    )()
    progress.clear()
    if (E.isLeft(result)) return reportAs(json, result.left, { screen: out })
    const ready = { ...result.right.provided, facts: result.right.facts }
    out.write(`${json ? JSON.stringify(readyJson(ready)) : readyText(ready, out)}\n`)
    return 0
  }
