/** YAML text → plan, or every problem at once, each with its place. */
import * as E from 'fp-ts/Either'
import type { LocatedProblem, Problem } from '../base/failure'
import { type Checked, checkDocument } from './check'
import { type Document, locateAll, readDocument } from './document'
import { override } from './override'
import type { Plan } from './plan'
import type { Registry } from './registry'
import { unset } from './unset'

/** The options that change a document. */
const [SET, UNSET] = ['--set', '--unset'] as const

/** What is changed of a document: paths that are removed, and then values that are set, `path=value`. */
export interface Edits {
  readonly set?: readonly string[] | undefined
  readonly unset?: readonly string[] | undefined
}

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
  edits: Edits,
  further: Further,
): E.Either<readonly LocatedProblem[], Draft> => {
  const read = readDocument(file, text)
  if (E.isLeft(read)) return read
  const { document, refused } = edited(registry, read.right, edits)
  const checked = checkDocument(registry, document.value)
  return E.right({ document, checked, problems: [...checked.problems, ...further(checked)], refused })
}

/** All that is wrong with a draft, and what was found besides. */
export const problemsIn = ({ document, problems, refused }: Draft, more: readonly Problem[] = []): readonly LocatedProblem[] => [
  ...locateAll(document, [...problems, ...more]),
  ...refused,
]

/** `further` finds problems that only several stages together have; it also sees stages that are ill-formed. A list of edits sets values. */
export const readPlan = (
  registry: Registry,
  file: string,
  text: string,
  edits: Edits | readonly string[] = [],
  further: Further = () => [],
): E.Either<readonly LocatedProblem[], ReadPlan> => {
  const draft = readDraft(registry, file, text, 'length' in edits ? { set: edits } : edits, further)
  if (E.isLeft(draft)) return draft
  const problems = problemsIn(draft.right)
  if (problems.length > 0) return E.left(problems)
  const { document, checked } = draft.right
  const pipeline = checked.stages.flatMap((stage) => (stage.op ? [stage.op] : []))
  return E.right({ plan: { name: checked.name, pipeline }, document, checked })
}

/** The document with all edits that could be applied, and what is wrong with the others. */
const edited = (registry: Registry, document: Document, { set = [], unset: removals = [] }: Edits) => {
  const all = [
    ...removals.map((argument) => (current: Document) => unset(registry, current, UNSET, argument)),
    ...set.map((argument) => (current: Document) => override(registry, current, SET, argument)),
  ]
  return all.reduce<{ readonly document: Document; readonly refused: readonly LocatedProblem[] }>(
    (done, edit) => {
      const next = edit(done.document)
      return E.isRight(next)
        ? { document: next.right, refused: done.refused }
        : { document: done.document, refused: [...done.refused, ...next.left] }
    },
    { document, refused: [] },
  )
}
