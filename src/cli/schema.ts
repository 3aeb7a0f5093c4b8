/** `ibot schema`: the JSON Schema of pipeline documents, for editors. */
import { jsonSchema } from '../dsl/schema'
import { registry } from '../ops/registry'
import type { Outcome } from './report'
import { out } from './terminal'

export const schema = (): Outcome => async () => {
  out.write(`${JSON.stringify(jsonSchema(registry), null, 2)}\n`)
  return 0
}
