/** The package as a project of its own uses it: ESM and CommonJS, compiled against the published types. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import * as ops from '../../src/ops/all'
import { folder, ROOT, TINY } from './ibot'

const EXAMPLE = readFileSync(join(ROOT, 'examples', 'shapes.ts'), 'utf8')
const SHOWN = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs', 'typescript.md'), 'utf8'))![1]!
const HALF = `import { dataset, pipe, pipeline, run, shapes } from 'ibot'
// @ts-expect-error: nothing in it can be trained
run(pipe(pipeline('half'), dataset({ source: shapes() })))
`
const ALONE = `import * as _ from 'ibot'
const plan = _.pipe(
  _.pipeline('alone'),
  _.dataset(_.shapes({ count: 8, size: 8 })),
  _.views({ global: [{ augment: _.randomResizedCrop({ size: 8 }) }] }),
  _.masking(_.block({ ratio: 0.5 })),
  _.vit({ patch: 4, width: 8, depth: 1, heads: 2 }),
  _.pixelReconstruction(),
  _.adamw({ lr: 1e-3 }),
  _.train({ batch: 4, steps: 2, workers: 0 }),
  _.knn({ test: _.shapes({ count: 6, size: 8, seed: 1 }), k: 3 }),
)
_.run(plan, { backend: 'cpu' })().then((result) => {
  process.stdout.write(result._tag === 'Right' ? \`\${result.right.steps} steps, \${result.right.alarms.length} alarms\n\` : _.describe(result.left))
})
`
const SETTINGS = {
  compilerOptions: {
    module: 'node20',
    target: 'es2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
    outDir: 'out',
  },
  files: ['shapes.mts', 'shapes.cts', 'half.mts', 'shown.mts', 'alone.mts'],
}

const project = (): string => {
  const root = folder({
    'shapes.mts': EXAMPLE,
    'shapes.cts': EXAMPLE,
    'half.mts': HALF,
    'alone.mts': ALONE,
    'shown.mts': SHOWN,
    'tsconfig.json': JSON.stringify(SETTINGS),
  })
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(ROOT, join(root, 'node_modules', 'ibot'))
  symlinkSync(join(ROOT, 'node_modules', '@types'), join(root, 'node_modules', '@types'))
  return root
}

const node = (cwd: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  return { status, stdout, stderr }
}

test("the example and the docs' compile; the example runs as ESM and as CommonJS", () => {
  const root = project()
  expect(node(root, join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.')).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  })
  const esm = node(root, 'out/shapes.mjs')
  expect(esm).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^(step \d: loss \d+\.\d{3}\n){3}saved in runs\/shapes\n$/),
    stderr: '',
  })
  const commonJs = node(root, 'out/shapes.cjs')
  expect(commonJs).toEqual({ ...esm, stdout: esm.stdout.replace('runs/shapes', 'runs/shapes-2') })
  // A pipeline without a teacher is one, too.
  expect(node(root, 'out/alone.mjs')).toEqual({ status: 0, stdout: '2 steps, 0 alarms\n', stderr: '' })
})

type Ibot = typeof import('../../src/index')
let ibot: Ibot
beforeAll(() => {
  ibot = createRequire(join(ROOT, 'package.json'))('ibot')
})

test('every op is exported, and nothing that makes the module a promise', () => {
  expect(Object.keys(ibot)).toEqual(expect.arrayContaining(Object.keys(ops)))
  for (const name of Object.keys(ops)) expect(ibot[name as keyof Ibot], name).toHaveProperty('spec.name', name)
  expect(
    Object.keys(ibot)
      .filter((name) => !(name in ops))
      .sort(),
  ).toEqual(['check', 'describe', 'fromYaml', 'pipe', 'pipeline', 'run', 'show'])
})

test('check, show and fromYaml', () => {
  const plan = ibot.fromYaml(TINY)
  if (plan._tag === 'Left') throw new Error(JSON.stringify(plan.left))
  expect(ibot.check(plan.right)).toEqual([])
  expect(ibot.fromYaml(ibot.show(plan.right))).toEqual(plan)
  const half = ibot.pipe(ibot.pipeline('half'), ibot.dataset({ source: ibot.shapes({ count: 0 }) }))
  const problems = ibot.check(half)
  expect(problems[0]).toMatchObject({ path: ['pipeline', 0, 'dataset', 'source', 'shapes', 'count'] })
  expect(ibot.describe({ _tag: 'Rejected', problems })).toContain('pipeline[0].dataset.source.shapes.count  expected')
  expect(ibot.fromYaml('name: [', 'x.yaml')).toMatchObject({ left: [{ file: 'x.yaml', line: 1 }] })
})
