/** Runs beside each other, in words. */
import type { Comparison } from '../report/compare/comparison'
import type { Difference } from '../report/compare/differences'
import { bestOf, type Measure } from '../report/compare/measure'
import type { Labels } from '../report/compare/page'
import { cellText, heldText } from '../report/compare/words'
import type { Screen } from './terminal'
import { wideTableText } from './wideTable'

/** Letters of a pipeline's value that are shown; the page and `--json` have it whole. */
const SHOWN = { most: 60, least: 16 }

const cut = (text: string, longest: number): string => {
  const letters = [...text]
  return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join('')}…`
}

/** Where one is the best, the others have a blank in the place of its mark. */
const marked = (measure: Measure): readonly string[] => {
  const best = bestOf(measure)
  return measure.cells.map((cell, i) => {
    const text = cellText(measure, cell)
    return best.includes(true) ? `${text} ${best[i] ? '*' : ' '}` : text
  })
}

/** Long values are cut so that all runs stand beside each other, if there is a little room for each. */
const differencesText = (names: readonly string[], all: readonly Difference[], screen: Screen): string => {
  const paths = all.reduce((longest, { path }) => Math.max(longest, path.length), 0)
  const room = Math.floor((screen.width() - paths) / names.length) - 2
  const longest = Math.max(SHOWN.least, Math.min(SHOWN.most, room))
  return wideTableText(
    {
      title: '',
      side: 'left',
      headings: names,
      rows: all.map(({ path, values }) => ({ name: path, cells: values.map((value) => cut(heldText(value), longest)) })),
    },
    screen,
  )
}

/** Runs and what each measured, one a row where there is room; `labels` are columns in front. */
export const measuresText = (
  names: readonly string[],
  { measures }: Pick<Comparison, 'measures'>,
  labels: readonly Labels[],
  screen: Screen,
): string => {
  const columns = [...labels.map(({ values }) => values), ...measures.map(marked)]
  const table = wideTableText(
    {
      title: 'run',
      side: 'right',
      headings: [...labels, ...measures].map(({ name }) => name),
      rows: names.map((name, i) => ({ name, cells: columns.map((cells) => cells[i]!) })),
    },
    screen,
  )
  return measures.some((measure) => bestOf(measure).includes(true)) ? `${table}\n${screen.colors.dim('* the best')}` : table
}

export const comparisonText = (names: readonly string[], comparison: Comparison, screen: Screen): string => {
  const { pipeline, environment, evaluations } = comparison
  const { bold } = screen.colors
  const part = (title: string, all: readonly Difference[]): readonly string[] =>
    all.length === 0 ? [] : [`${bold(title)}\n${differencesText(names, all, screen)}`]
  return [
    measuresText(names, comparison, [], screen),
    ...(pipeline.length === 0 ? ['the pipelines are the same'] : part('what differs between the pipelines', pipeline)),
    ...part('what they were made with', environment),
    ...part('how they were measured', evaluations),
  ].join('\n\n')
}

/** As `--json` writes it: a value that a run hasn't got is null. */
export const comparisonJson = ({ measures, pipeline, environment, evaluations }: Comparison) => {
  const listed = (all: readonly Difference[]) =>
    all.map(({ path, values }) => ({ path, values: values.map((value) => value ?? null) }))
  return {
    measures,
    differences: { pipeline: listed(pipeline), environment: listed(environment), evaluations: listed(evaluations) },
  }
}
