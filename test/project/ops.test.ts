/** The list of ops as a whole. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { decoder } from '../../src/dsl/decode'
import { exampleOf } from '../../src/dsl/example'
import { opsMarkdown } from '../../src/dsl/markdown'
import { isStage } from '../../src/dsl/registry'
import { op } from '../../src/dsl/type'
import * as all from '../../src/ops/all'
import * as data from '../../src/ops/data'
import { registry } from '../../src/ops/registry'
import { figureMarkdown } from '../docs/figures'
import { stale } from '../stale'

test('an op has one name, in YAML, in TypeScript and among all kinds', () => {
  expect(Object.entries(all).filter(([name, make]) => make.spec.name !== name)).toEqual([])
  expect(new Set(registry.ops.map((spec) => spec.name)).size).toBe(registry.ops.length)
})

test.each(registry.ops)('$name has an example that decodes', (spec) => {
  const example = exampleOf(registry, spec)
  expect(example).toBeDefined()
  expect(E.isRight(decoder(registry, op(spec.kind)).decode(example))).toBe(true)
})

test.each(registry.ops)('$name says what it is in whole sentences, and so do its parameters', (spec) => {
  expect(spec.doc).toMatch(/^[A-Z[].*\.$/s)
  for (const field of Object.values(spec.fields)) expect(field.doc).toMatch(/^\S.*\S$/s)
})

test('docs/ops.md is up to date', () => {
  const expected = opsMarkdown(registry, (spec) => figureMarkdown(registry, spec))
  expect(readFileSync(join(__dirname, '..', '..', 'docs', 'ops.md'), 'utf8'), stale('docs/ops.md')).toBe(expected)
})

test('docs/problems.md has a row for every code of a problem', () => {
  const documented = [
    ...readFileSync(join(__dirname, '..', '..', 'docs', 'problems.md'), 'utf8').matchAll(/^\| `([a-z0-9-]+)`\s*\|/gm),
  ].map(([, code]) => code)
  expect(new Set(documented).size).toBe(documented.length)
  expect([...codesInSource()].sort()).toEqual([...documented].sort())
})

/** Every `code` that a source file gives a problem. */
const codesInSource = (): ReadonlySet<string> => {
  const src = join(__dirname, '..', '..', 'src')
  // In the C API's structs a code is a number.
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && file !== join('xla', 'structs.ts'),
  )
  const found = files.flatMap((file) =>
    [...readFileSync(join(src, file), 'utf8').matchAll(/(?:code: |mistake\(\s*|aboutFile\([^']*)'([a-z0-9-]+)'/g)].map(
      ([, code]) => code!,
    ),
  )
  return new Set(found)
}

test('workers know every source, augmentation and mask, and the stages that these belong to', () => {
  const kinds = ['source', 'augmentation', 'mask']
  const stages = ['dataset', 'views', 'masking']
  const needed = registry.ops.filter(({ kind, name }) => kinds.includes(kind.name) || stages.includes(name))
  expect(needed.map(({ name }) => name).filter((name) => !(name in data))).toEqual([])
})

test('a slot that holds one stage is filled by stages that give something, so that the types see a second one', () => {
  const single = registry.ops.filter(isStage).filter(({ slot }) => !slot.many)
  expect(single.length).toBeGreaterThan(10)
  expect(single.filter(({ gives }) => gives.length === 0).map(({ name }) => name)).toEqual([])
})
