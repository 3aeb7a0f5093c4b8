/**
 * `npm run generate`: writes what comes of other files, all of it: the docs of the ops and their figures, the schema of pipelines, the
 * tables of docs/scaling.md, the kernels, the script of pages.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withTables } from '../bench/scaling/tables'
import { opsMarkdown } from '../src/dsl/markdown'
import { jsonSchema } from '../src/dsl/schema'
import { registry } from '../src/ops/registry'
import { SCRIPT_FILE, scriptText } from './browserScript'
import { dependenciesMarkdown } from './dependencies'
import { alike, encoded, figureFile, figureMarkdown, figureOf, hasFigure } from './docs/figures'
import { overview, sameDrawing } from './docs/overview'
import { resultChart } from './docs/result'
import { binaryText, isUpToDate, KERNELS } from './kernels'

const ROOT = join(__dirname, '..')

interface Generated {
  readonly file: string
  /** What belongs into it; undefined where that is there already. */
  readonly fresh: (old: Uint8Array | undefined) => Promise<string | Uint8Array | undefined>
}

const text = (file: string, make: () => string): Generated => ({
  file,
  fresh: async (old) => {
    const made = make()
    return old !== undefined && Buffer.from(old).toString('utf8') === made ? undefined : made
  },
})

const GENERATED: readonly Generated[] = [
  text('docs/ops.md', () => opsMarkdown(registry, (spec) => figureMarkdown(registry, spec))),
  text('docs/dependencies.md', dependenciesMarkdown),
  text('pipelines/schema.json', () => `${JSON.stringify(jsonSchema(registry), null, 2)}\n`),
  text('docs/scaling.md', () => withTables(readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8'))),
  ...registry.ops.filter(hasFigure).map(
    (spec): Generated => ({
      file: `docs/${figureFile(spec)}`,
      fresh: async (old) => {
        const figure = await encoded(await figureOf(registry, spec))
        return old !== undefined && (await alike(old, figure)) ? undefined : figure
      },
    }),
  ),
  {
    file: 'docs/figures/overview.svg',
    fresh: async (old) => {
      const drawn = await overview(registry)
      return old !== undefined && (await sameDrawing(Buffer.from(old).toString('utf8'), drawn)) ? undefined : drawn
    },
  },
  text('docs/figures/quickstart.svg', () =>
    resultChart(JSON.parse(readFileSync(join(__dirname, 'docs', 'quickstart.json'), 'utf8'))),
  ),
  text(SCRIPT_FILE, scriptText),
  // To compile takes long.
  ...KERNELS.map(
    (kernel): Generated => ({ file: kernel.binary, fresh: async () => (isUpToDate(kernel) ? undefined : binaryText(kernel)) }),
  ),
]

const generate = async (): Promise<void> => {
  for (const { file, fresh } of GENERATED) {
    const path = join(ROOT, file)
    const content = await fresh(existsSync(path) ? readFileSync(path) : undefined)
    if (content === undefined) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    process.stdout.write(`${file}\n`)
  }
}

void generate()
