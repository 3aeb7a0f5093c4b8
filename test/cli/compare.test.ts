/** `ibot compare`: runs of other pipelines, engines and versions, finished or not. */
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, start, TINY } from './ibot'

const OLD = join(__dirname, '..', 'store', 'oldRun')

/** A folder with two runs of this version that were never computed, and one of an earlier one that stopped after three steps. */
const withRuns = async (): Promise<string> => {
  const cwd = folder({ 'tiny.yaml': TINY })
  mkdirSync(join(cwd, 'runs'))
  cpSync(OLD, join(cwd, 'runs', 'old'), { recursive: true })
  const ran = await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu', '--out', 'runs/a'])
  expect(ran.code).toBe(0)
  return cwd
}

/** What of a text is the same on every machine. */
const plain = (text: string) =>
  text
    .replace(/\d+\.\d+/g, '#')
    .replace(/^(images\/s|seconds) .*\n/gm, '')
    .replace(/(?<=\S) {2,}/g, '  ')
    .replace(/^ +/gm, '  ')

test('a table of what was measured, and of what differs; a page; JSON', async () => {
  const cwd = await withRuns()
  // The same run with another seed, as far as its folder tells, two alarms and a picture that was listed twice.
  const b = join(cwd, 'runs', 'b')
  cpSync(join(cwd, 'runs', 'a'), b, { recursive: true })
  const edit = (file: string, change: (text: string) => string) => {
    writeFileSync(join(b, file), change(readFileSync(join(b, file), 'utf8')))
  }
  edit('resolved.yaml', (text) => text.replace('seed: 0\n', 'seed: 7\n').replace('depth: 1', 'depth: 2'))
  edit('run.json', (text) => text.replace('"backend": "cpu"', '"backend": "wasm"'))
  edit('metrics.jsonl', (text) =>
    text.replace(/"loss":[\d.]+/g, '"loss":1.5').replace(/"knn.accuracy":[\d.]+(?=[^\n]*\n$)/, '"knn.accuracy":1'),
  )
  appendFileSync(join(b, 'alarms.jsonl'), '{"alarm":"copiedTeacher","step":3}\n{"alarm":"diverging","step":4}\n{"ala')
  appendFileSync(join(b, 'damaged.jsonl'), '{"path":"x.png","image":3,"reason":"r"}\n{"path":"x.png","image":3,"reason":"r"}\n')
  const evaluation = {
    probe: 'knn',
    stage: { knn: { k: [5] } },
    network: 'teacher',
    step: 4,
    numbers: { accuracy: 0.75 },
    intervals: { accuracy: { low: 0.5, high: 0.875 } },
    baseline: {},
    metrics: { accuracy: { doc: 'd', format: 'percent', better: 'higher' } },
    damaged: 0,
    seconds: 1,
    backend: 'cpu',
    time: '2026-01-01T00:00:00.000Z',
  }
  appendFileSync(join(b, 'eval.jsonl'), `${JSON.stringify(evaluation)}\n`)

  const { code, stdout, stderr } = await start(cwd, ['compare', 'runs/a', 'runs/b', '--out', 'page.html'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(plain(stdout)).toMatchInlineSnapshot(`
    "  a  b
    steps  4  4
    loss  #  # *
    clsDistillation.loss  #  #
    maskedImageModeling.loss  #  #
    knn.accuracy  # % → # %  # % → # % *
    knn.pixels  # %  # %
    knn.accuracy (eval)  –  # % (# – # %)
    alarms  none  copiedTeacher, diverging
    damaged  0  1
    * the best

    what differs between the pipelines
      a  b
    vit.depth  1  2
    train.seed  0  7

    what they were made with
      a  b
    backend  cpu  wasm

    page.html
    "
  `)

  const page = readFileSync(join(cwd, 'page.html'), 'utf8')
  expect(page).not.toMatch(/(?:src|href)="http/)
  for (const title of ['loss', 'knn.accuracy', 'gradientNorm']) expect(page).toContain(`aria-label="${title}"`)
  expect(page).toContain('<b>1.500</b>')
  expect(page).toContain('vit.depth')
  expect(await start(cwd, ['compare', 'runs/a', 'runs/b', '--out', 'page.html'])).toMatchObject({ code: 3, stdout: '' })

  const told = JSON.parse((await start(cwd, ['compare', 'runs/a', 'runs/b', '--json'])).stdout)
  expect(told).toMatchObject({ ok: true, runs: ['runs/a', 'runs/b'], page: null })
  expect(told.differences.pipeline).toEqual([
    { path: 'vit.depth', values: [1, 2] },
    { path: 'train.seed', values: [0, 7] },
  ])
  expect(told.differences.environment).toEqual([{ path: 'backend', values: ['cpu', 'wasm'] }])
  const measure = (name: string) => told.measures.find((one: { name: string }) => one.name === name)
  expect(measure('knn.accuracy (eval)').cells).toEqual([null, { value: 0.75, interval: { low: 0.5, high: 0.875 } }])
  expect(measure('alarms').cells[1]).toEqual({ value: 2, names: ['copiedTeacher', 'diverging'] })
  expect(measure('damaged').cells).toEqual([{ value: 0 }, { value: 1 }])

  // A run of an earlier version, of another pipeline, that isn't at its end; and one that has measured nothing yet.
  rmSync(join(b, 'metrics.jsonl'))
  const others = JSON.parse((await start(cwd, ['compare', 'runs/a', 'runs/old', 'runs/b', '--json'])).stdout)
  const cells = Object.fromEntries(others.measures.map((one: { name: string; cells: unknown }) => [one.name, one.cells]))
  expect(cells.steps).toEqual([{ value: 4 }, { value: 3, of: 6 }, { value: 0, of: 4 }])
  expect(cells['pixelReconstruction.loss']).toEqual([null, { value: expect.any(Number) }, null])
  expect(cells.loss[2]).toBeNull()
  expect(cells['knn.accuracy'][1]).toMatchObject({ before: 0.2 })
  expect(others.differences.pipeline).toContainEqual({ path: 'name', values: ['tiny', 'old', 'tiny'] })

  // With an op of the user's own that isn't named, or of another version.
  edit('resolved.yaml', (text) => text.replace('projectionHead:', 'ownHead:'))
  const unread = await start(cwd, ['compare', 'runs/a', 'runs/b', '--json'])
  expect(unread).toMatchObject({
    code: 0,
    stderr: "the pipeline of runs/b is compared as it is written: unknown stage 'ownHead'\n",
  })
  const paths = JSON.parse(unread.stdout).differences.pipeline.map(({ path }: { path: string }) => path)
  expect(paths).toEqual(['vit.depth', 'projectionHead', 'train.seed', 'ownHead'])
})

test('a single run, a folder that is none, the same run twice: problems in words', async () => {
  const cwd = folder()
  mkdirSync(join(cwd, 'runs'))
  cpSync(OLD, join(cwd, 'runs', 'old'), { recursive: true })
  const refused = async (...runs: readonly string[]) => {
    const { code, stdout, stderr } = await start(cwd, ['compare', ...runs])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    return stderr
  }
  expect(await refused('runs/old')).toMatchInlineSnapshot(`
    "runs/old  a run alone has nothing to be compared with
      name another one; what there is of it: ibot report runs/old

    1 problem
    "
  `)
  expect(await refused('runs/old', './runs/old/', 'runs/odl', 'runs')).toMatchInlineSnapshot(`
    "runs/odl  there is no run in this folder to compare
      did you mean 'runs/old'?

    runs  there is no run in this folder to compare
      runs are in runs/

    ./runs/old/  this is the run in runs/old again
      name each run once

    3 problems
    "
  `)
  const { code, stdout } = await start(cwd, ['compare', 'runs/old', 'runs/old', '--json'])
  expect({ code, problems: JSON.parse(stdout).problems.length }).toEqual({ code: 2, problems: 1 })
})
