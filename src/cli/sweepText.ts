/** What came of a sweep: its runs beside each other, in words, as JSON and as a page. */
import { join } from 'node:path'
import { printable } from '../base/printable'
import type { Comparison } from '../report/compare/comparison'
import type { Labels } from '../report/compare/page'
import { NOTHING } from '../report/compare/words'
import type { Outcome, Swept, Unsuccessful } from '../sweep/sweep'
import { comparisonJson, measuresText } from './compareText'
import type { Screen } from './terminal'
import { plural } from './words'

/** What a sweep ends with. */
export interface SweepResult {
  readonly folder: string
  /** The paths of the axes. */
  readonly axes: readonly string[]
  readonly swept: readonly Swept[]
  /** The runs that there are, beside each other: the place of each in `swept`. */
  readonly compared: { readonly comparison: Comparison; readonly places: readonly number[] }
  readonly page: string
}

const STATES: Readonly<Record<Outcome['state'], string>> = {
  done: 'done',
  failed: 'failed',
  diverged: 'diverged',
  rejected: 'rejected',
  begun: 'not done',
  absent: NOTHING,
}

/** The axes' values and how each run ended, as the first columns of the table. */
export const columnsOf = (axes: readonly string[], swept: readonly Swept[]): readonly Labels[] => [
  ...axes.map((name, i) => ({ name, values: swept.map(({ combination }) => combination.values[i]!) })),
  { name: 'state', values: swept.map(({ outcome }) => STATES[outcome.state]) },
]

/** Measures of the runs that there are, with nothing in the places of the others. */
export const spread = ({ measures }: Comparison, places: readonly number[], count: number): Comparison['measures'] =>
  measures.map((measure) => ({
    ...measure,
    cells: Array.from({ length: count }, (_, i) => measure.cells[places.indexOf(i)] ?? null),
  }))

/** Runs that didn't come to their end, and why. */
const unsuccessful = (swept: readonly Swept[]): readonly { readonly name: string; readonly outcome: Unsuccessful }[] =>
  swept.flatMap(({ combination: { name }, outcome }) => ('exit' in outcome ? [{ name, outcome }] : []))

/** Runs of this command that failed; what was left out because it was refused is as was asked for. */
const failedNow = (swept: readonly Swept[]): readonly Unsuccessful[] =>
  unsuccessful(swept.filter(({ asked }) => asked))
    .map(({ outcome }) => outcome)
    .filter(({ state }) => state !== 'rejected')

/** That of the first run of this command which failed. */
export const sweepExit = (swept: readonly Swept[]): number => failedNow(swept)[0]?.exit ?? 0

export const sweepText = ({ folder, axes, swept, compared, page }: SweepResult, screen: Screen): string => {
  const { comparison, places } = compared
  const { bold, yellow } = screen.colors
  const measures = spread(comparison, places, swept.length)
  const numbers = swept.map((_, i) => String(i + 1))
  const failures = unsuccessful(swept).map(
    ({ name, outcome }) => `${yellow(outcome.state)}  ${printable(name)}\n  ${printable(outcome.message)}`,
  )
  const again = unsuccessful(swept).some(({ outcome }) => outcome.state === 'diverged')
  return [
    `${bold(printable(folder))}: ${plural(swept.length, 'run')}`,
    measuresText(numbers, { measures }, columnsOf(axes, swept), screen),
    ...failures,
    ...(again ? ['a run that diverged is not gone on with: to begin it anew, remove its folder'] : []),
    `page  ${printable(page)}`,
  ].join('\n\n')
}

export const sweepJson = ({ folder, axes, swept, compared, page }: SweepResult) => {
  const exit = sweepExit(swept)
  const failures = failedNow(swept)
  return {
    ok: exit === 0,
    ...(exit === 0
      ? {}
      : {
          exit,
          message: `${failures.length} of ${plural(swept.length, 'run')} failed`,
          suggestion: `mend what 'runs' tells, and give the same command again`,
        }),
    sweep: folder,
    page,
    axes,
    runs: swept.map(({ combination: { name, values }, outcome }) => ({
      run: join(folder, name),
      values,
      ...outcome,
    })),
    ...comparisonJson({
      ...compared.comparison,
      measures: spread(compared.comparison, compared.places, swept.length),
    }),
    /** The places in 'runs' of those whose pipelines and circumstances are compared. */
    compared: compared.places,
  }
}
