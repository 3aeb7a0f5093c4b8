import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withoutTensorFlow } from '../engine'
import { pictureFolder } from '../loader/pictureFolder'
import { type Ended, folder, ibot, start, TINY } from './ibot'

const LONG = TINY.replace('steps: 4', 'steps: 24')
const linesOf = ({ stdout }: Ended) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a run tells how it goes on stderr, and what came of it on stdout', async () => {
  const { code, stdout, stderr } = await ibot('run', 'tiny.yaml', '--backend', 'cpu')
  expect(code).toBe(0)
  const plain = (text: string) => text.replace(/\d+(\.\d+)?/g, '#')
  expect(plain(stdout)).toMatchInlineSnapshot(`
    "run      runs/tiny
    done     # steps in #s, # images/s
    loss     # (clsDistillation.loss #, maskedImageModeling.loss #)
    knn      accuracy # % → # % (pixels # %)
    weights  runs/tiny/checkpoints
    metrics  runs/tiny/metrics.jsonl
    report   runs/tiny/report.html
    longer   ibot run runs/tiny/resolved.yaml --set train.steps=#
    "
  `)
  expect(plain(stderr)).toMatchInlineSnapshot(`
    "runs/tiny: # steps of # pictures, #,# parameters, cpu backend
    Ctrl-C saves and stops; ibot run --resume runs/tiny goes on
    knn after step #: accuracy # %, pixels # % (#s)
    step #/#  loss #  clsDistillation.loss #  maskedImageModeling.loss #  knn.accuracy # %  # images/s  #s left
    saved runs/tiny/checkpoints/step-#.safetensors
    step #/#  loss #  clsDistillation.loss #  maskedImageModeling.loss #  knn.accuracy # %  # images/s  #s left
    saved runs/tiny/checkpoints/step-#.safetensors
    step #/#  loss #  clsDistillation.loss #  maskedImageModeling.loss #  knn.accuracy # %  # images/s  #s left
    saved runs/tiny/checkpoints/step-#.safetensors
    step #/#  loss #  clsDistillation.loss #  maskedImageModeling.loss #  knn.accuracy # %  # images/s  #s left
    knn after step #: accuracy # % (#s)
    saved runs/tiny/checkpoints/step-#.safetensors
    "
  `)
})

test('--json: one event a line, the summary last, and nothing else', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  const ended = await start(cwd, ['run', 'tiny.yaml', '--json', '--out', 'here', '--backend', 'wasm'])
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
  const lines = linesOf(ended)
  expect(lines.map(({ event }) => event)).toEqual([
    'start',
    'probe',
    ...['step', 'checkpoint', 'step', 'checkpoint', 'step', 'checkpoint', 'step'],
    'probe',
    'checkpoint',
    'end',
  ])
  expect(lines[0]).toMatchObject({ run: 'here', backend: 'wasm', steps: 4, from: 0 })
  const number = expect.any(Number)
  expect(lines.at(-1)).toEqual({
    event: 'end',
    alarms: [],
    run: 'here',
    steps: 4,
    seconds: number,
    imagesPerSecond: number,
    loss: number,
    terms: { 'clsDistillation.loss': number, 'maskedImageModeling.loss': number },
    damaged: 0,
    dataWait: number,
    probes: { knn: { before: { accuracy: number }, after: { accuracy: number }, baseline: { pixels: number } } },
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(readFileSync(join(cwd, 'here', 'pipeline.yaml'), 'utf8')).toBe(TINY)
})

test.skipIf(withoutTensorFlow !== undefined)(
  'TensorFlow computes where it is, and what it began goes on with it',
  async () => {
    const cwd = folder({ 'tiny.yaml': TINY })
    const began = await start(cwd, ['run', 'tiny.yaml', '--no-download', '--json'])
    expect(began.stderr).toBe('')
    expect(linesOf(began).find(({ event }) => event === 'start')).toMatchObject({ backend: 'tensorflow' })
    expect(JSON.parse(readFileSync(join(cwd, 'runs', 'tiny', 'run.json'), 'utf8'))).toMatchObject({ backend: 'tensorflow' })
    expect(began.code).toBe(0)
  },
  120_000,
)

test('Ctrl-C saves and stops; the run goes on by its folder or by its pipeline', async () => {
  const cwd = folder({ 'long.yaml': LONG })
  const args = ['--json', '--backend', 'cpu']
  const first = start(cwd, ['run', 'long.yaml', ...args])
  await first.said('"step":2,')
  first.process.kill('SIGINT')
  const stopped = await first
  expect(stopped.code).toBe(130)
  expect(stopped.stderr).toMatch(
    /^stopped {2}the run is saved after step \d+ of 24\n {2}Go on with: ibot run --resume runs\/tiny\n$/,
  )
  const done = linesOf(stopped).findLast(({ event }) => event === 'step').step

  const second = start(cwd, ['run', '--resume', 'runs/tiny', ...args])
  await second.said(`"step":${done + 2},`)
  second.process.kill('SIGTERM')
  const again = await second
  expect(again.code).toBe(143)
  expect(linesOf(again)[0]).toMatchObject({ event: 'start', run: 'runs/tiny', from: done })

  for (const resume of [
    ['long.yaml', '--resume'],
    ['--resume', 'long.yaml'],
  ]) {
    const last = await start(cwd, ['run', ...resume, ...args])
    if (last.code === 0) expect(linesOf(last).at(-1)).toMatchObject({ run: 'runs/tiny', steps: 24 })
    else expect(last).toMatchObject({ code: 3, stderr: expect.stringContaining('the run in runs/tiny is done') })
  }
  expect(existsSync(join(cwd, 'runs', 'tiny-2'))).toBe(false)
})

test('a second signal ends it at once', async () => {
  const cwd = folder({ 'long.yaml': LONG })
  const running = start(cwd, ['run', 'long.yaml', '--json', '--backend', 'cpu'])
  await running.said('"step":1,')
  running.process.kill('SIGINT')
  running.process.kill('SIGTERM')
  // Which of two that arrive together comes second is the system's choice.
  const { code, stderr } = await running
  expect([130, 143]).toContain(code)
  expect(stderr).toBe('')
})

test.skipIf(process.platform === 'win32')('SIGUSR1 saves and goes on; meanwhile no other process may write the run', async () => {
  const cwd = folder({ 'long.yaml': LONG.replace('steps: 24', 'steps: 24000') })
  const running = start(cwd, ['run', 'long.yaml', '--json', '--backend', 'cpu'])
  await running.said('"step":1,')
  running.process.kill('SIGUSR1')
  await running.said('"event":"checkpoint"')
  const other = await start(cwd, ['run', '--resume', 'runs/tiny', '--backend', 'cpu'])
  expect(other).toMatchObject({
    code: 3,
    stdout: '',
    stderr: `error  process ${running.process.pid} is writing the run in runs/tiny\n  Wait until it ends, or stop it: kill ${running.process.pid}\n`,
  })
  running.process.kill('SIGTERM')
  const lines = linesOf(await running)
  const saved = lines.findIndex(({ event }) => event === 'checkpoint')
  expect(lines[saved - 1]).toMatchObject({ event: 'step', step: lines[saved].step })
  expect(lines.slice(saved).some(({ event }) => event === 'step')).toBe(true)
  expect(existsSync(join(cwd, 'runs', 'tiny', 'run.lock'))).toBe(false)
})

test('the newest run of a pipeline is the one that goes on', async () => {
  const cwd = folder({ 'long.yaml': LONG })
  for (const run of ['runs/tiny', 'runs/tiny-2']) {
    const running = start(cwd, ['run', 'long.yaml', '--json', '--backend', 'cpu'])
    await running.said('"step":1,')
    running.process.kill('SIGINT')
    expect((await running).stderr).toContain(`ibot run --resume ${run}\n`)
  }
  const running = start(cwd, ['run', 'long.yaml', '--resume', '--json', '--backend', 'cpu'])
  await running.said('"event":"start"')
  running.process.kill('SIGINT')
  expect(linesOf(await running)[0]).toMatchObject({ run: 'runs/tiny-2' })
})

test('runs that are not there', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  const refused = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await start(cwd, ['run', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    return stderr
  }
  expect(await refused()).toMatch(/^neither a pipeline nor a run is named\n/)
  expect(await refused('--resume')).toMatch(/^neither a pipeline nor a run is named\n/)
  expect(await refused('--resume', 'runs/x')).toMatch(/^runs\/x {2}there is no run in this folder to go on with\n/)
  expect(await refused('tiny.yaml', '--resume')).toMatch(/^runs\/tiny {2}there is no run of 'tiny' to go on with\n/)
})

test('problems that only the data show have their places', async () => {
  const { code, stdout, stderr } = await ibot('run', 'tiny.yaml', '--set', 'train.batch=80', '--backend', 'cpu')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^--set:1:13 {2}a batch of 80 is larger than the data set/)
})

test('what is seldom meant is noted before a run begins: a warm-up longer than the run', async () => {
  const ended = await ibot('run', 'tiny.yaml', '--json', '--backend', 'cpu', '--set', 'train.steps=1', '--unset', 'knn')
  expect(ended.code).toBe(0)
  const [note, ...others] = linesOf(ended)
  expect(note).toEqual({
    event: 'note',
    message:
      "adamw.lr.piecewise.schedules.0.linear.for: the run ends before this schedule does: it takes 2 steps, and the run has 1; shorten 'for', give it as a share of the run ('10%'), or train for longer",
  })
  expect(others.map(({ event }) => event)).toEqual(['start', 'step', 'checkpoint', 'end'])
})

test('missing data', async () => {
  const { code, stdout, stderr } = await ibot(
    'run',
    'tiny.yaml',
    '--json',
    '--set',
    'dataset.source={ imageFolder: nowhere }',
    '--backend',
    'cpu',
  )
  expect(code).toBe(3)
  expect(JSON.parse(stdout)).toEqual({
    event: 'failed',
    failed: 'Rejected',
    ok: false,
    exit: 3,
    problems: [
      {
        ...{ file: 'tiny.yaml', line: 3, col: 5, code: 'missing' },
        message: expect.stringContaining('nowhere'),
        suggestion: expect.stringContaining('Check the path'),
      },
    ],
  })
  expect(stderr).toMatch(/^tiny\.yaml:3:5 {2}.*nowhere/)
})

test('numbers that become non-finite', async () => {
  const { code, stderr } = await ibot('run', 'tiny.yaml', '--set', 'adamw.lr=1e38', '--backend', 'cpu')
  expect(code).toBe(4)
  expect(stderr).toMatch(
    /\nerror {2}(at step \d+ loss is NaN|after step \d+ \S+ isn't finite).*\n {2}No checkpoint was written before\. .*\n$/,
  )
})

test('a folder that is not empty is left as it is', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  writeFileSync(join(cwd, 'notes.txt'), 'mine')
  const { code, stderr } = await start(cwd, ['run', 'tiny.yaml', '--out', '.', '--backend', 'cpu'])
  expect(code).toBe(3)
  expect(stderr).toContain("isn't empty")
})

test('--verify-data: a picture that was replaced by another of its size is named when the run goes on, exit 3', async () => {
  const pictures = await pictureFolder(24)
  onTestFinished(() => rmSync(pictures, { recursive: true }))
  const cwd = folder({
    'long.yaml': LONG.replace('{ shapes: { count: 24, size: 8 } }', `{ imageFolder: ${pictures} }`).replace(/ {2}- knn.*\n/, ''),
  })
  const args = ['--json', '--backend', 'cpu', '--verify-data']
  const first = start(cwd, ['run', 'long.yaml', ...args])
  await first.said('"step":2,')
  first.process.kill('SIGINT')
  const stopped = await first
  expect(stopped.code).toBe(130)
  expect(linesOf(stopped).some(({ event }) => event === 'verify')).toBe(false)
  const picture = join(pictures, 'class0/4.jpg')
  const before = readFileSync(picture)
  writeFileSync(picture, Buffer.alloc(before.length, 7))
  const refused = await start(cwd, ['run', '--resume', 'runs/tiny', ...args.slice(1)])
  expect(refused.code).toBe(3)
  expect(refused.stderr).toContain(
    `1 of the 24 pictures of ${pictures} (${picture}) has changed since the run in runs/tiny began`,
  )
  writeFileSync(picture, before)
  expect((await start(cwd, ['run', '--resume', 'runs/tiny', ...args])).code).toBe(0)
})
