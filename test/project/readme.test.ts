/** What the README shows is true. Its TypeScript is compiled by test/cli/api.test.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { readPlan } from '../../src/dsl/read'
import { renderProblem } from '../../src/dsl/render'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { openPlan } from '../../src/program/openPlan'

const ROOT = join(__dirname, '..', '..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const yaml = /```yaml\n([\s\S]*?)```/.exec(README)![1]!

test('its pipeline is well-formed, fits its data and makes a program', async () => {
  const read = readPlan(registry, 'README.md', yaml, [], crossCheck(registry))
  expect(E.isRight(read) || read.left).toBe(true)
  if (E.isLeft(read)) return
  const opened = await openPlan(read.right.plan)()
  expect(E.isRight(opened) || opened.left).toBe(true)
})

const blocksOf = (text: string): readonly string[] => [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block!)

/** Stages that stand alone belong into a pipeline: the README's first. */
const wholeOf = (block: string): string =>
  block.startsWith('- ') ? `${yaml.trimEnd()}\n${block.replace(/^(?=.)/gm, '  ')}` : block

test.each(['README.md', 'docs/evaluation.md'])('%s: its other pipelines, and stages for one, are well-formed', (file) => {
  const others = blocksOf(readFileSync(join(ROOT, file), 'utf8')).filter((block) => block !== yaml && /^(name:|- |#)/.test(block))
  expect(others.length).toBeGreaterThan(0)
  for (const block of others) {
    const read = readPlan(registry, file, wholeOf(block), {}, crossCheck(registry))
    expect(E.isRight(read) || read.left).toBe(true)
  }
})

test('its example of a mistake is what the mistake looks like', () => {
  const mistaken = yaml.replace('{ patch: 8, width: 96, ', '{ patch: 8, widht: 96, ')
  const read = readPlan(registry, 'my.yaml', mistaken)
  expect(E.isLeft(read) && read.left.length).toBe(1)
  if (E.isRight(read)) return
  const shown = /```\n\$ npx ibot check my\.yaml\n([\s\S]*?)```/.exec(README)![1]!
  expect(`${renderProblem(read.left[0]!)}\n`).toBe(shown)
})

test('the files that it names exist', () => {
  const named = [...README.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path!)
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test('the commands that it names are those of the command line', () => {
  const folder = join(ROOT, 'src', 'cli', 'command')
  const defined = readdirSync(folder).map((file) => /new Command\('(\w+)'\)/.exec(readFileSync(join(folder, file), 'utf8'))?.[1])
  const named = [...README.matchAll(/^\| `ibot (\w+)/gm)].map(([, command]) => command!)
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((command) => !defined.includes(command))).toEqual([])
})
