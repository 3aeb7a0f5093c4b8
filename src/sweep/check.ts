/** All combinations of a sweep checked before the first step: each must be a pipeline that fits its data, and another one. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, type LocatedProblem, rejected } from '../base/failure'
import { located } from '../dsl/located'
import { toYaml } from '../dsl/print'
import type { Registry } from '../dsl/registry'
import { isLocated } from '../dsl/render'
import { openData } from '../evaluate/openData'
import type { Reach } from '../io/source'
import type { OpenSource } from '../ops/source/kind'
import { type Design, readDesign } from '../program/design'
import type { Axes } from './axes'
import { type Combination, settingsOf } from './grid'

/** A combination whose pipeline is in order. */
export interface Ready {
  readonly combination: Combination
  readonly design: Design
  /** The arguments of its `--set`. */
  readonly set: readonly string[]
}

/** One that isn't. */
export interface Refused {
  readonly combination: Combination
  readonly problems: readonly LocatedProblem[]
}

export interface CheckedGrid {
  readonly ready: readonly Ready[]
  readonly refused: readonly Refused[]
}

/** What all combinations are made of. */
export interface Base {
  readonly registry: Registry
  readonly file: string
  readonly text: string
  readonly unset: readonly string[] | undefined
  readonly axes: Axes
}

type Notify = (message: string) => void

/** Designs whose data are opened once for all that name the same: a folder may hold millions of pictures. */
const sharing = (): ((design: Design) => Design) => {
  const opened = new Map<string, ReturnType<ReturnType<OpenSource>>>()
  return (design) => {
    const { dataset } = design
    const key = JSON.stringify(dataset.op)
    const meaning: OpenSource = (notify, reach) => () => {
      const source = opened.get(key) ?? dataset.meaning(notify, reach)()
      opened.set(key, source)
      return source
    }
    return { ...design, dataset: { ...dataset, meaning } }
  }
}

/** Pipelines that several combinations come to: values that mean the same, or a path that another one leads to, too. */
const repeated = (ready: readonly Ready[]): readonly LocatedProblem[] => {
  const met = new Map<string, string>()
  return ready.flatMap(({ combination: { name }, design }) => {
    const text = toYaml(design.plan)
    const first = met.get(text)
    met.set(text, first ?? name)
    return first === undefined
      ? []
      : [
          {
            ...{ file: name, line: 1, col: 1, frame: '', code: 'unfit-grid', path: [], at: 'value' as const },
            message: `this comes to the same pipeline as ${first}`,
            suggestion: 'leave one of the values out',
          },
        ]
  })
}

/** A failure is what is missing for all; what is wrong with some combinations is told with them. */
export const checkGrid = (
  { registry, file, text, unset, axes }: Base,
  combinations: readonly Combination[],
  notify: Notify,
  reach?: Reach,
): TE.TaskEither<Failure, CheckedGrid> => {
  const shared = sharing()
  const one = (combination: Combination): TE.TaskEither<Failure, Ready | Refused> => {
    const set = settingsOf(axes, combination)
    const read = readDesign(registry, file, text, { set, unset })
    if (E.isLeft(read)) return TE.right({ combination, problems: read.left })
    const { design, document } = read.right
    return async () => {
      const data = E.mapLeft(located(document))(await openData(shared(design), notify, reach)())
      if (E.isRight(data)) return E.right({ combination, design, set })
      const failure = data.left
      return failure._tag === 'Rejected'
        ? E.right({ combination, problems: failure.problems.filter(isLocated) })
        : E.left(failure)
    }
  }
  return pipe(
    combinations,
    TE.traverseSeqArray(one),
    TE.chainEitherK((all) => {
      const ready = all.filter((each) => 'design' in each)
      const same = repeated(ready)
      return same.length > 0 ? E.left(rejected(same)) : E.right({ ready, refused: all.filter((each) => 'problems' in each) })
    }),
  )
}

/** How many combinations a problem names. */
const NAMED = 3

const namesText = (names: readonly string[]): string =>
  `${names.slice(0, NAMED).join('; ')}${names.length > NAMED ? `; and ${names.length - NAMED} more` : ''}`

/** All problems, each once, with the combinations that have it; what all have is the pipeline's own. */
export const gridProblems = (refused: readonly Refused[], combinations: number): readonly LocatedProblem[] => {
  const found = new Map<string, { readonly problem: LocatedProblem; readonly names: string[] }>()
  for (const { combination, problems } of refused)
    for (const problem of problems) {
      const key = JSON.stringify([problem.file, problem.frame, problem.line, problem.col, problem.message])
      const known = found.get(key)
      if (known === undefined) found.set(key, { problem, names: [combination.name] })
      else known.names.push(combination.name)
    }
  return [...found.values()].map(({ problem, names }) =>
    names.length === combinations ? problem : { ...problem, message: `${problem.message} (in ${namesText(names)})` },
  )
}
