/** `ibot features`: a run's features of pictures as a file of another program. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command } from '../base/command'
import { type Failure, missing, stopped } from '../base/failure'
import { printable } from '../base/printable'
import type { Registry } from '../dsl/registry'
import { opBody, opName } from '../dsl/type'
import { extractFeatures, type Features, type FeaturesEvent } from '../features/extract'
import { source } from '../ops/source/kind'
import { newBar, REDRAW } from './bar'
import type { FeaturesOptions } from './command/features'
import { readerOf } from './dataSets'
import { progress } from './progress'
import { type Outcome, reportAs } from './report'
import { openNetwork } from './runFolders'
import { untilStopped } from './signals'
import { err, out, type Screen } from './terminal'
import { perSecond, plural, whole } from './words'

const text = (
  { path, index, pictures, damaged, shape, network, step, usage }: Features,
  { colors: { green, bold, dim } }: Screen,
) =>
  [
    `${green('ok')}  ${bold(printable(path))}: ${plural(pictures, 'picture')}, ${shape.join(' × ')} numbers each, the ${network} after ${plural(step, 'step')}`,
    ...(index === undefined ? [] : [`    names and labels: ${printable(index)}`]),
    ...(damaged === 0
      ? []
      : [`    ${plural(damaged, 'picture')} could not be read and ${damaged === 1 ? 'has' : 'have'} no row`]),
    `    ${dim(printable(usage))}`,
  ].join('\n')

/** A source as it is written: a path stands for what lies there, with as many channels as the network takes. */
const sourceOf = (
  registry: Registry,
  images: string | undefined,
): E.Either<Failure, ((channels: 1 | 3) => string) | undefined> => {
  if (images === undefined) return E.right(undefined)
  const op = readerOf(images)?.(images)
  if (op !== undefined) {
    const body = opBody(op)
    return E.right((channels) => JSON.stringify({ [opName(op)]: 'channels' in body ? { ...body, channels } : body }))
  }
  const isPath = !/[:{]/.test(images) && registry.find(source, images.trim()) === undefined
  return isPath
    ? E.left(
        missing(
          `--images ${images} is no folder, list or archive of pictures`,
          "Check the path, or write a source out: --images '{ fashionMnist: test }'.",
        ),
      )
    : E.right(() => images)
}

/** How far the work is. */
const hearing = () => {
  const bar = newBar(err)
  const fetching = progress(err)
  let last = 0
  let began: { readonly time: number; readonly done: number } | undefined
  return {
    clear: () => {
      bar.clear()
      fetching.clear()
    },
    tell: (event: FeaturesEvent): void => {
      if (event.event !== 'features') {
        fetching.tell(event)
        return
      }
      const { done, total } = event
      const now = performance.now()
      began ??= { time: now, done }
      if (!err.interactive || now - last < REDRAW) return
      last = now
      const speed = done === began.done ? '' : `  ${perSecond((1000 * (done - began.done)) / (now - began.time))}`
      bar.draw(done / total, `${whole(done)} of ${whole(total)} pictures${speed}`)
    },
  }
}

export const features =
  (dir: string, { to, images, json = false, ops, ...options }: FeaturesOptions): Outcome =>
  async () => {
    const bar = hearing()
    const { signal } = untilStopped()
    const result = await pipe(
      openNetwork(dir, 'to read', ops),
      TE.bind('source', ({ registry }) => TE.fromEither(sourceOf(registry, images))),
      TE.chain(({ registry, run, source }) =>
        extractFeatures(registry, run, { ...options, to, images: source, tell: json ? () => undefined : bar.tell, signal }),
      ),
      TE.mapLeft((failure) =>
        failure._tag === 'Stopped'
          ? stopped(failure.signal, 'what was computed is kept', `Go on with: ${command('ibot', ...process.argv.slice(2))}`)
          : failure,
      ),
    )()
    bar.clear()
    if (E.isLeft(result)) return reportAs(json, result.left)
    out.write(`${json ? JSON.stringify({ ok: true, ...result.right }) : text(result.right, out)}\n`)
    return 0
  }
