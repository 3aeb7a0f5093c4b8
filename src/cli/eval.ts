/** `ibot eval`: a run's network measured by probes, as a table or as JSON. */
import { basename } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { metricText } from '../base/numberText'
import { evaluationRows, HEADINGS } from '../report/evaluations'
import { type Evaluated, type EvaluationEvent, evaluateRun } from '../run/evaluateRun'
import type { EvalOptions } from './command/eval'
import { progress } from './progress'
import { type Outcome, reportAs } from './report'
import { openNetwork } from './runFolders'
import { untilStopped } from './signals'
import { tableText } from './table'
import { err, out, type Screen } from './terminal'
import { plural, whole } from './words'

const text = ({ run, evaluations, damaged }: Evaluated, screen: Screen): string => {
  const [first] = evaluations
  return [
    `${screen.colors.bold(basename(run))}: the ${first!.network} after ${plural(first!.step, 'step')}, on ${first!.backend}`,
    tableText(HEADINGS, evaluations.flatMap(evaluationRows), ['left', 'left', 'right', 'left', 'right'], screen),
    ...(damaged === 0 ? [] : [`${plural(damaged, 'picture')} could not be read and ${damaged === 1 ? 'is' : 'are'} left out`]),
  ].join('\n')
}

export const evaluate =
  (dir: string, { probe, all, set, unset, network, backend, download, json = false, ops }: EvalOptions): Outcome =>
  async () => {
    const bar = progress(err)
    const tell = (event: EvaluationEvent): void => {
      if (json) return
      if (event.event !== 'evaluation') {
        bar.tell(event)
        return
      }
      const measured = Object.entries(event.numbers).map(([name, value]) => `${name} ${metricText(event.metrics[name]!, value)}`)
      bar.tell({ event: 'note', message: `${event.probe} after step ${whole(event.step)}: ${measured.join(', ')}` })
    }
    const { signal } = untilStopped()
    const result = await pipe(
      openNetwork(dir, 'to measure', ops),
      TE.chain(({ registry, run }) =>
        evaluateRun(registry, run, { probes: probe, all, set, unset, network, backend, download, tell, signal }),
      ),
    )()
    bar.clear()
    if (E.isLeft(result)) return reportAs(json, result.left)
    const { run, evaluations } = result.right
    out.write(`${json ? JSON.stringify({ ok: true, run, evaluations }) : text(result.right, out)}\n`)
    return 0
  }
