/** Ops of one's own in a TypeScript program: a plan knows the ops that it was made with. */
import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, linkIbot, ROOT, start, TINY } from '../cli/ibot'

const load = createRequire(join(ROOT, 'package.json'))
const ibot = load('ibot') as typeof import('../../src/index')
const { augmentation, define, lossSlot, point, pointTable, pointwise, stage } = load(
  'ibot/define',
) as typeof import('../../src/define/all')

test('ops of your own: a plan made by constructors knows them, and a YAML text is told them', () => {
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
  linkIbot(root)
  const { stdout, stderr } = spawnSync(process.execPath, ['train.mjs'], { cwd: root, encoding: 'utf8' })
  expect(stderr).toBe('')
  const told = JSON.parse(stdout) as readonly { readonly event: string; readonly message?: string; readonly resume?: string }[]
  expect(told.find(({ event }) => event === 'start')?.resume).toBe('ibot run --resume run --ops invert.mjs')
  expect(told.filter(({ message = '' }) => message.includes('main thread'))).toEqual([])
  expect(JSON.parse(readFileSync(join(root, 'run', 'run.json'), 'utf8')).ops).toEqual({
    augmentation: {
      invert: { module: join(realpathSync(root), 'invert.mjs'), fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
    },
  })
  const reported = await start(root, ['report', 'run', '--ops', 'invert.mjs'])
  expect(reported).toEqual({ code: 0, stdout: 'run/report.html\n', stderr: '' })
})
