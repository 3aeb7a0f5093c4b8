/** Ops of one's own in a project that makes declarations: compiled against the published types, libraries' types checked or not. */
import { spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, linkIbot, ROOT } from '../cli/ibot'

/** Every type of a field, and every kind of op that is without tensors. */
const DATA = `import { anyMask, augmentation, augmentations, choice, define, flag, inOrder, integer, list, mask, maybe, nonNegative, number, numberIn, oneOrMore, op, optional, type Picture, point, pointTable, pointwise, positive, probability, quantity, rangeWithin, required, schedule, scheduled, type Source, source, struct, text } from 'ibot/define/data'
import { check, dataset, fromYaml, pipe, pipeline, randomResizedCrop, run, views } from 'ibot'

const every = {
  a: optional(choice('a', 'b'), 'a', 'x'),
  b: optional(flag, true, 'x'),
  c: required(integer(1), 'x'),
  d: required(list(op(augmentation)), 'x'),
  e: maybe(nonNegative, 'x'),
  f: maybe(number, 'x'),
  g: maybe(numberIn(0, 1), 'x'),
  h: required(oneOrMore(op(mask)), 'x'),
  i: maybe(positive, 'x'),
  j: maybe(probability, 'x'),
  k: maybe(rangeWithin(0, 1), 'x'),
  l: maybe(scheduled, 'x'),
  m: required(struct({ n: required(text, 'x'), o: maybe(op(quantity), 'x') }), 'x'),
  p: maybe(augmentations, 'x'),
  q: maybe(anyMask, 'x'),
}
export const invert = define(augmentation)({
  name: 'invert',
  doc: 'x',
  module: import.meta.url,
  fields: every,
  main: 'c',
  build: () => pointwise(() => ({ name: 'invert', parameters: {}, apply: point(pointTable((x) => 255 - x)) })),
})
export const both = define(augmentation)({ name: 'both', doc: 'x', fields: { of: required(augmentations, 'x') }, build: ({ of }) => inOrder(of) })
export const rising = define(schedule)({ name: 'rising', doc: 'x', fields: { to: required(op(schedule), 'x') }, build: ({ to }) => to })
export const shadow = define(mask)({ name: 'shadow', doc: 'x', fields: { of: required(anyMask, 'x') }, build: ({ of }) => of })
export const mine = define(source)({ name: 'mine', doc: 'x', fields: {}, build: () => () => { throw new Error('none') } })
export const looks = (source: Source, picture: Picture) => [source, picture]
export const start = pipe(
  pipeline('x'),
  dataset(mine()),
  views({ global: [{ augment: [randomResizedCrop({ size: 8 }), both({ of: invert({ c: 1, d: [], h: [], m: { n: 'a' } }) })] }] }),
)
export const problems = check(start)
export const plan = fromYaml('x', { ops: [invert, both, rising, shadow, mine] })
export const train = run
`

/** What takes tensors. */
const NETWORK = `import { type Loss, lossSlot, optional, positive, stage } from 'ibot/define'

export const mine = stage(lossSlot)({
  name: 'mine',
  doc: 'x',
  needs: ['teacher', 'logits.cls'],
  gives: ['loss'],
  fields: { weight: optional(positive, 1, 'x') },
  build: ({ weight }): Loss => { throw new Error(String(weight)) },
})
`

/** Compiles files with declarations; gives what the compiler says. */
const compiled = (files: Readonly<Record<string, string>>, settings: object) => {
  const compilerOptions = {
    module: 'node20',
    target: 'es2022',
    strict: true,
    declaration: true,
    types: ['node'],
    outDir: 'out',
    ...settings,
  }
  const root = folder({ ...files, 'tsconfig.json': JSON.stringify({ compilerOptions, files: Object.keys(files) }) })
  linkIbot(root)
  symlinkSync(join(ROOT, 'node_modules', '@types'), join(root, 'node_modules', '@types'))
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], { cwd: root, encoding: 'utf8' })
  const declared = (name: string): string => readFileSync(join(root, 'out', name), 'utf8')
  return { stdout, declared }
}

test("ibot's own types and those of ibot/define/data stand every check, with declarations", () => {
  const { stdout, declared } = compiled({ 'data.mts': DATA }, { skipLibCheck: false, exactOptionalPropertyTypes: true })
  expect(stdout).toBe('')
  expect(declared('data.d.mts')).toContain('import("ibot/define/data").Op<"augmentation">')
})

test('ops of tensors compile with declarations', () => {
  const { stdout, declared } = compiled({ 'network.mts': NETWORK }, { skipLibCheck: true })
  expect(stdout).toBe('')
  expect(declared('network.d.mts')).toContain('import("ibot/define").StageSpec')
})

test("where libraries' types are checked too, tfjs's own are at odds with TypeScript's about WebGPU, and nothing else is wrong", () => {
  const { stdout } = compiled({ 'network.mts': NETWORK }, { skipLibCheck: false })
  const others = stdout
    .split('\n')
    .filter((line) => /^\S/.test(line) && !/@webgpu\/types|lib\.(dom|webworker)[\w.]*\.d\.ts/.test(line))
  expect(others).toEqual([])
})
