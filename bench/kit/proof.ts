/** That the numbers are right: steps of the official code, recorded, and steps of tfjs. */
import { join } from 'node:path'
import { FIXTURES } from './fixtures'
import { heard, kitProgram } from './programs'
import type { Try } from './try'

const proof = (name: string, doc: string, limit: number, args: (kit: string) => readonly string[]): Try => ({
  name,
  doc,
  limit,
  run: (context, tell) =>
    heard(kitProgram('parity', args(context.kit), context), (line) => {
      if (line.startsWith('{')) tell(JSON.parse(line))
    }),
})

export const PROOFS: readonly Try[] = [
  proof('steps', 'five steps of a small network, float32 and bfloat16, beside those of tfjs op by op', 90, () => ['steps']),
  proof('official', 'recorded steps of the official code, in float32', 90, (kit) => ['official', join(kit, FIXTURES)]),
]
