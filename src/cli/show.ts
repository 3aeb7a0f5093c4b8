/** `ibot show`: a pipeline in full, as YAML or TypeScript, or its step as operations. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import { located } from '../dsl/located'
import { toYaml } from '../dsl/print'
import { toTypeScript } from '../dsl/typescript'
import { printed } from '../graph/printed'
import { openDesign } from '../program/openPlan'
import type { ShowOptions } from './command/show'
import { openRegistry } from './ops'
import { type Pipeline, readPipeline } from './pipeline'
import { conclude, type Outcome } from './report'
import { err, lineTo, out } from './terminal'

/** The step as it is recorded. It takes the data to know how many channels and steps there are, but fetches none. */
const graphText = ({ design, document }: Pipeline): TE.TaskEither<Failure, string> =>
  pipe(
    TE.Do,
    TE.bind('opened', () => TE.mapLeft(located(document))(openDesign(design, lineTo(err), { download: false }))),
    TE.chain(({ opened: { program } }) =>
      TE.tryCatch(async () => {
        const { stepPasses } = await import('../engine/record/stepOperations.js')
        const passes = stepPasses(program)
        const title = (times: number, i: number): string =>
          passes.length === 1 ? '' : `pass ${i + 1} of ${passes.length}, over ${times} of the batch's shares\n\n`
        return `${passes.map(({ operations, times }, i) => `${title(times, i)}${printed(operations)}\n`).join('\n')}`
      }, defect),
    ),
  )

export const show = (file: string, { ops, ts = false, graph = false, ...edits }: ShowOptions): Outcome =>
  conclude(
    pipe(
      openRegistry(ops),
      TE.bindTo('registry'),
      TE.bind('pipeline', ({ registry }) => readPipeline(registry, file, edits)),
      TE.chain(({ registry, pipeline }) => {
        if (graph) return graphText(pipeline)
        return TE.right(ts ? toTypeScript(registry, pipeline.design.plan) : toYaml(pipeline.design.plan))
      }),
      TE.map(out.write),
    ),
  )
