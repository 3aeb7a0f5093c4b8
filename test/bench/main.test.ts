/** `npm run bench` as a process of its own. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BENCHMARKS, named } from '../../bench/benchmarks/all'
import { graphicsCards } from '../../src/io/graphicsCards'

const ROOT = join(__dirname, '..', '..')
const { IBOT_PYTHON: _python, IBOT_OFFICIAL: _official, FORCE_COLOR: _color, ...env } = process.env

const bench = (...given: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...given], { cwd: ROOT, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })

test('--list names every benchmark', async () => {
  const { code, out } = await bench('--list')
  expect(code).toBe(0)
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
  ).toEqual(BENCHMARKS.map(({ name }) => name))
})

test('without the official code a comparison says what it needs, and nothing has failed', async () => {
  const { code, out } = await bench('step-fp32', 'knn', '--json')
  expect(code).toBe(0)
  const [step, knn] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(Object.keys(step)).toEqual(['name', 'notRun'])
  expect(step).toMatchObject({ name: 'step-fp32', notRun: expect.stringMatching(/IBOT_PYTHON.*IBOT_OFFICIAL/) })
  expect(knn).toMatchObject({ name: 'knn', notRun: expect.stringContaining('IBOT_PYTHON') })
  const table = await bench('step-fp32')
  expect(table.code).toBe(0)
  expect(table.out).toMatch(/^step-fp32 +not run: IBOT_PYTHON/m)
})

test.skipIf(graphicsCards().drivers.nvidia !== undefined)('what needs a GPU says so where there is none', async () => {
  const { code, out } = await bench('gpu', '--json')
  expect(code).toBe(0)
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(3)
  for (const { notRun } of lines) expect(notRun).toMatch(/^there is no NVIDIA GPU here/)
})

test('what can be measured alone is measured', async () => {
  const { code, out } = await bench('leak', '--steps', '4', '--backend', 'cpu', '--json')
  expect(code).toBe(0)
  const [memory, tensors] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(memory).toEqual({ name: 'leak', ratio: null, ours: expect.any(Number), theirs: null, unit: '% more memory', rounds: 1 })
  expect(tensors).toMatchObject({ name: 'leak-tensors', ours: 0, unit: 'more tensors' })
})

test('a folder is opened beside find, which must be found', async () => {
  const { code, out } = await bench('index', '--small', '--rounds', '1', '--json')
  expect(code).toBe(0)
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  if ('notRun' in lines[0]) expect(lines[0].notRun).toContain("find can't be run")
  else
    expect(lines).toEqual([
      { name: 'index', ratio: expect.any(Number), ours: expect.any(Number), theirs: expect.any(Number), unit: 's', rounds: 1 },
      { name: 'index-memory', ratio: null, ours: expect.any(Number), theirs: null, unit: 'MB', rounds: 1 },
    ])
})

test.each([
  [['step-fp23'], "there is no benchmark 'step-fp23'; did you mean 'step-fp32'?"],
  [['nothing-like-it'], "there is no benchmark 'nothing-like-it'; '--list' names all"],
  [[], "name what to measure; '--list' names all"],
  [['knn', '--rounds', '0'], 'It must be a positive integer'],
  [['knn', '--backend', 'abacus'], 'abacus'],
])('wrong arguments %j say what is wrong, and nothing runs', async (given, expected) => {
  const { code, out, err } = await bench(...given)
  expect(code).toBe(2)
  expect(err).toContain(expected)
  expect(out).toBe('')
})

test('two processes reduce values beside a copy of as many bytes', async () => {
  const { code, out } = await bench('scale-allreduce', '--small', '--rounds', '1', '--json')
  expect(code).toBe(0)
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ name }) => name)).toEqual(['', '-buckets', '-unix', '-unix-buckets'].map((end) => `scale-allreduce${end}`))
  for (const line of lines) expect(line).toMatchObject({ ratio: expect.any(Number), unit: 's', rounds: 1 })
})

test('a name stands for its benchmark, or for all that begin with it', () => {
  const names = (name: string) => named(name).map((one) => one.name)
  expect(names('step-fp32')).toEqual(['step-fp32'])
  expect(names('startup')).toEqual(['startup-vit-s', 'startup-vit-l'])
  expect(names('saving').length).toBe(3)
  expect(names('ste')).toEqual([])
})

test('bench/README.md has a line for every benchmark, and no other', () => {
  const readme = readFileSync(join(ROOT, 'bench', 'README.md'), 'utf8')
  expect([...readme.matchAll(/^\| `([a-z][a-z0-9-]*)` /gm)].map(([, name]) => name)).toEqual(BENCHMARKS.map(({ name }) => name))
})
