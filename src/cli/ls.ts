/** `ibot ls`: the recipes that come with ibot. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { flow } from '../dsl/print'
import { type Op, opBody, opName } from '../dsl/type'
import { registry } from '../ops/registry'
import type { LsOptions } from './command/ls'
import { readPipeline } from './pipeline'
import { gistOf, type Recipe, recipes } from './recipes'
import { type Outcome, reportAs } from './report'
import { tableText } from './table'
import { out } from './terminal'

interface Listed extends Recipe {
  readonly gist: string
  readonly backbone: string
  /** The source as it is written, short. */
  readonly data: string
  /** Null where it counts steps. */
  readonly epochs: number | null
  readonly steps: number | null
}

/** A source's name and what it is told first: a path, or which part of a known set. */
const dataOf = (source: Op): string => {
  const [first] = Object.values(opBody(source))
  return opName(source) === 'subset' ? `${dataOf(first as Op)}, a part` : `${opName(source)} ${flow(first ?? '')}`
}

const listed = (recipe: Recipe): TE.TaskEither<Failure, Listed> =>
  pipe(
    readPipeline(registry, recipe.path),
    TE.map(({ text, design: { backbone, dataset, training } }) => ({
      ...recipe,
      gist: gistOf(text),
      backbone: backbone.name,
      data: dataOf(opBody(dataset.op).source as Op),
      epochs: 'epochs' in training.meaning.length ? training.meaning.length.epochs : null,
      steps: 'steps' in training.meaning.length ? training.meaning.length.steps : null,
    })),
  )

const HEADINGS = ['name', 'backbone', 'data', 'length', 'what it is']

const lengthOf = ({ epochs, steps }: Listed): string => (epochs === null ? `${steps} steps` : `${epochs} epochs`)

export const ls =
  ({ json = false }: LsOptions): Outcome =>
  async () => {
    const result = await pipe(recipes(), RA.traverse(TE.ApplicativeSeq)(listed))()
    if (E.isLeft(result)) return reportAs(json, result.left)
    const rows = result.right.map((one) => [one.name, one.backbone, one.data, lengthOf(one), one.gist])
    out.write(
      json
        ? `${JSON.stringify({ ok: true, recipes: result.right })}\n`
        : `${tableText(HEADINGS, rows, ['left', 'left', 'left', 'right', 'left'], out)}\n`,
    )
    return 0
  }
