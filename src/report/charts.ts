/** Which charts a run's report shows: what belongs together in one, by the names in metrics.jsonl. */
import type { Plan } from '../dsl/plan'
import { opName } from '../dsl/type'
import type { Curves, Point } from '../store/curves'
import { type Chart, type Line, shortNumber } from './chart'

export interface Section {
  readonly title: string
  readonly charts: readonly Chart[]
  /** What stays the same all the time is a number. */
  readonly constants: readonly (readonly [name: string, value: string])[]
}

/** The loss and its terms share a chart; so do k-NN and the pixels that it is compared with. */
const LOSSES = ['loss', 'cls', 'mim']
const KNN = ['knn', 'pixels']
/** Not worth a curve. */
const CLOCKS = ['epoch', 'seconds']

/** A value that was measured once, as a level over the whole run. */
const level = ([first]: readonly Point[], steps: number): readonly Point[] =>
  first === undefined
    ? []
    : [
        { step: 0, value: first.value },
        { step: steps, value: first.value },
      ]

/** Charts in their order, those without a curve left out. */
export const sectionsOf = ({ curves }: Curves, plan: Plan, steps: number): readonly Section[] => {
  const lines = (names: readonly string[]): readonly Line[] =>
    names.flatMap((name) => {
      const points = curves.get(name)
      return points === undefined
        ? []
        : [name === 'pixels' ? { name, points: level(points, steps), dashed: true } : { name, points }]
    })
  const chart = (title: string, names: readonly string[]): Chart => ({ title, lines: lines(names), steps })
  const stages = new Set(plan.pipeline.map(opName))
  const others = [...curves.keys()].filter((name) => ![...LOSSES, ...KNN, ...CLOCKS].includes(name))
  const isSchedule = (name: string): boolean => stages.has(name.split('.')[0]!)
  const single = (title: string, names: readonly string[]): Section => {
    const value = (name: string): number | undefined => {
      const points = curves.get(name)!
      return points.length > 1 && points.every((point) => point.value === points[0]!.value) ? points[0]!.value : undefined
    }
    return {
      title,
      charts: names.filter((name) => value(name) === undefined).map((name) => chart(name, [name])),
      constants: names.flatMap((name) => (value(name) === undefined ? [] : [[name, shortNumber(value(name)!)] as const])),
    }
  }
  const sections: readonly Section[] = [
    { title: 'Losses', charts: [chart('loss', LOSSES)], constants: [] },
    { title: 'k-NN', charts: [chart('accuracy', KNN)], constants: [] },
    single('Schedules', others.filter(isSchedule)),
    single(
      'Monitors',
      others.filter((name) => !isSchedule(name)),
    ),
  ]
  return sections
    .map((section) => ({ ...section, charts: section.charts.filter((one) => one.lines.length > 0) }))
    .filter((section) => section.charts.length + section.constants.length > 0)
}
