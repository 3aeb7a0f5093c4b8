/** `ibot show`: a pipeline in full, as YAML or TypeScript. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { toYaml } from '../dsl/print'
import { toTypeScript } from '../dsl/typescript'
import { registry } from '../ops/registry'
import { readPipeline } from './pipeline'
import { conclude, type Outcome } from './report'
import { out } from './terminal'

export const show = (file: string, options: { readonly set?: readonly string[]; readonly ts?: boolean }): Outcome =>
  conclude(
    pipe(
      readPipeline(file, options.set),
      TE.map(({ plan }) => out.write(options.ts === true ? toTypeScript(registry, plan) : toYaml(plan))),
    ),
  )
