/** What the README and the docs show is true. Their TypeScript is compiled by test/cli/api.test.ts, the tutorial done by tutorial.test.ts. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { readPlan } from '../../src/dsl/read'
import { renderProblem } from '../../src/dsl/render'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { openPlan } from '../../src/program/openPlan'
import { blocks, DOCS, exists, ROOT, read, spans } from './documents'

const README = read('README.md')
const [short] = blocks(README, 'yaml')
const [whole] = blocks(read('docs/pipelines.md'), 'yaml')

test('the README is short, and so is its pipeline', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(150)
  expect(short!.trimEnd().split('\n').length).toBeLessThanOrEqual(15)
})

test.each([
  ['README.md', short!],
  ['docs/pipelines.md', whole!],
])('%s: its pipeline is well-formed, fits its data and makes a program', async (file, text) => {
  const plan = readPlan(registry, file, text, [], crossCheck(registry))
  expect(E.isRight(plan) || plan.left).toBe(true)
  if (E.isLeft(plan)) return
  const opened = await openPlan(plan.right.plan)()
  expect(E.isRight(opened) || opened.left).toBe(true)
})

type Stage = Readonly<Record<string, unknown>>

/** A pipeline with other stages: each in the place of the one of its name, or at the end. */
const withStages = (stages: readonly (Stage | string)[]): string => {
  const { name, pipeline } = parse(whole!) as { readonly name: string; readonly pipeline: readonly Stage[] }
  const nameOf = (stage: Stage | string): string => (typeof stage === 'string' ? stage : Object.keys(stage)[0]!)
  const names = new Set(pipeline.map(nameOf))
  const replaced = pipeline.map((stage) => stages.find((other) => nameOf(other) === nameOf(stage)) ?? stage)
  return stringify({ name, pipeline: [...replaced, ...stages.filter((stage) => !names.has(nameOf(stage)))] })
}

/** Pictures of a probe, as a recipe has them. */
const PICTURES = { test: { imageFolder: 'data/val' }, prepare: [{ resize: 256 }, { centerCrop: 224 }] }

/** What a block stands for: a pipeline, stages of one, or what is written inside of a probe. */
const pipelineOf = (block: string): string =>
  /^name:/m.test(block)
    ? block
    : block.startsWith('- ')
      ? withStages(parse(block) as readonly Stage[])
      : withStages([{ linearProbe: { ...PICTURES, ...(parse(block) as object) } }])

/** Two have tests of their own: ops.test.ts decodes the examples of the reference, scaling.test.ts reads manifests and stages. */
const ELSEWHERE = ['docs/ops.md', 'docs/scaling.md']
const WRITTEN = ['README.md', ...DOCS.filter((file) => !ELSEWHERE.includes(file))]
const YAML = WRITTEN.flatMap((file) => blocks(read(file), 'yaml').map((block, i) => [`${file}, ${i + 1}`, block] as const))

test.each(YAML)('%s: its YAML is well-formed', (place, block) => {
  const plan = readPlan(registry, place, pipelineOf(block), {}, crossCheck(registry))
  expect(E.isRight(plan) || plan.left).toBe(true)
})

test('there is YAML to look at', () => {
  expect(YAML.length).toBeGreaterThan(12)
})

test('its example of a mistake is what the mistake looks like', () => {
  const mistaken = whole!.replace('{ patch: 8, width: 96, ', '{ patch: 8, widht: 96, ')
  const plan = readPlan(registry, 'my.yaml', mistaken)
  expect(E.isLeft(plan) && plan.left.length).toBe(1)
  if (E.isRight(plan)) return
  const shown = /```\n\$ npx ibot check my\.yaml\n([\s\S]*?)```/.exec(read('docs/pipelines.md'))![1]!
  expect(`${renderProblem(plan.left[0]!)}\n`).toBe(shown)
})

const COMMANDS = join(ROOT, 'src', 'cli', 'command')

/** Every command of the command line, by its name. */
const defined = async (): Promise<ReadonlyMap<string, () => CommandUnknownOpts>> => {
  const modules = await Promise.all(readdirSync(COMMANDS).map((file): Promise<object> => import(join(COMMANDS, file))))
  const makers = modules
    .flatMap((module): readonly (readonly [string, unknown])[] => Object.entries(module))
    .filter(([name]) => name.endsWith('Command'))
    .map(([, make]) => make as () => CommandUnknownOpts)
  return new Map(makers.map((make) => [make().name(), make]))
}

/** The words of a line as a shell takes them, without its comment. */
const words = (line: string): readonly string[] =>
  [...line.replace(/\s# .*$/, '').matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+(?:'[^']*'|"[^"]*")?)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare!.replace(/['"]/g, ''),
  )

/** What a document has its reader type: lines of its blocks for a shell, and commands in its text. */
const typed = (file: string): readonly string[] => [
  ...blocks(read(file), 'sh').flatMap((block) => block.trim().split('\n')),
  ...blocks(read(file), '').flatMap((block) =>
    block.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : [])),
  ),
  ...spans(read(file)).filter((span) => /^(npx )?(ibot|npm|npx) /.test(span)),
]

/** Each with its file; several in one line are taken apart. */
const TYPED = ['README.md', ...DOCS].flatMap((file) =>
  typed(file).flatMap((line) => line.split(/ && | \| /).map((command) => [file, command.trim()] as const)),
)
const IBOT = TYPED.flatMap(([file, command]) => {
  const [, line] = /^(?:npx )?ibot (.*)$/.exec(command) ?? []
  return line === undefined ? [] : [[file, line] as const]
})

/** The options of a line; a word in capitals stands for one of the choices. */
const filledIn = (command: CommandUnknownOpts, line: readonly string[]) =>
  command.parseOptions(
    line.map((word, i) => {
      const choices = command.options.find(({ long }) => long === line[i - 1])?.argChoices
      return choices !== undefined && /^[A-Z]+$/.test(word) ? choices[0]! : word
    }),
  )

test('there are commands to look at', () => {
  expect(IBOT.length).toBeGreaterThan(60)
})

test.each(IBOT)('%s: ibot %s is a command with such options', async (_, line) => {
  const commands = await defined()
  const [name, ...rest] = words(line)
  const below = rest[0] !== undefined && name === 'view' && commands.has(rest[0]) ? rest[0] : undefined
  const command = commands.get(below ?? name!)
  expect(command, name).toBeDefined()
  const { operands, unknown } = filledIn(command!().exitOverride(), rest.slice(below === undefined ? 0 : 1))
  expect(unknown).toEqual([])
  const files = operands.filter((operand) => /^(pipelines|examples)\//.test(operand) && !operand.includes('…'))
  expect(files.filter((file) => !exists(file))).toEqual([])
})

test('the scripts that the README and the docs name exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
  const named = TYPED.flatMap(([, command]) => {
    const [, script] = /^npm (?:run )?(test|(?<=run )[\w:-]+)/.exec(command) ?? []
    return script === undefined ? [] : [script]
  })
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((script) => !(script in scripts))).toEqual([])
})

test('the benchmarks that the README names are measured', () => {
  const bench = read('bench/README.md')
  const named = [...README.matchAll(/^\|.*\| ([^|]*) \| `npm run bench -- ([\w-]+)` \|$/gm)].map(([, ratio, name]) => [
    ratio!,
    name!,
  ])
  expect(named.length).toBeGreaterThan(5)
  for (const [ratio, name] of named) {
    const line = bench.split('\n').find((one) => one.startsWith(`| \`${name}\` |`))
    expect(line, name).toBeDefined()
    const numbers = ratio!.match(/\d\.\d+/g)!
    expect(numbers.filter((number) => !line!.includes(number))).toEqual([])
  }
})

test('docs/commands.md has a line for each command, and no other', async () => {
  const named = [...read('docs/commands.md').matchAll(/^\| `ibot (\w+)/gm)].map(([, command]) => command!)
  const below = ['attention', 'pca', 'correspondence']
  expect([...new Set(named)].sort()).toEqual([...(await defined()).keys()].filter((name) => !below.includes(name)).sort())
})
