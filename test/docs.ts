/** Writes docs/ops.md from the definitions of the ops: `npm run docs`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { opsMarkdown } from '../src/dsl/markdown'
import { registry } from '../src/ops/registry'

writeFileSync(join(__dirname, '..', 'docs', 'ops.md'), opsMarkdown(registry))
