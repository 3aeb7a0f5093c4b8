/** Ops of one's own: the one way to load code, and what it says of modules that are none. */
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, linkIbot, ROOT, start, TINY } from './ibot'

const example = readFileSync(join(ROOT, 'examples', 'invert.mjs'), 'utf8')
const INVERTED = TINY.replace(/augment: \{ randomResizedCrop: (\{[^}]*\}) \}/, 'augment: [randomResizedCrop: $1, invert]')

/** A folder in which ibot is installed. */
const place = (files: Readonly<Record<string, string>>): string => {
  const path = folder({ 'mine.yaml': INVERTED, 'invert.mjs': example, ...files })
  linkIbot(path)
  return path
}

test('the module in the docs is the example', () => {
  expect(readFileSync(join(ROOT, 'docs', 'own-ops.md'), 'utf8')).toContain(`\`\`\`js\n${example}\`\`\``)
})

test('a pipeline knows an op from a module that the command names, in workers too; without it the op is unknown', async () => {
  expect(INVERTED).not.toBe(TINY)
  const path = place({})
  const run = await start(path, [
    ...['run', 'mine.yaml', '--ops', 'invert.mjs', '--out', 'run', '--backend', 'cpu'],
    ...['--set', 'train.steps=2', '--set', 'train.workers=1'],
  ])
  expect(run.code, run.stderr).toBe(0)
  const resumed = await start(path, ['run', '--resume', 'run', '--backend', 'cpu'])
  expect(resumed.code).toBe(2)
  expect(resumed.stderr).toContain("unknown augmentation 'invert'")
  expect(resumed.stderr).toContain('ibot run --resume run --backend cpu --ops invert.mjs\n')
  expect(run.stderr).toContain('Ctrl-C saves and stops; ibot run --resume run --ops invert.mjs goes on')
  expect(run.stdout).toContain('ibot run run/resolved.yaml --ops invert.mjs --set train.steps=4\n')
  const explained = await start(path, ['explain', 'invert', '--ops', 'invert.mjs'])
  expect(explained.stdout).toContain('Turns light into dark')
})

test("a probe of one's own: its numbers are in the metrics, for TensorBoard, in the report, in the summary and in --json", async () => {
  const probe = readFileSync(join(ROOT, 'examples', 'nearestCentroid.mjs'), 'utf8')
  const stage = '  - nearestCentroid: { test: { shapes: { count: 12, size: 8, seed: 1 } }, every: 2 steps }\n'
  const path = place({ 'own.yaml': `${TINY}${stage}`, 'nearestCentroid.mjs': probe })
  const own = ['own.yaml', '--ops', 'nearestCentroid.mjs', '--backend', 'cpu']

  const told = await start(path, ['run', ...own, '--json', '--out', 'json'])
  expect(told.code, told.stderr).toBe(0)
  const lines = told.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const measured = lines.filter(({ event, probe }) => event === 'probe' && probe === 'nearestCentroid')
  expect(measured.map(({ step }) => step)).toEqual([0, 2, 4])
  const [before, , after] = measured.map(({ numbers }) => numbers['nearestCentroid.accuracy'])
  for (const share of [before, after]) expect(share * 12).toBeCloseTo(Math.round(share * 12), 5)
  expect(lines.at(-1).probes.nearestCentroid).toEqual({ before: { accuracy: before }, after: { accuracy: after }, baseline: {} })
  expect(Object.keys(lines.at(-1).probes)).toEqual(['knn', 'nearestCentroid'])

  const metrics = readFileSync(join(path, 'json', 'metrics.jsonl'), 'utf8')
  expect(metrics).toContain(`{"step":4,"nearestCentroid.accuracy":${after}}`)
  const events = readdirSync(join(path, 'json')).find((name) => name.startsWith('events.'))!
  expect(readFileSync(join(path, 'json', events), 'latin1')).toContain('nearestCentroid.accuracy')
  const report = readFileSync(join(path, 'json', 'report.html'), 'utf8')
  expect(report).toMatch(/<h2>nearestCentroid<\/h2><div class="charts"><figure><svg[^>]*aria-label="nearestCentroid"/)

  const said = await start(path, ['run', ...own, '--out', 'said'])
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  expect(said.stdout).toMatch(new RegExp(`^nearestCentroid  accuracy ${percent(before)} → ${percent(after)}$`, 'm'))
  expect(said.stderr).toMatch(/^nearestCentroid after step 2: accuracy \d+\.\d % \(\d+s\)$/m)
  expect(said.stderr).toMatch(/^step 4\/4 .* nearestCentroid\.accuracy \d/m)
})

/** A run's folder as far as its commands look into it first. */
const madeWith = (module: string | null): string => {
  const path = place({})
  mkdirSync(join(path, 'run'))
  writeFileSync(join(path, 'run', 'resolved.yaml'), INVERTED)
  const ops = { augmentation: { invert: { module, fingerprint: '0123456789abcdef' } } }
  writeFileSync(join(path, 'run', 'run.json'), JSON.stringify({ steps: 4, ops }))
  return path
}

test.each([
  [['report', 'run'], 'ibot report run --ops invert.mjs'],
  [['view', 'run', '--set', 'train.seed=1'], 'ibot view run --set train.seed=1 --ops invert.mjs'],
  [['view', 'pca', 'run'], 'ibot view pca run --ops invert.mjs'],
  [['export', 'run', '--to', 'timm'], 'ibot export run --to timm --ops invert.mjs'],
  [['replay', 'run'], 'ibot replay run --ops invert.mjs'],
  [['run', '--resume', 'run'], 'ibot run --resume run --ops invert.mjs'],
])('%j of a run with such an op tells the command to give, and loads nothing that a folder names', async (args, command) => {
  const path = madeWith(null)
  // It would say so if it were loaded.
  writeFileSync(join(path, 'invert.mjs'), "console.error('loaded')\n")
  const about = join(path, 'run', 'run.json')
  writeFileSync(about, readFileSync(about, 'utf8').replace('null', JSON.stringify(join(realpathSync(path), 'invert.mjs'))))
  expect(await start(path, args)).toEqual({
    code: 2,
    stdout: '',
    stderr: `run  unknown augmentation 'invert': it comes from invert.mjs\n  if you trust that code: ${command}\n\n1 problem\n`,
  })
})

test('an op whose module is gone, or that a program defined, is told; and a module that has changed', async () => {
  const gone = await start(madeWith('/nowhere/invert.mjs'), ['report', 'run'])
  expect(gone.stderr).toContain(
    "run  unknown augmentation 'invert': it comes from /nowhere/invert.mjs, which isn't there any more\n  name the module that exports it now: ibot report run --ops FILE\n",
  )
  const path = madeWith(null)
  expect((await start(path, ['report', 'run'])).stderr).toContain('a program defined it for the run')
  const changed = await start(path, ['replay', 'run', '--ops', 'invert.mjs'])
  expect(changed.stderr).toContain('invert.mjs has changed since the run began, and so may what it computes\n')
})

test.each([
  ['nowhere.mjs', 'nowhere.mjs: there is no such file\n  check the path, which starts at the current folder'],
  ['empty.mjs', "empty.mjs: exports no op\n  export what 'define' or 'stage' of 'ibot/define' gives"],
  ['broken.mjs', 'broken.mjs: cannot be loaded: it broke\n  fix the module; install what it imports beside it'],
  ['taken.mjs', "taken.mjs: there is an augmentation 'solarize' already\n  give it another name"],
])('%s is refused in words', async (file, message) => {
  const path = place({
    'empty.mjs': 'export const invert = () => 1\n',
    'broken.mjs': "throw new Error('it broke')\n",
    'taken.mjs': example.replace("'invert'", "'solarize'"),
  })
  const { code, stderr } = await start(path, ['check', 'mine.yaml', '--ops', file])
  expect({ code, stderr }).toEqual({ code: 2, stderr: `${message}\n\n1 problem\n` })
})
