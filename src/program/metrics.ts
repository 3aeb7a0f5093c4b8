/** What a run of a program measures. */
import type { Design } from './design'
import { type Metric, numberMetric } from './metric'
import type { Program } from './program'

/** The loss and its terms share a chart. */
const LOSS = 'loss'
const loss = (name: string, stage: string | null): Metric => ({
  ...numberMetric(name, 'loss', stage),
  better: 'lower',
  chart: LOSS,
})

/** The numbers of a probe that are read alike share a chart. */
const ofProbe = ({ name: stage, meaning }: Design['probes'][number]): readonly Metric[] => {
  const all = [
    ...Object.entries(meaning.metrics).map(([name, metric]) => ({ name, ...metric, baseline: false })),
    ...Object.entries(meaning.baseline?.metrics ?? {}).map(([name, metric]) => ({ name, ...metric, baseline: true })),
  ]
  const alike = all.every(({ format }) => format === all[0]!.format)
  return all.map(({ name, format, better, baseline }) => ({
    name: `${stage}.${name}`,
    kind: 'probe',
    stage,
    format,
    better,
    chart: alike ? stage : `${stage} (${format})`,
    baseline,
  }))
}

/** All that a run of this program measures; `monitors` are the names of those that the run adds to a step's own. */
export const metricsOf = (design: Design, program: Program, monitors: readonly string[] = []): readonly Metric[] => {
  const stages = design.losses.map(({ name }) => name).toSorted((a, b) => b.length - a.length)
  const lossOf = (name: string): string | undefined => stages.find((stage) => name.startsWith(`${stage}.`))
  return [
    loss(LOSS, null),
    ...program.terms.map((name) => loss(name, lossOf(name) ?? null)),
    ...design.probes.flatMap(ofProbe),
    ...program.schedules.map((name) => numberMetric(name, 'schedule', lossOf(name) ?? name.split('.')[0]!)),
    ...[...program.monitors, ...monitors].map((name) => numberMetric(name, 'monitor', lossOf(name) ?? null)),
  ]
}
