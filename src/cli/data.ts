/** `ibot data`: what the pictures of a pipeline are, or of a folder. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { shared, survey } from '../evaluate/survey'
import { newBar, REDRAW } from './bar'
import type { DataOptions } from './command/data'
import { type DataSet, dataSetsOf } from './dataSets'
import { type Common, dataText, type Examined } from './dataText'
import { type Outcome, reportAs } from './report'
import { err, out } from './terminal'
import { whole } from './words'

/** How far the reading is, on a terminal. */
const progressOf = (bar: ReturnType<typeof newBar>) => {
  let last = 0
  return (done: number, total: number): void => {
    const now = performance.now()
    if (!err.interactive || now - last < REDRAW) return
    last = now
    bar.draw(done / total, `reading pictures  ${whole(done)} of ${whole(total)}`)
  }
}

const examine = (images: number | undefined, json: boolean) => {
  const bar = newBar(err)
  const notify = json ? () => undefined : bar.line
  return ({ role, open }: DataSet): TE.TaskEither<Failure, Examined> =>
    pipe(
      open(notify),
      TE.chainTaskK((source) => survey(source, images, progressOf(bar))),
      TE.map((surveyed) => {
        bar.clear()
        return { role, ...surveyed }
      }),
    )
}

/** Every pair of sets that share pictures. */
const commonIn = (sets: readonly Examined[]): readonly Common[] =>
  sets
    .flatMap((first, i) =>
      sets.slice(i + 1).map((second) => ({ sets: [first.role, second.role] as const, pictures: shared(first, second) })),
    )
    .filter(({ pictures }) => pictures.length > 0)

export const data =
  (path: string, { images, json = false, ...options }: DataOptions): Outcome =>
  async () => {
    const result = await pipe(dataSetsOf(path, options), TE.chain(TE.traverseSeqArray(examine(images, json))))()
    if (E.isLeft(result)) return reportAs(json, result.left)
    const common = commonIn(result.right)
    out.write(
      json
        ? `${JSON.stringify({ ok: true, sets: result.right.map(({ role, survey }) => ({ role, ...survey })), common })}\n`
        : `${dataText(result.right, common, out.colors)}\n`,
    )
    return 0
  }
