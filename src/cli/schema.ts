/** `ibot schema`: the JSON Schema of pipeline documents, for editors. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { jsonSchema } from '../dsl/schema'
import type { SchemaOptions } from './command/schema'
import { openRegistry } from './ops'
import { conclude, type Outcome } from './report'
import { out } from './terminal'

export const schema = ({ ops }: SchemaOptions): Outcome =>
  conclude(
    pipe(
      openRegistry(ops),
      TE.map((registry) => out.write(`${JSON.stringify(jsonSchema(registry), null, 2)}\n`)),
    ),
  )
