/** `ibot explain`: what the ops are and what they take. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { rejected } from '../base/failure'
import { explain as explainOp, overview } from '../dsl/explain'
import type { ExplainOptions } from './command/explain'
import { openRegistry } from './ops'
import { conclude, type Outcome } from './report'
import { out } from './terminal'

export const explain = (name: string | undefined, { ops }: ExplainOptions): Outcome =>
  conclude(
    pipe(
      openRegistry(ops),
      TE.chainEitherK((registry) =>
        pipe(
          name === undefined ? E.right(overview(registry)) : explainOp(registry, name),
          E.mapLeft((problem) => rejected([problem])),
        ),
      ),
      TE.map((text) => out.write(`${text}\n`)),
    ),
  )
