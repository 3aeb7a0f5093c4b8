/** Loggers: where else the numbers of a run are kept. */
import { choice, kind, leaf, maybe, optional } from '../../dsl/type'
import type { Logger } from '../../log/logger'

export const logger = kind<Logger>()({ name: 'logger', article: 'a logger' })

/** An address of the web, in which nobody's password stands. */
export const address = leaf<string>({
  name: 'address',
  expected: 'an address such as http://127.0.0.1:5000, without a user and a password',
  schema: { type: 'string', pattern: '^https?://[^/@\\s]+(/\\S*)?$', examples: ['http://127.0.0.1:5000'] },
  read: (u) => (typeof u === 'string' && /^https?:\/\/[^/@\s]+(\/\S*)?$/.test(u) && URL.canParse(u) ? u : undefined),
})

/** The field of a server's address. */
export const server = (otherwise: string) => maybe(address, `address of the server; by default ${otherwise}`)

export const separator = optional(
  choice('.', '/'),
  '.',
  "what stands between the parts of a metric's name: as in metrics.jsonl, or a slash, by which charts are grouped",
)
