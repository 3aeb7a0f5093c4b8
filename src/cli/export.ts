/** `ibot export`: a run's network in a format of other programs. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { printable } from '../base/printable'
import { type Exported, exportRun } from '../export/export'
import type { ExportOptions } from './command/export'
import { progress } from './progress'
import { type Outcome, reportAs } from './report'
import { openNetwork } from './runFolders'
import { untilStopped } from './signals'
import { err, out, type Screen } from './terminal'
import { bytes, whole } from './words'

const exportedText = (exported: Exported, { colors: { green, bold, dim } }: Screen): string => {
  const { path, network, step, parameters, difference, images, usage } = exported
  return [
    `${green('ok')}  ${bold(printable(path))}: the ${network} after ${whole(step)} steps, ${whole(parameters)} parameters, ${bytes(exported.bytes)}`,
    `    its outputs for ${images} images differ from the run's network by at most ${difference === 0 ? 'nothing' : difference.toExponential(1)}`,
    `    ${dim(printable(usage))}`,
  ].join('\n')
}

export const exportNetwork =
  (run: string, { to, out: place, network, withHead = false, download, json = false, ops }: ExportOptions): Outcome =>
  async () => {
    const bar = progress(err)
    const result = await pipe(
      openNetwork(run, 'to export', ops),
      TE.chain(({ registry, run: folder }) =>
        exportRun(registry, folder, {
          to,
          out: place,
          network,
          withHead,
          download,
          tell: json ? () => undefined : bar.tell,
          signal: untilStopped().signal,
        }),
      ),
    )()
    bar.clear()
    if (E.isLeft(result)) return reportAs(json, result.left)
    out.write(`${json ? JSON.stringify({ ok: true, ...result.right }) : exportedText(result.right, out)}\n`)
    return 0
  }
