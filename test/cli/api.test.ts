/** The package as a project of its own uses it: ESM and CommonJS, compiled against the published types. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import * as ops from '../../src/ops/all'
import { folder, ROOT, start, TINY } from './ibot'

const EXAMPLE = readFileSync(join(ROOT, 'examples', 'shapes.ts'), 'utf8')
const README = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))![1]!
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
  files: ['shapes.mts', 'shapes.cts', 'half.mts', 'readme.mts', 'alone.mts'],
}

const project = (): string => {
  const root = folder({
    'shapes.mts': EXAMPLE,
    'shapes.cts': EXAMPLE,
    'half.mts': HALF,
    'alone.mts': ALONE,
    'readme.mts': README,
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

test("the example and the README's compile; the example runs as ESM and as CommonJS", () => {
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

test('ops of your own: a plan made by constructors knows them, and a YAML text is told them', () => {
  const { augmentation, define, lossSlot, point, pointTable, pointwise, stage } = createRequire(join(ROOT, 'package.json'))(
    'ibot/define',
  ) as typeof import('../../src/define')
  const invert = define(augmentation)({
    name: 'invert',
    doc: 'Turns light into dark.',
    fields: {},
    build: () => pointwise(() => ({ name: 'invert', parameters: {}, apply: point(pointTable((x) => 255 - x)) })),
  })
  const plan = ibot.pipe(
    ibot.pipeline('own'),
    ibot.dataset(ibot.shapes({ count: 24, size: 8 })),
    ibot.views({ global: [{ times: 2, augment: [ibot.randomResizedCrop({ size: 8 }), invert({ p: 0.5 })] }] }),
    ibot.vit({ patch: 4, width: 8, depth: 1, heads: 2 }),
    ibot.projectionHead({ output: ibot.shared(16), hidden: 16, bottleneck: 8 }),
    ibot.emaTeacher(0.99),
    ibot.clsDistillation(),
    ibot.adamw({ lr: 1e-3 }),
    ibot.train({ batch: 8, steps: 1 }),
  )
  expect(ibot.check(plan)).toEqual([])
  const yaml = ibot.show(plan)
  expect(ibot.fromYaml(yaml)).toMatchObject({ left: [{ code: 'unknown-op', file: 'pipeline.yaml' }] })
  const read = ibot.fromYaml(yaml, { ops: [invert] })
  expect(read).toEqual({ _tag: 'Right', right: plan })
  expect(read._tag === 'Right' && ibot.check(read.right)).toEqual([])

  // A mistake in its parameters is told as in any other op.
  const mistaken = ibot.pipe(
    ibot.pipeline('own'),
    ibot.dataset(ibot.shapes()),
    ibot.views({ global: [{ augment: invert({ p: 2 }) }] }),
  )
  expect(ibot.check(mistaken)[0]).toMatchObject({ code: 'wrong-value', path: expect.arrayContaining(['invert', 'p']) })

  // A name stands for one op: neither of another's, nor of ibot's.
  const vit = stage(lossSlot)({
    name: 'vit',
    doc: 'No backbone.',
    needs: [],
    gives: ['loss'],
    fields: {},
    build: () => ({}) as never,
  })
  const taken = [{ code: 'user-ops', message: "there is a stage 'vit' already", suggestion: 'give it another name' }]
  expect(ibot.check(ibot.pipe(plan, vit()))).toMatchObject(taken)
  expect(ibot.fromYaml(yaml, { ops: [invert, vit] })).toMatchObject({ left: taken })
})

test('an op of a module that a program imports is made by threads, told in run.json, and asked for by commands', async () => {
  const root = folder({
    'invert.mjs': readFileSync(join(ROOT, 'examples', 'invert.mjs'), 'utf8').replace(
      "name: 'invert',",
      "name: 'invert',\n  module: import.meta.url,",
    ),
    'train.mjs': `import { describe, fromYaml, run } from 'ibot'
import { invert } from './invert.mjs'
const yaml = ${JSON.stringify(TINY.replace(/augment: \{ randomResizedCrop: (\{[^}]*\}) \}/, 'augment: [randomResizedCrop: $1, invert]').replace('steps: 4', 'steps: 1, workers: 1'))}
const told = []
const done = await run(fromYaml(yaml, { ops: [invert] }).right, { backend: 'cpu', out: 'run', onEvent: (event) => told.push(event) })()
if (done._tag === 'Left') throw new Error(describe(done.left))
console.log(JSON.stringify(told.filter(({ event }) => event === 'note' || event === 'start')))
process.exit()
`,
  })
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(ROOT, join(root, 'node_modules', 'ibot'))
  const { stdout, stderr } = node(root, 'train.mjs')
  expect(stderr).toBe('')
  const told = JSON.parse(stdout) as readonly { readonly event: string; readonly resume?: string }[]
  expect(told).toEqual([expect.objectContaining({ event: 'start', resume: 'ibot run --resume run --ops invert.mjs' })])
  expect(JSON.parse(readFileSync(join(root, 'run', 'run.json'), 'utf8')).ops).toEqual({
    augmentation: {
      invert: { module: join(realpathSync(root), 'invert.mjs'), fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
    },
  })
  const reported = await start(root, ['report', 'run', '--ops', 'invert.mjs'])
  expect(reported).toEqual({ code: 0, stdout: 'run/report.html\n', stderr: '' })
})
