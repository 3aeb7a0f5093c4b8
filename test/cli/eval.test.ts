/** `ibot eval`: a run's network measured by probes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { Evaluation } from '../../src/store/evaluations'
import { folder, start, TINY, WITHOUT_TENSORFLOW } from './ibot'

const lines = (path: string): readonly Evaluation[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a run is measured by the probes of its pipeline as during the training, and by others; all of it is kept and reported', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  const trained = await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu', '--out', 'tiny', '--json'])
  expect(trained.code).toBe(0)
  const { probes } = JSON.parse(trained.stdout.trim().split('\n').at(-1)!)
  const measure = (...args: readonly string[]) => start(cwd, ['eval', 'tiny', '--backend', 'cpu', ...args], WITHOUT_TENSORFLOW)

  const own = await measure('--json')
  expect(own).toMatchObject({ code: 0, stderr: '' })
  const { evaluations } = JSON.parse(own.stdout) as { readonly evaluations: readonly Evaluation[] }
  expect(evaluations).toHaveLength(1)
  const [knn] = evaluations
  expect(knn).toMatchObject({ probe: 'knn', network: 'teacher', numbers: probes.knn.after, baseline: probes.knn.baseline })
  const { low, high } = knn!.intervals.accuracy!
  expect(low).toBeLessThanOrEqual(knn!.numbers.accuracy!)
  expect(high).toBeGreaterThanOrEqual(knn!.numbers.accuracy!)

  const other = await measure('--probe', 'clustering', 'knn', '--set', 'knn.k=[1,3]', '--set', 'clustering.starts=2')
  expect(other.code).toBe(0)
  expect(other.stdout.replace(/-?\d+\.\d+( %)?/g, '#').replace(/ +/g, ' ')).toBe(
    [
      'tiny: the teacher after 4 steps, on cpu',
      'probe metric value 95 % interval after step',
      'knn accuracy.k1 # # – # 4',
      ' accuracy.k3 # # – #',
      ' pixels.k1 #',
      ' pixels.k3 #',
      'clustering accuracy # # – # 4',
      ' nmi # # – #',
      ' ari # # – #',
      ' fowlkesMallows # # – #',
      '',
    ].join('\n'),
  )
  const kept = lines(join(cwd, 'tiny', 'eval.jsonl'))
  expect(kept.map(({ probe }) => probe)).toEqual(['knn', 'knn', 'clustering'])
  expect(kept[0]).toEqual(knn)
  expect(kept[1]!.numbers['accuracy.k3']).toBe(knn!.numbers.accuracy)

  // A line that was cut off is passed over.
  writeFileSync(join(cwd, 'tiny', 'eval.jsonl'), '{"probe":"kn', { flag: 'a' })
  expect((await start(cwd, ['report', 'tiny'])).code).toBe(0)
  const page = readFileSync(join(cwd, 'tiny', 'report.html'), 'utf8')
  expect(page).toContain('Evaluations')
  expect(page).toContain('fowlkesMallows')

  const written = await measure(
    '--probe',
    'clustering: { images: { shapes: { count: 9, size: 16, seed: 5 } }, clusters: 2, starts: 1 }',
  )
  expect(written.code).toBe(0)
  const last = readFileSync(join(cwd, 'tiny', 'eval.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .at(-1)!
  expect(JSON.parse(last).stage).toMatchObject({ clustering: { clusters: 2, starts: 1 } })
  const all = await measure('--all', '--json', '--set', 'clustering.starts=1')
  expect(JSON.parse(all.stdout).evaluations.map(({ probe }: Evaluation) => probe)).toEqual(
    expect.arrayContaining(['knn', 'clustering']),
  )
})

test('what cannot be measured is told in words, with its exit code', async () => {
  const cwd = folder({ 'tiny.yaml': TINY.replace(/ {2}- knn.*\n/, '') })
  expect((await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu', '--out', 'tiny'])).code).toBe(0)
  const measure = (...args: readonly string[]) => start(cwd, ['eval', 'tiny', '--backend', 'cpu', ...args], WITHOUT_TENSORFLOW)
  const said = async (...args: readonly string[]) => {
    const { code, stderr } = await measure(...args)
    return `${code} ${stderr}`
  }
  expect(await said()).toMatch(/^2 .*the pipeline has no probe/s)
  expect(await said('--probe', 'clusterin')).toMatch(/^2 .*there is no probe 'clusterin'.*did you mean 'clustering'\?/s)
  expect(await said('--probe', 'knn')).toMatch(/^2 .*doesn't say which pictures 'knn' takes.*--probe 'knn: \{ test: … \}'/s)
  expect(await said('--probe', 'knn: { tset: 1 }')).toMatch(/^2 .*tset/s)
  expect(await said('--probe', 'knn: { test: { shapes: { count: 12, size: 16 } }, k: 500 }')).toMatch(
    /^3 tiny.resolved\.yaml:\d+:\d+ {2}'knn' asks 500 neighbours/,
  )
  expect(await said('--probe', 'clustering: { images: { shapes: { count: 3, size: 16 } }, clusters: 9 }')).toMatch(
    /^3 .*makes 9 clusters, and there are 3 pictures/s,
  )
  expect(await said('--probe', 'knn: { test: { imageFolder: nowhere } }')).toMatch(/^3 .*nowhere/s)
  expect((await start(cwd, ['eval', 'nothing'])).code).toBe(2)
})

test('each probe tells how many of its own pictures could not be read, and the table how many there are in all', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  expect((await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu', '--out', 'tiny'])).code).toBe(0)
  for (const [name, broken] of [
    ['some', 1],
    ['others', 2],
  ] as const)
    for (const label of ['circle', 'square'])
      for (let i = 0; i < 4; i++) {
        mkdirSync(join(cwd, name, label), { recursive: true })
        const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 60 * i, g: name.length, b: 9 } } })
        const bytes = i < broken && label === 'circle' ? 'no picture' : await picture.png().toBuffer()
        writeFileSync(join(cwd, name, label, `${i}.png`), bytes)
      }
  const probes = ['some', 'others', 'some'].map((name) => `clustering: { images: { imageFolder: ${name} } }`)
  const measured = await start(cwd, ['eval', 'tiny', '--backend', 'cpu', '--json', '--probe', ...probes, 'knn'])
  const { evaluations } = JSON.parse(measured.stdout)
  expect(evaluations.map((one: { probe: string; damaged: number }) => [one.probe, one.damaged]).toSorted()).toEqual([
    ['clustering', 1],
    ['clustering.2', 2],
    ['clustering.3', 1],
    ['knn', 0],
  ])
  const { stdout } = await start(cwd, ['eval', 'tiny', '--backend', 'cpu', '--probe', ...probes])
  expect(stdout).toContain('3 pictures could not be read and are left out')
})

test('an import of weights alone is measured like the run that they come from', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  const ibot = async (...args: readonly string[]) => {
    const ended = await start(cwd, args, WITHOUT_TENSORFLOW)
    expect(ended, args.join(' ')).toMatchObject({ code: 0 })
    return ended
  }
  await ibot('run', 'tiny.yaml', '--backend', 'cpu', '--out', 'tiny')
  await ibot('export', 'tiny', '--to', 'safetensors', '--out', 'weights.safetensors')
  await ibot('import', 'weights.safetensors', '--out', 'imported')
  const numbersOf = async (run: string, ...args: readonly string[]) =>
    JSON.parse(
      (
        await ibot(
          'eval',
          run,
          '--backend',
          'cpu',
          '--json',
          '--probe',
          'knn: { test: { shapes: { count: 12, size: 8, seed: 1 } }, k: 3, feature: both }',
          ...args,
        )
      ).stdout,
    ).evaluations[0]
  const own = await numbersOf('tiny')
  const imported = await numbersOf('imported', '--set', 'dataset={ shapes: { count: 24, size: 8 } }')
  expect(imported.numbers).toEqual(own.numbers)
  expect(imported.step).toBe(0)
  // Of what is no run, that is said.
  expect(await start(cwd, ['run', '--resume', 'imported'])).toMatchObject({ code: 2 })
})
