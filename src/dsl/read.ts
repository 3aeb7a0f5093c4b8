/** YAML text → plan, or every problem at once, each with its place. */
import * as E from 'fp-ts/Either'
import type { LocatedProblem, Problem } from '../base/failure'
import { type Checked, checkDocument } from './check'
import { type Document, locateAll, readDocument } from './document'
import { override } from './override'
import type { Plan } from './plan'
import type { Registry } from './registry'

/** The option that sets one value. */
const SET = '--set'

/** A plan, the document that it was read from, and its stages as they were checked. */
export interface ReadPlan {
  readonly plan: Plan
  readonly document: Document
  readonly checked: Checked
}

/** A document, its stages as far as they are right, and what is wrong with it. */
export interface Draft {
  readonly document: Document
  readonly checked: Checked
  /** Without what is wrong with overrides. */
  readonly problems: readonly Problem[]
  /** Overrides that lead nowhere. */
  readonly refused: readonly LocatedProblem[]
}

type Further = (checked: Checked) => readonly Problem[]

/** Reads a text as far as it can be; no further than YAML that is none. `further` is that of `readPlan`. */
export const readDraft = (
  registry: Registry,
  file: string,
  text: string,
  overrides: readonly string[],
  further: Further,
): E.Either<readonly LocatedProblem[], Draft> => {
  const read = readDocument(file, text)
  if (E.isLeft(read)) return read
  const { document, refused } = overridden(registry, read.right, overrides)
  const checked = checkDocument(registry, document.value)
  return E.right({ document, checked, problems: [...checked.problems, ...further(checked)], refused })
}

/** All that is wrong with a draft, and what was found besides. */
export const problemsIn = ({ document, problems, refused }: Draft, more: readonly Problem[] = []): readonly LocatedProblem[] => [
  ...locateAll(document, [...problems, ...more]),
  ...refused,
]

/** `further` finds problems that only several stages together have; it also sees stages that are ill-formed. */
export const readPlan = (
  registry: Registry,
  file: string,
  text: string,
  overrides: readonly string[] = [],
  further: Further = () => [],
): E.Either<readonly LocatedProblem[], ReadPlan> => {
  const draft = readDraft(registry, file, text, overrides, further)
  if (E.isLeft(draft)) return draft
  const problems = problemsIn(draft.right)
  if (problems.length > 0) return E.left(problems)
  const { document, checked } = draft.right
  const pipeline = checked.stages.flatMap((stage) => (stage.op ? [stage.op] : []))
  return E.right({ plan: { name: checked.name, pipeline }, document, checked })
}

/** The document with all overrides that could be applied, and what is wrong with the others. */
const overridden = (registry: Registry, document: Document, overrides: readonly string[]) =>
  overrides.reduce<{ readonly document: Document; readonly refused: readonly LocatedProblem[] }>(
    ({ document, refused }, argument) => {
      const next = override(registry, document, SET, argument)
      return E.isRight(next) ? { document: next.right, refused } : { document, refused: [...refused, ...next.left] }
    },
    { document, refused: [] },
  )
