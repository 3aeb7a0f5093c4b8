/** What the compiler says of a pipeline whose stages don't fit together: one error, which ends in words. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isStage } from '../../src/dsl/registry'
import { FACTS } from '../../src/dsl/spec'
import { registry } from '../../src/ops/registry'
import { ROOT } from '../cli/ibot'

const HEAD = `const seen = pipe(pipeline('a'), dataset(fashionMnist()), views({ global: [{ augment: horizontalFlip() }] }))
const network = pipe(seen, vitSmall(), projectionHead({ output: shared(64) }), emaTeacher(0.99))
const own = stage(lossSlot)({
  ...{ name: 'own', doc: 'Compares colours.', needs: ['views', 'labels', 'mask'], gives: ['loss'], fields: {} },
  build: () => ({ schedules: {}, learn: () => tf.scalar(0) }),
})`

const CASES: readonly (readonly [code: string, message: string])[] = [
  ['pipe(network, maskedImageModeling())', "'maskedImageModeling' needs 'mask': put masking(…) above it"],
  [
    'pipe(network, maskedImageModeling(), adamw({ lr: 1 }), train({ batch: 2, steps: 1 }))',
    "'maskedImageModeling' needs 'mask': put masking(…) above it",
  ],
  ['pipe(seen, clsDistillation())', "'clsDistillation' needs 'teacher': put emaTeacher(…) above it"],
  ['pipe(pipeline("a"), vitSmall())', "'backbone' needs 'views': put views(…) above it"],
  ['pipe(seen, projectionHead({ output: shared(64) }))', "'head' needs 'tokens.cls': put vitSmall(…) above it"],
  ['pipe(network, crossEntropy())', "'crossEntropy' needs 'logits.class': put classifier(…) above it"],
  ['pipe(network, train({ batch: 2, steps: 1 }))', "'training' needs 'loss': put clsDistillation(…) above it"],
  ['pipe(network, knn({ test: fashionMnist() }))', "'knn' needs 'training': put train(…) above it"],
  ['pipe(seen, own())', "'own' needs 'mask': put masking(…) above it"],
  ['pipe(network, swinTiny({ window: 7 }))', "a second 'backbone': keep one of the two"],
  ['pipe(seen, dataset(fashionMnist()))', "a second 'dataset': keep one of the two"],
  ['run(network)', "a run needs 'loss': put clsDistillation(…) into the pipeline"],
  ['run(pipe(network, clsDistillation()))', "a run needs 'optimizer': put adamw(…) into the pipeline"],
]

const FILE = 'cases.ts'
const said: string[] = []
const root = mkdtempSync(join(tmpdir(), 'ibot-types-'))

afterAll(() => rmSync(root, { recursive: true, force: true }))

beforeAll(() => {
  const from = (name: string) => `'${relative(root, join(ROOT, 'src', name))}'`
  const names = [...new Set([...`${HEAD}${CASES.map(([code]) => code)}`.matchAll(/\b(\w+)\(/g)].map(([, name]) => name!))]
  const head = [
    `import { ${names.filter((name) => !['own', 'stage', 'scalar', 'build', 'learn'].includes(name)).join(', ')} } from ${from('index')}`,
    `import { lossSlot, stage, tf } from ${from('define/all')}`,
    HEAD,
  ].join('\n')
  const first = head.split('\n').length + 1
  writeFileSync(join(root, FILE), [head, ...CASES.map(([code], i) => `export const case${i} = ${code}`)].join('\n'))
  const options = { noEmit: true, incremental: false, noUnusedLocals: false, typeRoots: [join(ROOT, 'node_modules', '@types')] }
  writeFileSync(
    join(root, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions: options, include: [FILE] }),
  )
  const { bin } = createRequire(__filename)('typescript/package.json') as { readonly bin: { readonly tsc: string } }
  const tsc = join(ROOT, 'node_modules', 'typescript', bin.tsc)
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', root, '--pretty', 'false'], { cwd: root, encoding: 'utf8' })
  for (const error of stdout.split(/^(?=\S)/m)) {
    const line = Number(/^cases\.ts\((\d+),/.exec(error)?.[1])
    said[line - first] = `${said[line - first] ?? ''}${error}`
  }
})

test.each(CASES.map(([code, message], i) => ({ code, message, i })))('$code: $message', ({ message, i }) => {
  const lines = (said[i] ?? '').trimEnd().split('\n')
  expect(lines.filter((line) => /error TS\d+/.test(line))).toHaveLength(1)
  expect(lines.at(-1)).toContain(`is not assignable to type '"${message}"'.`)
  expect(lines.join('\n')).not.toMatch(/[Ii]ndex signature/)
})

test('what messages name for a fact is a stage that gives it', () => {
  for (const [fact, name] of Object.entries(FACTS)) {
    const spec = registry.ops.find((one) => isStage(one) && one.name === name)
    expect(spec !== undefined && isStage(spec) && spec.gives.map(String), fact).toContain(fact)
  }
})
