/** Outcomes as lines of a table. */
import { type Check, passed } from './check'
import type { Outcome } from './run'

/** What a tensor belongs to: its name without the numbers of steps and calls, and without the names of weights. */
const groupOf = ({ tensor }: Check): string => {
  const parts = tensor.split('/')
  return parts
    .filter((part, i) => i === 0 || (i < parts.length - 1 && !part.includes('.')))
    .map((part) => part.replace(/^(step|call)\d+$/, '$1'))
    .join('/')
}

const shareText = (share: number): string =>
  Number.isFinite(share) ? (share === 0 ? '0' : share < 1e-4 ? share.toExponential(0) : share.toFixed(4)) : '∞'

/** Of several checks the one that is furthest off. */
const worst = (checks: readonly Check[]): Check => checks.reduce((a, b) => (b.share > a.share ? b : a))

const row = (fixture: string, check: Check, tensors: number): string =>
  [
    check.built === false ? '  --  ' : passed(check) ? '  ok  ' : 'FAILED',
    fixture.padEnd(24),
    shareText(check.share).padStart(8),
    String(tensors).padStart(4),
    check.built === false
      ? `${check.tensor}: not built`
      : check.note === undefined
        ? check.tensor
        : `${check.tensor}: ${check.note}`,
  ].join('  ')

export const HEADER = [
  '      ',
  'fixture'.padEnd(24),
  'error/tol'.padStart(8),
  'count'.padStart(4),
  'tensor, the worst of its group',
].join('  ')

/** A line for every group of tensors, or for every tensor; failures always. */
export const lines = (outcome: Outcome, verbose: boolean): readonly string[] => {
  if (!outcome.built) return [`  --    ${outcome.fixture.padEnd(24)}  not built`]
  const { fixture, checks } = outcome
  if (verbose) return checks.map((check) => row(fixture, check, 1))
  const groups = new Map<string, Check[]>()
  for (const check of checks) groups.set(groupOf(check), [...(groups.get(groupOf(check)) ?? []), check])
  return [...groups.values()].flatMap((group) => {
    const failed = group.filter((check) => !passed(check))
    return failed.length > 0
      ? failed.map((check) => row(fixture, check, group.length))
      : [row(fixture, worst(group), group.length)]
  })
}

/** One line for all. */
export const summary = (outcomes: readonly Outcome[]): string => {
  const ran = outcomes.filter((outcome) => outcome.built)
  const all = ran.flatMap((outcome) => outcome.checks)
  const checks = all.filter(({ built }) => built !== false)
  const failed = checks.filter((check) => !passed(check))
  const time = ran.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)
  return `${ran.length} fixtures, ${checks.length} comparisons, ${failed.length} failed; ${outcomes.length - ran.length} fixtures not built; ${time} s`
}
