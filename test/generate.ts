/**
 * `npm run generate`: writes what comes of other files, all of it: the docs of the ops, the schema of pipelines, the kernels, the
 * tables of docs/scaling.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withTables } from '../bench/scaling/tables'
import { opsMarkdown } from '../src/dsl/markdown'
import { jsonSchema } from '../src/dsl/schema'
import { registry } from '../src/ops/registry'
import { dependenciesMarkdown } from './dependencies'
import { binaryText, isUpToDate, KERNELS } from './kernels'

const ROOT = join(__dirname, '..')

/** Each generated file and what belongs into it; undefined where that is there already and takes long to make. */
const GENERATED: readonly (readonly [file: string, text: () => string | undefined])[] = [
  ['docs/ops.md', () => opsMarkdown(registry)],
  ['docs/dependencies.md', dependenciesMarkdown],
  ['pipelines/schema.json', () => `${JSON.stringify(jsonSchema(registry), null, 2)}\n`],
  ['docs/scaling.md', () => withTables(readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8'))],
  ...KERNELS.map((kernel) => [kernel.binary, () => (isUpToDate(kernel) ? undefined : binaryText(kernel))] as const),
]

for (const [file, text] of GENERATED) {
  const content = text()
  if (content === undefined || (existsSync(join(ROOT, file)) && content === readFileSync(join(ROOT, file), 'utf8'))) continue
  writeFileSync(join(ROOT, file), content)
  process.stdout.write(`${file}\n`)
}
