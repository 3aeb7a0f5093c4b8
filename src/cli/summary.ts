/** What a run came to, in a few lines. */
import { printable } from '../base/printable'
import type { Plan } from '../dsl/plan'
import type { Metric } from '../program/metric'
import { longerCommand } from '../report/goOn'
import type { Summary } from '../run/events'
import { runFolder } from '../store/folder'
import { courseText } from './probeText'
import type { Screen } from './terminal'
import { duration, fixed, perSecond, plural } from './words'

/** `metrics` are what the run measured; `report` is the page that tells of it, if there is one. */
export const summaryText = (
  summary: Summary,
  metrics: readonly Metric[],
  plan: Plan,
  report: string | undefined,
  screen: Screen,
): string => {
  const { bold } = screen.colors
  const { run, loss } = summary
  const terms = Object.entries(summary.terms).map(([name, value]) => `${name} ${fixed(value)}`)
  const rows: readonly (readonly [string, string])[] = [
    ['run', run],
    ['done', `${plural(summary.steps, 'step')} in ${duration(summary.seconds)}, ${perSecond(summary.imagesPerSecond)}`],
    ...(loss === null ? [] : [['loss', `${fixed(loss)}${terms.length === 0 ? '' : ` (${terms.join(', ')})`}`] as const]),
    ...Object.entries(summary.probes).map(([probe, measured]): readonly [string, string] => {
      const own = metrics.filter(({ kind, stage }) => kind === 'probe' && stage === probe)
      return [probe, courseText(own, measured, screen)]
    }),
    ...(summary.damaged === 0 ? [] : [['damaged', `${plural(summary.damaged, 'picture')}: ${runFolder(run).damaged}`] as const]),
    ...(summary.alarms.length === 0 ? [] : [['alarms', `${summary.alarms.join(', ')}: ${runFolder(run).alarms}`] as const]),
    ['weights', runFolder(run).checkpoints],
    ['metrics', runFolder(run).metrics],
    ...(report === undefined ? [] : [['report', report] as const]),
    ['longer', longerCommand(run, plan)],
  ]
  const longest = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${bold(name.padEnd(longest))}  ${printable(value)}`).join('\n')
}
