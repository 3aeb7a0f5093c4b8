/** What a benchmark comes to, and how it is printed. */

export interface Measured {
  readonly name: string
  /** Null where there is nothing to compare with. */
  readonly ratio: number | null
  readonly ours: number
  readonly theirs: number | null
  readonly unit: string
  readonly rounds: number
}

/** Something that it needs isn't there. */
export interface NotRun {
  readonly name: string
  /** Why, and how to mend it. */
  readonly notRun: string
}

/** One of its programs broke down. */
export interface Broken {
  readonly name: string
  readonly failed: string
}

export type Outcome = Measured | NotRun | Broken

/** Four significant digits: more is noise. */
const rounded = (value: number): number => Number(value.toPrecision(4))
const roundedOrNull = (value: number | null): number | null => (value === null ? null : rounded(value))

const exact = (outcome: Outcome): Outcome =>
  'ours' in outcome
    ? {
        name: outcome.name,
        ratio: roundedOrNull(outcome.ratio),
        ours: rounded(outcome.ours),
        theirs: roundedOrNull(outcome.theirs),
        unit: outcome.unit,
        rounds: outcome.rounds,
      }
    : outcome

/** One line of JSON. */
export const jsonLine = (outcome: Outcome): string => JSON.stringify(exact(outcome))

const NAME = 24
const NUMBER = 10

const cell = (value: number | string | null): string => String(value ?? '–').padStart(NUMBER)

export const HEADER = `${''.padEnd(NAME)}${['ratio', 'ours', 'theirs'].map(cell).join('')}  unit, rounds`

/** One line of a table for people. */
export const tableLine = (outcome: Outcome): string => {
  const name = outcome.name.padEnd(NAME)
  if ('notRun' in outcome) return `${name}  not run: ${outcome.notRun}`
  if ('failed' in outcome) return `${name}  failed: ${outcome.failed}`
  const { ratio, ours, theirs, unit, rounds } = exact(outcome) as Measured
  return `${name}${[ratio, ours, theirs].map(cell).join('')}  ${unit}, ${rounds}`
}
