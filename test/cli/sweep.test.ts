/** `ibot sweep`: grids of tiny runs, stopped, gone on with, extended, and with runs that fail. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { BIN, folder, start, TINY } from './ibot'

/** No probe, two steps. */
const SHORT = TINY.replace(/ {2}- knn.*\n/, '').replace('steps: 4', 'steps: 2')

const linesOf = (path: string): number => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0)

test('a grid of runs in folders of their own; the same command keeps them, more values are added, what fails is told', async () => {
  const cwd = folder({ 'tiny.yaml': SHORT })
  const args = ['sweep', 'tiny.yaml', '--backend', 'cpu', '--set', 'train.workers=0']
  const first = await start(cwd, [...args, '--set', 'adamw.lr=1e-3,1e30', '--seeds', '1', '--json'])
  const told = JSON.parse(first.stdout)
  // The second leaves the finite numbers, and the sweep goes on to its end.
  expect(first.code).toBe(4)
  expect(told).toMatchObject({
    ...{ ok: false, exit: 4, message: '1 of 2 runs failed', sweep: 'sweeps/tiny', page: 'sweeps/tiny/compare.html' },
    axes: ['adamw.lr', 'train.seed'],
    runs: [
      { run: 'sweeps/tiny/lr=0.001,seed=0', values: ['0.001', '0'], state: 'done', kept: false },
      { run: 'sweeps/tiny/lr=1e+30,seed=0', values: ['1e+30', '0'], state: 'diverged', exit: 4, message: expect.any(String) },
    ],
  })
  const dir = join(cwd, 'sweeps', 'tiny')
  expect(readdirSync(dir).sort()).toEqual([
    ...['compare.html', 'lr=0.001,seed=0', 'lr=1e+30,seed=0', 'pipeline.yaml', 'sweep.json'],
  ])
  expect(readFileSync(join(dir, 'pipeline.yaml'), 'utf8')).toBe(SHORT)
  const before = readFileSync(join(dir, 'lr=0.001,seed=0', 'metrics.jsonl'), 'utf8')

  const second = await start(cwd, [...args, '--seeds', '2', '--set', 'adamw.lr=1e-3', '--set', 'train.batch=8'])
  expect(second.code).toBe(0)
  expect(second.stderr).toContain('2 of 2: lr=0.001,seed=1\n')
  expect(second.stderr).not.toContain('1 of 2')
  expect(readFileSync(join(dir, 'lr=0.001,seed=0', 'metrics.jsonl'), 'utf8')).toBe(before)
  const table = second.stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
  expect(table.slice(0, 6)).toEqual([
    ['sweeps/tiny: 3 runs'],
    [''],
    ['1', '2', '3'],
    ['adamw.lr', '0.001', '1e+30', '0.001'],
    ['train.seed', '0', '0', '1'],
    ['state', 'done', 'diverged', 'done'],
  ])
  expect(second.stdout).toMatch(/\ndiverged {2}lr=1e\+30,seed=0\n {2}\S/)
  expect(second.stdout).toMatch(/\npage {2}sweeps\/tiny\/compare\.html\n$/)
  const page = readFileSync(join(dir, 'compare.html'), 'utf8')
  for (const word of ['lr=0.001,seed=1', 'adamw.lr', 'aria-label="loss"']) expect(page).toContain(word)
}, 120_000)

test.skipIf(process.platform === 'win32')(
  'Ctrl-C, which a terminal sends to all processes, stops after saving; the command that it names goes on where it stopped',
  async () => {
    const cwd = folder({ 'long.yaml': SHORT.replace('steps: 2', 'steps: 24') })
    const args = ['sweep', 'long.yaml', '--backend', 'cpu', '--set', 'train.seed=3,4', '--set', 'train.steps=24', '--out', 'here']
    const child = spawn(process.execPath, [BIN, ...args], { cwd, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const metrics = join(cwd, 'here', 'seed=3', 'metrics.jsonl')
    while (linesOf(metrics) < 2) await sleep(20)
    process.kill(-child.pid!, 'SIGINT')
    expect(await ended).toBe(130)
    expect(stderr).toMatch(/stopped {2}the sweep in here is saved\n {2}Go on with: ibot sweep long\.yaml .*--out here\n$/)
    const done = linesOf(metrics)
    expect(done).toBeLessThan(24)
    expect(existsSync(join(cwd, 'here', 'seed=3', 'run.lock'))).toBe(false)
    expect(existsSync(join(cwd, 'here', 'seed=4'))).toBe(false)

    const again = await start(cwd, args)
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('here: 2 runs') })
    expect(again.stderr).toContain(`here/seed=3: from step ${done} on`)
    expect(linesOf(metrics)).toBe(24)
  },
  120_000,
)

test.skipIf(process.platform === 'win32')(
  'a run whose sweep was killed saves and stops',
  async () => {
    const cwd = folder({ 'long.yaml': SHORT.replace('steps: 2', 'steps: 20000') })
    const sweep = start(cwd, ['sweep', 'long.yaml', '--backend', 'cpu', '--seeds', '2', '--out', 'here'])
    const run = join(cwd, 'here', 'seed=0')
    while (linesOf(join(run, 'metrics.jsonl')) < 2) await sleep(20)
    sweep.process.kill('SIGKILL')
    await sweep
    while (existsSync(join(run, 'run.lock'))) await sleep(20)
    const steps = linesOf(join(run, 'metrics.jsonl'))
    expect(readdirSync(join(run, 'checkpoints'))).toContain(`step-${String(steps).padStart(8, '0')}.safetensors`)
    expect(existsSync(join(cwd, 'here', 'seed=1'))).toBe(false)
  },
  60_000,
)

test('what is no grid, and combinations that are no pipeline, are told before the first step', async () => {
  const cwd = folder({ 'tiny.yaml': SHORT })
  const refused = async (code: number, ...args: readonly string[]) => {
    const ended = await start(cwd, ['sweep', 'tiny.yaml', '--backend', 'cpu', ...args])
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
    return ended.stderr
  }
  expect(await refused(2, '--set', 'vit.depth=2')).toMatchInlineSnapshot(`
    "--set:1:1  nothing varies from run to run
      1 |
        | ^
      give several values: '--set vit.depth=2,4', or '--seeds 3'; for a single run: ibot run FILE

    1 problem
    "
  `)
  expect(await refused(2, '--seeds', '2', '--set', 'vit.dpeth=1')).toMatchInlineSnapshot(`
    "--set:1:5  unknown key 'dpeth'
      1 | vit.dpeth=1
        |     ^^^^^
      did you mean 'depth'?

    1 problem
    "
  `)
  // Some problems are found only when the data are open.
  expect(await refused(2, '--set', 'vit.heads=2,3', '--set', 'train.batch=8,80')).toMatchInlineSnapshot(`
    "--set:1:13  a batch of 80 is larger than the data set, which has 24 pictures (in heads=2,batch=80)
      1 | train.batch=80
        |             ^^
      use 24 or less

    --set:1:11  the heads (3) must divide the width (8) (in heads=3,batch=8; heads=3,batch=80)
      1 | vit.heads=3
        |           ^
      2 would

    2 problems
    "
  `)
  expect(await refused(2, '--set', 'vit.mlpRatio=2,4', '--set', 'pipeline.3.vit.mlpRatio=3')).toMatchInlineSnapshot(`
    "mlpRatio=4  this comes to the same pipeline as mlpRatio=2
      leave one of the values out

    1 problem
    "
  `)
  expect(existsSync(join(cwd, 'sweeps'))).toBe(false)

  mkdirSync(join(cwd, 'full'))
  writeFileSync(join(cwd, 'full', 'mine'), '')
  expect(await refused(3, '--seeds', '2', '--out', 'full')).toMatchInlineSnapshot(`
    "error  the folder full isn't empty, and no sweep is in it
      Choose another one: --out DIR.
    "
  `)
})

test('combinations that are no pipeline may be left out; another grid in the folder is refused', async () => {
  const cwd = folder({ 'tiny.yaml': SHORT })
  const args = ['sweep', 'tiny.yaml', '--backend', 'cpu']
  const ran = await start(cwd, [...args, '--set', 'vit.heads=3,2', '--skip-rejected', '--json'])
  expect(ran.code).toBe(0)
  expect(JSON.parse(ran.stdout)).toMatchObject({
    ok: true,
    runs: [
      { run: 'sweeps/tiny/heads=2', state: 'done' },
      { run: 'sweeps/tiny/heads=3', state: 'rejected', exit: 2 },
    ],
    compared: [0],
  })
  expect((await start(cwd, ['report', 'sweeps/tiny'])).stderr).toMatch(
    /^sweeps\/tiny {2}there is no run in this folder to report on\n {2}a sweep is in it; its runs are in the folders below: sweeps\/tiny\/\*\/\n/,
  )
  const other = await start(cwd, [...args, '--set', 'vit.depth=1,2'])
  expect(other).toMatchObject({ code: 3, stdout: '' })
  expect(other.stderr).toMatchInlineSnapshot(`
    "error  the sweep in sweeps/tiny varies vit.heads, and this one vit.depth
      Values may be added to a sweep, axes may not: choose another folder, --out DIR.
    "
  `)
  const changed = await start(cwd, [...args, '--set', 'vit.heads=1,2', '--set', 'vit.mlpRatio=2'])
  expect(changed).toMatchObject({ code: 3, stdout: '' })
  expect(changed.stderr).toMatchInlineSnapshot(`
    "error  the run in sweeps/tiny/heads=2 was made with another pipeline: vit.mlpRatio is 2, not 4
      Values may be added to a sweep; for other changes choose another folder, --out DIR.
    "
  `)
}, 60_000)
