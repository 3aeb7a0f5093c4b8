/** What a run came to, in a few lines. */
import { command } from '../base/command'
import { printable } from '../base/printable'
import type { Plan } from '../dsl/plan'
import { opBody, opName } from '../dsl/type'
import { modulesIn } from '../ops/registry'
import type { Summary } from '../run/events'
import { opsOptions, runFolder } from '../store/folder'
import type { Screen } from './terminal'
import { duration, fixed, percent, perSecond, plural } from './words'

/** What makes the run twice as long. */
const twice = (plan: Plan): string => {
  const body = plan.pipeline.filter((op) => opName(op) === 'train').map(opBody)[0]
  const key = body?.epochs === undefined ? 'steps' : 'epochs'
  return `train.${key}=${2 * Number(body?.[key])}`
}

export const summaryText = (summary: Summary, plan: Plan, report: string | undefined, screen: Screen): string => {
  const { bold } = screen.colors
  const { run, loss, cls, mim, knn } = summary
  const terms = [
    ['cls', cls],
    ['mim', mim],
  ].flatMap(([name, value]) => (typeof value === 'number' ? [`${name} ${fixed(value)}`] : []))
  const rows: readonly (readonly [string, string])[] = [
    ['run', run],
    ['done', `${plural(summary.steps, 'step')} in ${duration(summary.seconds)}, ${perSecond(summary.imagesPerSecond)}`],
    ...(loss === null ? [] : [['loss', `${fixed(loss)}${terms.length === 0 ? '' : ` (${terms.join(', ')})`}`] as const]),
    ...(knn === null
      ? []
      : [['k-NN', `${percent(knn.before)} → ${percent(knn.after)} (raw pixels: ${percent(knn.pixels)})`] as const]),
    ...(summary.damaged === 0 ? [] : [['damaged', `${plural(summary.damaged, 'picture')}: ${runFolder(run).damaged}`] as const]),
    ...(summary.alarms.length === 0 ? [] : [['alarms', `${summary.alarms.join(', ')}: ${runFolder(run).alarms}`] as const]),
    ['weights', runFolder(run).checkpoints],
    ['metrics', runFolder(run).metrics],
    ...(report === undefined ? [] : [['report', report] as const]),
    ['longer', command('ibot', 'run', runFolder(run).resolved, ...opsOptions(modulesIn(plan.pipeline)), '--set', twice(plan))],
  ]
  return rows.map(([name, value]) => `${bold(name.padEnd(7))}  ${printable(value)}`).join('\n')
}
