import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withoutTensorFlow } from '../engine'
import { folder, start, TINY, WITHOUT_TENSORFLOW } from './ibot'

/** What is measured differs from machine to machine: no speed is. */
const ibot = (...args: readonly string[]) => start(folder({ 'tiny.yaml': TINY }), args, WITHOUT_TENSORFLOW)
/** What this process takes is no matter. */
const withoutMemory = (text: string): string => text.replace(/about [\d.]+ MB/, 'about … MB')

test('what a pipeline is going to be', async () => {
  const { code, stdout, stderr } = await ibot('check', 'tiny.yaml')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(withoutMemory(stdout)).toMatchInlineSnapshot(`
    "ok  tiny.yaml

    data       24 shapes of 8×8 (seed 0)
               24 pictures, 8 × 8, 3 channels, 6 classes
    views      2 global of 8 × 8, 5 tokens each
               2 local of 4 × 4, 2 tokens each
    masks      over 2 × 2 patches of each global view
    backbone   vit, 8 features a token, 1,336 parameters
    head       projectionHead, 16 logits, 696 parameters
    teacher    emaTeacher
    losses     clsDistillation, maskedImageModeling
    optimizer  adamw, moves 2,016 parameters
    schedules  emaTeacher.momentum              0.996 → 0.9994
               adamw.lr                         0 → 5e-4 at step 1 → 2.505e-4
               adamw.weightDecay                0.04
               clsDistillation.weight           1
               clsDistillation.temperature      0.04
               maskedImageModeling.weight       1
               maskedImageModeling.temperature  0.04
    training   4 steps of 8 pictures, 3 an epoch: 1.33 epochs, seed 0
    probes     knn on 12 pictures: 12 shapes of 8×8 (seed 1)
    memory     15.8 kB weights, 15.8 kB moments, 15.3 kB a batch
    step       about … MB (0.0011 GFLOP counted in the graph; its seconds are not known: TensorFlow's library isn't there. Fetch it with ibot setup.)
    "
  `)
})

test('--json', async () => {
  const { code, stdout, stderr } = await ibot('check', 'tiny.yaml', '--json', '--set', 'train.steps=40')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { ok, problems, plan, forecast } = JSON.parse(stdout)
  expect({ ok, problems, name: plan.name }).toEqual({ ok: true, problems: [], name: 'tiny' })
  expect(plan.pipeline[9]).toEqual({
    train: {
      batch: 8,
      steps: 40,
      seed: 0,
      precision: 'float32',
      device: 'auto',
      devices: 'auto',
      timeout: 60,
      workers: 'auto',
      maxBad: 0.01,
      onCollapse: 'warn',
      repeatedAugmentation: 1,
    },
  })
  expect(forecast.cost).toMatchObject({
    seconds: null,
    measured: null,
    fits: true,
    gflop: expect.any(Number),
    bytes: expect.any(Number),
  })
  expect(forecast.training).toEqual({ batch: 8, microBatch: 8, steps: 40, stepsPerEpoch: 3, epochs: 40 / 3, seed: 0 })
  expect(forecast.views[1]).toEqual({ kind: 'local', size: [4, 4], count: 2, tokens: 2 })
  expect(forecast.schedules[1]).toEqual({
    name: 'adamw.lr',
    first: 0,
    peak: 5e-4,
    peakStep: 1,
    last: expect.any(Number),
  })
})

test('problems with their places', async () => {
  const { code, stdout, stderr } = await ibot('check', 'tiny.yaml', '--set', 'vit.heads=3', '--set', 'trian.batch=4')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatchInlineSnapshot(`
    "--set:1:11  the heads (3) must divide the width (8)
      1 | vit.heads=3
        |           ^
      2 would

    --set:1:1  the pipeline has no stage 'trian'
      1 | trian.batch=4
        | ^^^^^
      did you mean 'train.batch=4'?

    2 problems
    "
  `)
})

test('problems between stages, and with the data, are found in the file', async () => {
  const cwd = folder({ 'p.yaml': TINY.replace('randomResizedCrop: { size: 4 }', 'randomResizedCrop: { size: 6 }') })
  expect((await start(cwd, ['check', 'p.yaml'])).stderr).toMatchInlineSnapshot(`
    "p.yaml:6:65  a view of 6 × 6 pixels can't be divided into patches of 4 × 4
      5 |       global: [{ times: 2, augment: { randomResizedCrop: { size: 8 } } }]
      6 |       local: [{ times: 2, augment: { randomResizedCrop: { size: 6 } } }]
        |                                                                 ^
      use a multiple of 4, such as 8

    1 problem
    "
  `)
  writeFileSync(join(cwd, 'p.yaml'), TINY.replace('batch: 8', 'batch: 80'))
  expect((await start(cwd, ['check', 'p.yaml'])).stderr).toMatchInlineSnapshot(`
    "p.yaml:14:21  a batch of 80 is larger than the data set, which has 24 pictures
      14 |   - train: { batch: 80, steps: 4 }
         |                     ^^
      use 24 or less

    1 problem
    "
  `)
})

test('--json with problems', async () => {
  const { code, stdout, stderr } = await ibot('check', 'tiny.yaml', '--json', '--set', 'train.batch=80')
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    exit: 2,
    problems: [
      {
        file: '--set',
        line: 1,
        col: 13,
        code: 'batch-too-large',
        message: 'a batch of 80 is larger than the data set, which has 24 pictures',
        suggestion: 'use 24 or less',
      },
    ],
  })
})

test('data that are not there', async () => {
  const set = ['--set', 'dataset.source={ imageFolder: nowhere }']
  const plain = await ibot('check', 'tiny.yaml', ...set)
  expect(plain.code).toBe(3)
  // What the data don't change is told all the same.
  expect(plain.stdout).toMatch(/^can't run yet {2}tiny\.yaml\n\ndata +not known: they can't be opened\nviews +2 global of 8 × 8/)
  expect(plain.stdout).toMatch(/^optimizer +adamw, moves 2,016 parameters\ntraining +4 steps of 8 pictures, seed 0$/m)
  expect(plain.stdout).toMatch(/^probes +knn on 12 pictures: .*\nmemory +15\.8 kB weights, 15\.8 kB moments, 15\.3 kB a batch$/m)
  expect(plain.stderr).toMatchInlineSnapshot(`
    "tiny.yaml:3:5  cannot read the folder of pictures nowhere: there is no such file or folder
      2 | pipeline:
      3 |   - dataset: { shapes: { count: 24, size: 8 } }
        |     ^^^^^^^
      Check the path; it is taken from the folder in which the command runs.

    1 problem
    "
  `)
  const json = await ibot('check', 'tiny.yaml', '--json', ...set)
  expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 3, stderr: '' })
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    exit: 3,
    problems: [{ file: 'tiny.yaml', line: 3, col: 5, code: 'missing', message: expect.stringContaining('nowhere') }],
  })
})

const LACKING = TINY.replace('shapes: { count: 24, size: 8 }', 'imageFolder: train')
  .replace('shapes: { count: 12, size: 8, seed: 1 }', 'imageFolder: test')
  .replace('steps: 4', 'epochs: 2')
  .concat('  - knn: { test: { npy: { images: bare.npy } }, k: 3 }\n')

/** Twelve coloured pictures without labels. */
const BARE = (() => {
  const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (12, 8, 8, 3), }"
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]),
    Buffer.from(`${header.padEnd(117)}\n`),
    Buffer.alloc(12 * 64 * 3),
  ])
})()

test('all that is wrong with the data is told at once, each with its place; sizes are told without them', async () => {
  const cwd = folder({ 'p.yaml': LACKING, 'bare.npy': BARE })
  const checked = await start(cwd, ['check', 'p.yaml'], WITHOUT_TENSORFLOW)
  expect(checked.code).toBe(3)
  expect(checked.stderr).toMatchInlineSnapshot(`
    "p.yaml:3:5  cannot read the folder of pictures train: there is no such file or folder
      2 | pipeline:
      3 |   - dataset: { imageFolder: train }
        |     ^^^^^^^
      Check the path; it is taken from the folder in which the command runs.

    p.yaml:15:12  cannot read the folder of pictures test: there is no such file or folder
      14 |   - train: { batch: 8, epochs: 2 }
      15 |   - knn: { test: { imageFolder: test }, k: 3 }
         |            ^^^^
      Check the path; it is taken from the folder in which the command runs.

    p.yaml:16:5  'knn.2' needs labels, and bare.npy has none
      15 |   - knn: { test: { imageFolder: test }, k: 3 }
      16 |   - knn: { test: { npy: { images: bare.npy } }, k: 3 }
         |     ^^^
      Use pictures with labels, or leave 'knn.2' out of the pipeline.

    3 problems
    "
  `)
  expect(checked.stdout).toMatch(/^data +not known/m)
  expect(checked.stdout).toMatch(/^backbone +vit, 8 features a token, 1,336 parameters$/m)
  expect(checked.stdout).toMatch(/^training +2 epochs in steps of 8 pictures, seed 0$/m)
  const json = JSON.parse((await start(cwd, ['check', 'p.yaml', '--json'], WITHOUT_TENSORFLOW)).stdout)
  expect(json).toMatchObject({ ok: false, exit: 3, problems: [{ line: 3 }, { line: 15 }, { line: 16 }] })
  expect(json.forecast).toMatchObject({
    data: null,
    backbone: { parameters: 1336 },
    training: { batch: 8, epochs: 2, steps: null, stepsPerEpoch: null },
  })
  // A run tells the same, and begins nothing.
  const trained = await start(cwd, ['run', 'p.yaml'])
  expect(trained).toEqual({ code: 3, stdout: '', stderr: checked.stderr })
  expect(existsSync(join(cwd, 'runs'))).toBe(false)
})

test.each(['check', 'run'])('%s tells what is wrong with a pipeline and with its data together', async (command) => {
  const wrong = LACKING.replace('heads: 2', 'heads: 3').replace('epochs: 2', 'epochs: 2, sede: 1')
  const { code, stdout, stderr } = await start(folder({ 'p.yaml': wrong, 'bare.npy': BARE }), [command, 'p.yaml'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.match(/^p\.yaml:\d+/gm)).toEqual(['p.yaml:3', 'p.yaml:8', 'p.yaml:14', 'p.yaml:15', 'p.yaml:16'])
  expect(stderr).toContain('the heads (3) must divide the width (8)')
  expect(stderr).toContain("unknown key 'sede'")
  expect(stderr).toContain('5 problems')
})

test('a batch that is too large, channels that differ and a test that lacks labels are told together', async () => {
  const wrong = TINY.replace('batch: 8', 'batch: 80')
    .replace('size: 8 }', 'size: 8, channels: 1 }')
    .replace('{ shapes: { count: 12, size: 8, seed: 1 } }', '{ npy: bare.npy }')
  const cwd = folder({ 'p.yaml': wrong, 'bare.npy': BARE })
  const { code, stdout } = await start(cwd, ['check', 'p.yaml', '--json'])
  expect(code).toBe(2)
  const { problems, forecast } = JSON.parse(stdout)
  expect(forecast).toBeUndefined()
  expect(problems.map(({ code, line }: { code: string; line: number }) => [code, line])).toEqual([
    ['wrong-channels', 5],
    ['batch-too-large', 14],
    ['missing', 15],
    ['missing', 15],
  ])
})

test('data of a probe that are not there', async () => {
  const { code, stdout } = await ibot('check', 'tiny.yaml', '--json', '--set', 'knn.test={ imageFolder: nowhere }')
  expect(code).toBe(3)
  expect(JSON.parse(stdout).problems).toMatchObject([{ file: '--set', line: 1, col: 5, code: 'missing' }])
})

test('weights that are not there', async () => {
  const pipeline = TINY.replace('  - projectionHead', '  - initialWeights: nowhere.safetensors\n  - projectionHead')
  const { code, stderr } = await start(folder({ 'tiny.yaml': pipeline }), ['check', 'tiny.yaml'], WITHOUT_TENSORFLOW)
  expect({ code, stderr }).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^tiny\.yaml:\d+:21 {2}cannot read the weights nowhere\.safetensors: there is no such file/),
  })
})

test('what cannot fit into memory', async () => {
  const { code, stderr } = await ibot('check', 'tiny.yaml', '--set', 'projectionHead.output.shared.prototypes=500000000')
  expect(code).toBe(3)
  expect(stderr).toMatch(/^tiny\.yaml:9:5 {2}the pipeline needs at least \d/)
})

test.skipIf(withoutTensorFlow !== undefined)('what a step takes is counted and measured where TensorFlow is there', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  const { code, stdout } = await start(cwd, ['check', 'tiny.yaml', '--json'])
  expect(code).toBe(0)
  const { cost } = JSON.parse(stdout).forecast
  expect(cost).toEqual({
    seconds: expect.any(Number),
    bytes: expect.any(Number),
    fits: true,
    gflop: expect.any(Number),
    measured: { gflops: expect.any(Number), gbytes: expect.any(Number) },
  })
  expect(cost.gflop).toBeGreaterThan(0)
  expect((await start(cwd, ['check', 'tiny.yaml'])).stdout).toMatch(
    /^step {7}about \S+ s and \S+ MB \(\S+ GFLOP counted in the graph; \S+ GFLOP\/s and \S+ GB\/s measured here just now\)$/m,
  )
})

const WARM_UP = 'adamw.lr={ piecewise: [{ linear: { from: 0, to: 1e-3, for: 10 epochs } }, { cosine: { from: 1e-3, to: 0 } }] }'

test('a warm-up that is longer than the run is a warning, with its place and a remedy', async () => {
  const { code, stdout } = await ibot('check', 'tiny.yaml', '--set', WARM_UP)
  expect(code).toBe(0)
  expect(stdout).toMatch(/warning {2}--set:1:\d+ {2}the run ends before this schedule does: it takes 30 steps, and the run has 4/)
  expect(stdout).toContain("shorten 'for'")
  const { warnings } = JSON.parse((await ibot('check', 'tiny.yaml', '--json', '--set', WARM_UP)).stdout)
  expect(warnings).toMatchObject([{ code: 'cut-schedule' }])
})

test('masks that begin only after the end of the run are a warning', async () => {
  const late = 'masking={ startingAt: { epoch: 50, mask: { random: { ratio: 0.5 } } } }'
  const { code, stdout } = await ibot('check', 'tiny.yaml', '--set', late)
  expect(code).toBe(0)
  expect(stdout).toMatch(/the run ends before a patch is hidden: it has .* epochs?, and 'maskedImageModeling' stays 0/)
})

test('masks that hide next to nothing are a warning', async () => {
  const rare = 'masking={ mixture: { masks: [none, { random: { ratio: 0.5 } }], weights: [1e6, 1] } }'
  const { code, stdout } = await ibot('check', 'tiny.yaml', '--json', '--set', rare)
  expect(code).toBe(0)
  expect(JSON.parse(stdout).warnings).toMatchObject([
    {
      code: 'never-masked',
      message:
        "none of 2048 masks drawn for all epochs of the run hides a patch: 'maskedImageModeling' stays 0 in nearly all steps",
    },
  ])
})

/** Pixels of hidden patches are the targets: no head, no teacher, no local views. */
const PIXELS = TINY.split('\n')
  .filter((line) => !/^ *- (emaTeacher|clsDistillation)|^ +local:/.test(line))
  .join('\n')
  .replace('maskedImageModeling', 'pixelReconstruction')

test('a head that no loss uses is a warning', async () => {
  const { code, stdout } = await start(folder({ 'p.yaml': PIXELS }), ['check', 'p.yaml'], WITHOUT_TENSORFLOW)
  expect(code).toBe(0)
  expect(stdout.slice(stdout.indexOf('warning'))).toMatchInlineSnapshot(`
    "warning  p.yaml:8:5  no loss uses what 'projectionHead' gives (logits.cls, logits.patch): it stays as it begins
      7 |   - vit: { patch: 4, width: 8, depth: 1, heads: 2 }
      8 |   - projectionHead: { output: { shared: { prototypes: 16 } }, hidden: 16, bottleneck: 8 }
        |     ^^^^^^^^^^^^^^
      leave it out, or add 'clsDistillation' or 'maskedImageModeling'
    "
  `)
  const without = PIXELS.replace(/^.*projectionHead.*\n/m, '')
  const json = await start(folder({ 'p.yaml': without }), ['check', 'p.yaml', '--json'], WITHOUT_TENSORFLOW)
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, warnings: [] })
})

test('local views that no loss looks at are a warning', async () => {
  const { code, stdout } = await ibot('check', 'tiny.yaml', '--json', '--unset', 'clsDistillation')
  expect(code).toBe(0)
  expect(JSON.parse(stdout).warnings).toMatchObject([
    {
      code: 'unused',
      line: 6,
      message: 'no loss looks at local views: they are made and computed for nothing',
      suggestion: "leave them out, or add 'clsDistillation'",
    },
  ])
})

test('local views that are classified are looked at', async () => {
  const edits = ['clsDistillation', 'maskedImageModeling', 'emaTeacher', 'masking'].flatMap((stage) => ['--unset', stage])
  const labelled = TINY.replace(/projectionHead: .*/, 'classifier: { classes: 6 }').replace(
    '- adamw',
    '- crossEntropy\n  - adamw',
  )
  const { code, stdout } = await start(folder({ 'p.yaml': labelled }), ['check', 'p.yaml', '--json', ...edits])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, warnings: [] })
})

test("a teacher's parameter without a teacher is a problem", async () => {
  const wrong = PIXELS.replace('hidden: 16', 'hidden: 16, teacherOutput: { shared: 16 }')
  const { code, stderr } = await start(folder({ 'p.yaml': wrong }), ['check', 'p.yaml'])
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^p\.yaml:8:\d+ {2}'teacherOutput' means nothing without teacher, and no stage gives that\n.*\n.*\n {2}leave it out, or add 'emaTeacher'/,
  )
})

test.each([
  ['checkpoint', '  - checkpoint: { keep: 3 }\n  - checkpoint\n'],
  ['initialWeights', '  - initialWeights: a.pth\n  - initialWeights: b.pth\n'],
])('a second %s is a problem', async (name, stages) => {
  const { code, stdout } = await start(folder({ 'p.yaml': `${TINY}${stages}` }), ['check', 'p.yaml', '--json'])
  expect(code).toBe(2)
  expect(JSON.parse(stdout).problems).toMatchObject([
    { code: 'second-stage', line: 17, message: `a second ${name}: '${name}' above already is one` },
  ])
})

test.each([
  [
    'a part that never begins',
    'adamw.lr={ piecewise: [{ constant: { value: 1e-3, for: 2 epochs } }, { cosine: { from: 1e-3, to: 0 } }] }',
    1,
  ],
  [
    'a temperature that never gets there',
    'clsDistillation.target=[{ center: 0.9 }, { sharpen: { linear: { from: 0.04, to: 0.07, for: 2 epochs } } }]',
    1,
  ],
  ['one that ends with the run', 'adamw.lr={ linear: { from: 0, to: 1e-3, for: 4 steps } }', 0],
  [
    'a share of the run',
    'adamw.lr={ piecewise: [{ linear: { from: 0, to: 1e-3, for: 25% } }, { cosine: { from: 1e-3, to: 0 } }] }',
    0,
  ],
  ['a constant that stays', 'adamw.lr={ constant: { value: 1e-3, for: 10 epochs } }', 0],
])('warnings: %s', async (_, set, count) => {
  const { code, stdout } = await ibot('check', 'tiny.yaml', '--json', '--set', set)
  expect(code).toBe(0)
  expect(JSON.parse(stdout).warnings).toHaveLength(count)
})

test.each([
  'adamw.lr=1e308',
  'adamw.weightDecay=1e39',
  'clsDistillation.weight={ scaledBy: { factor: 1e200, schedule: 1e200 } }',
])('a number that float32 cannot hold is a problem: %s', async (set) => {
  const { code, stderr } = await ibot('check', 'tiny.yaml', '--set', set)
  expect(code).toBe(2)
  expect(stderr).toMatch(/a step computes in float32, which ends at 3\.4e38: this reaches (1e\+308|1e\+39|Infinity)/)
})

test.each(['knn.every=0 steps', 'knn.every=0%', 'knn.every=0.0 epochs'])('a period of nothing is a problem: %s', async (set) => {
  const { code, stderr } = await ibot('check', 'tiny.yaml', '--set', set)
  expect(code).toBe(2)
  expect(stderr).toContain('expected a duration above 0')
})
