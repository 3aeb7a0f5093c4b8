/** `ibot features`: a run's features of pictures as a file of another program. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command } from '../base/command'
import { stopped } from '../base/failure'
import { printable } from '../base/printable'
import { opBody, opName } from '../dsl/type'
import { extractFeatures, type Features, type FeaturesEvent } from '../features/extract'
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
const sourceOf = (images: string | undefined): ((channels: 1 | 3) => string) | undefined => {
  if (images === undefined) return undefined
  const op = readerOf(images)?.(images)
  if (op === undefined) return () => images
  const body = opBody(op)
  return (channels) => JSON.stringify({ [opName(op)]: 'channels' in body ? { ...body, channels } : body })
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
      TE.chain(({ registry, run }) =>
        extractFeatures(registry, run, {
          ...options,
          to,
          images: sourceOf(images),
          tell: json ? () => undefined : bar.tell,
          signal,
        }),
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
