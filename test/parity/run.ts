/** Runs the fixtures of a directory. */
import * as E from 'fp-ts/Either'
import { type Check, passed, wrong } from './check'
import { type Fixture, fixtureNames, readFixture } from './fixture'
import { type Subject, subjectOf } from './subjects'

export type Outcome =
  | { readonly fixture: string; readonly built: false }
  | { readonly fixture: string; readonly built: true; readonly checks: readonly Check[]; readonly seconds: number }

/** Whether an array of a fixture is something to compare with, not something to compute from. */
const isExpected = (tensor: string): boolean =>
  /(^|\/)(out|grad)\//.test(tensor) || /^(adam|final|student_final|teacher_final)\//.test(tensor)

const checksOf = async (subject: Subject, fixture: Fixture): Promise<readonly Check[]> => {
  try {
    const checks = await subject.check(fixture)
    const unread = fixture.unread().filter(isExpected)
    return [...checks, ...unread.map((tensor) => wrong(tensor, 'nothing was compared with it'))]
  } catch (error) {
    return [wrong('fixture', error instanceof Error ? error.message : String(error))]
  }
}

const runOne = async (folder: string, name: string): Promise<Outcome> => {
  const subject = subjectOf(name)
  if (subject === undefined) return { fixture: name, built: false }
  const start = performance.now()
  const fixture = readFixture(folder, name)
  const checks = E.isLeft(fixture) ? [wrong('file', fixture.left)] : await checksOf(subject, fixture.right)
  return { fixture: name, built: true, checks, seconds: (performance.now() - start) / 1000 }
}

/** Runs every fixture whose name begins with one of `only` (all where that is empty), and tells each outcome as it comes. */
export const runFolder = async (
  folder: string,
  only: readonly string[],
  tell: (outcome: Outcome) => void,
): Promise<E.Either<string, readonly Outcome[]>> => {
  const names = fixtureNames(folder)
  if (E.isLeft(names)) return names
  const outcomes: Outcome[] = []
  for (const name of names.right.filter((one) => only.length === 0 || only.some((prefix) => one.startsWith(prefix)))) {
    const outcome = await runOne(folder, name)
    outcomes.push(outcome)
    tell(outcome)
  }
  return outcomes.some(({ built }) => built) ? E.right(outcomes) : E.left(`no fixture to run in ${folder}`)
}

export const succeeded = (outcomes: readonly Outcome[]): boolean =>
  outcomes.every(
    (outcome) => !outcome.built || (outcome.checks.some(({ built }) => built !== false) && outcome.checks.every(passed)),
  )
