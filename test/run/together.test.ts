/** Runs that several processes train together, each a real one. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from '../../src/io/safetensors'
import { BIN, type Ended, start } from '../cli/ibot'
import { freePort } from '../cluster/members'
import { withoutTensorFlow } from '../engine'
import { pictureFolder } from '../loader/pictureFolder'

const STEPS = 16
const [PICTURES, DAMAGED] = [24, [3, 8, 13, 18]]
const LONG = 240_000

const pipelineOf = (pictures: string, others: string): string => `name: together
pipeline:
  - dataset: { imageFolder: ${pictures} }
  - views:
      global: [{ times: 2, augment: [{ randomResizedCrop: { size: 16, scale: [0.4, 1] } }, { horizontalFlip: { p: 0.5 } }] }]
      local: [{ augment: { randomResizedCrop: { size: 8, scale: [0.1, 0.4] } } }]
  - masking: { mixture: [none, block: { ratio: [0.1, 0.5] }] }
  - vit: { patch: 4, width: 16, depth: 2, heads: 2, dropPath: 0.2 }
  - projectionHead: { output: { shared: 12 }, hidden: 16, bottleneck: 8, norm: batch }
  - emaTeacher: { momentum: { cosine: { from: 0.9, to: 1 } } }
  - clsDistillation: { target: [center: 0.9, sharpen: 0.04] }
  - maskedImageModeling: { target: [center: 0.9, sharpen: 0.04] }
  - adamw: { lr: 1e-3, freezeLastLayer: 2 steps }
  - train: { batch: 4, steps: ${STEPS}, workers: 0, maxBad: 0.2 }
  - checkpoint: { every: 4 steps, keep: 4 }
  - knn: { test: { imageFolder: ${others} }, k: 3 }
`

type Env = Readonly<Record<string, string>>

let [root, pictures, others] = ['', '', '']
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-together-'))
  ;[pictures, others] = [await pictureFolder(PICTURES), await pictureFolder(8)]
  for (const i of DAMAGED) writeFileSync(join(pictures, `class${i % 2}`, `${i}.jpg`), 'no picture')
  writeFileSync(join(root, 'together.yaml'), pipelineOf(pictures, others))
})
afterAll(() => {
  for (const folder of [root, pictures, others]) rmSync(folder, { recursive: true })
})

const ON = ['--backend', 'tensorflow']
const fresh = (out: string, ...options: readonly string[]): readonly string[] => [
  'together.yaml',
  ...['--out', out, ...ON, ...options],
]
const launch = (args: readonly string[], env: Env = {}) => start(root, ['launch', '-n', '2', ...args], env)

const last = ({ stdout }: Ended) => JSON.parse(stdout.trimEnd().split('\n').at(-1)!)
const shaOf = (ended: Ended): string => {
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  return last(ended).sha256
}

const linesOf = (run: string, file: string): readonly Readonly<Record<string, unknown>>[] =>
  readFileSync(join(root, run, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const weightsOf = (run: string, step = STEPS): Readonly<Record<string, Float32Array>> => {
  const name = `step-${String(step).padStart(8, '0')}.safetensors`
  const found = parse(readFileSync(join(root, run, 'checkpoints', name)))
  if (E.isLeft(found)) throw new Error(found.left)
  const all = [...found.right.tensors].flatMap(([name, { data }]) =>
    data instanceof Float32Array ? [[name, data] as const] : [],
  )
  expect(all.length).toBeGreaterThan(50)
  return Object.fromEntries(all)
}
/**
 * What changes nothing that comes after it: biases of keys, and shifts before a batch normalisation. Their gradients are rounding
 * errors, which Adam makes steps of.
 */
const FREE = /attn\.qkv\.bias$|backbone\.norm\.bias$|head\.mlp\.[03]\.bias$|running_mean$/
/** The largest difference between two runs' numbers in their last states. */
const apart = (a: string, b: string): number => {
  const [one, other] = [weightsOf(a), weightsOf(b)]
  expect(Object.keys(one)).toEqual(Object.keys(other))
  let most = 0
  for (const [name, values] of Object.entries(one))
    if (!FREE.test(name)) for (const [i, value] of values.entries()) most = Math.max(most, Math.abs(value - other[name]![i]!))
  return most
}
/** A copy of a run as it was after so many steps. */
const backTo = (run: string, name: string, step: number): string => {
  cpSync(join(root, run), join(root, name), { recursive: true })
  const checkpoints = join(root, name, 'checkpoints')
  for (const file of readdirSync(checkpoints))
    if (Number(/step-(\d+)/.exec(file)?.[1]) > step) rmSync(join(checkpoints, file), { recursive: true })
  return name
}

/** Members that are started by hand, each with what its environment and options say. */
const byHand = async (
  args: (rank: number) => readonly string[],
  env: (rank: number, port: number) => Env = own,
): Promise<readonly Ended[]> => {
  const port = await freePort()
  return Promise.all([0, 1].map((rank) => start(root, ['run', ...args(rank)], env(rank, port))))
}
const own = (rank: number, port: number): Env => ({
  ...{ IBOT_RANK: String(rank), IBOT_SIZE: '2', IBOT_LEADER: `127.0.0.1:${port}`, IBOT_SECRET: 'word', IBOT_THREADS: '1' },
})

describe.skipIf(withoutTensorFlow !== undefined)('processes that train together', () => {
  let unbroken = ''
  beforeAll(async () => {
    const [two, one] = await Promise.all([
      launch(fresh('two', '--json')),
      // What says that there are others is ignored, though it is wrong.
      start(root, ['run', ...fresh('one', '--json', '--alone')], { TF_CONFIG: '{"cluster":' }),
    ])
    unbroken = shaOf(two)
    shaOf(one)
  }, LONG)

  test('learn what one process learns, and leave the same files', () => {
    expect(apart('two', 'one')).toBeLessThan(1e-5)
    const files = (run: string) =>
      readdirSync(join(root, run), { recursive: true })
        .map((name) => String(name).replace(/^events\..*/, 'events'))
        .sort()
    expect(files('two')).toEqual(files('one'))
    expect(files('two')).toContain('report.html')
    const metrics = (run: string) => linesOf(run, 'metrics.jsonl')
    expect(metrics('two').map(Object.keys)).toEqual(metrics('one').map(Object.keys))
    for (const [i, { loss, step }] of metrics('one').entries()) {
      expect(metrics('two')[i]!.step).toBe(step)
      if (typeof loss === 'number') expect(metrics('two')[i]!.loss).toBeCloseTo(loss, 4)
    }
  })

  test('list each picture that one of them could not read once', () => {
    const listed = (run: string) =>
      linesOf(run, 'damaged.jsonl')
        .map(({ image }) => Number(image))
        .sort((a, b) => a - b)
    expect(listed('one').length).toBe(DAMAGED.length)
    expect(listed('two')).toEqual(listed('one'))
  })

  test(
    'go on with what one process began, one goes on with what they began, and they with their own to the same bits',
    async () => {
      const [after, before, again] = await Promise.all([
        launch(['--resume', backTo('one', 'one-two', 8), '--json']),
        start(root, ['run', '--resume', backTo('two', 'two-one', 8), '--json']),
        launch(['--resume', backTo('two', 'two-two', 8), '--json']),
      ])
      shaOf(after)
      shaOf(before)
      expect(shaOf(again)).toBe(unbroken)
      expect(apart('one-two', 'one')).toBeLessThan(1e-5)
      expect(apart('two-one', 'one')).toBeLessThan(1e-5)
    },
    LONG,
  )

  describe.each([0, 1])('where member %i is killed', (rank) => {
    const dying = (run: string): Env => ({
      NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'dying.cjs'))}`,
      DYING: `${rank} 6 ${join(root, run, 'metrics.jsonl')}`,
    })

    test.concurrent(
      'all end with 3 and a message that names it, and what is started again ends with the same bits',
      async () => {
        const run = `killed-${rank}`
        const killed = await launch(fresh(run, '--json'), dying(run))
        expect(killed.code, killed.stderr).toBe(3)
        expect(killed.stderr).toMatch(new RegExp(`member ${rank} \\(pid \\d+\\) was ended by SIGKILL\n`))
        const named = rank === 0 ? /error {2}member 0 \(.*\) was killed/g : /error {2}member 1 \(.*\) was killed/g
        // Once, however many know of it.
        expect(killed.stderr.match(named)).toHaveLength(1)
        expect(killed.stderr).toContain(`start all again with: ibot launch -n 2 --resume ${run}\n`)
        expect(last(killed)).toMatchObject({ event: 'failed', exit: 3 })
        expect(shaOf(await launch(['--resume', run, '--json']))).toBe(unbroken)
      },
      LONG,
    )

    test.concurrent(
      '--restarts starts them again until they are done',
      async () => {
        const run = `restarted-${rank}`
        const restarted = await launch(fresh(run, '--json', '--restarts', '1'), dying(run))
        expect(shaOf(restarted)).toBe(unbroken)
        expect(restarted.stderr).toContain(
          `starting all 2 processes again from the newest checkpoint of ${run}; 0 restarts left\n`,
        )
      },
      LONG,
    )
  })

  test(
    'members that are about to do something else are refused before the first step, with what differs',
    async () => {
      writeFileSync(
        join(root, 'other.cjs'),
        `require(${JSON.stringify(join(BIN, '../../dist/base/version.js'))}).version = '9.9'`,
      )
      const asked = (out: string, ...options: readonly string[]) => {
        return (rank: number) => (rank === 0 ? fresh(out) : [...fresh(out), ...options])
      }
      const [pipelines, data, versions] = await Promise.all([
        byHand(asked('differ-1', '--set', 'adamw.lr=2e-3')),
        byHand(asked('differ-2', '--set', `dataset.imageFolder=${others}`)),
        byHand(asked('differ-3'), (rank, port) => ({
          ...own(rank, port),
          ...(rank === 0 ? {} : { NODE_OPTIONS: `--require ${JSON.stringify(join(root, 'other.cjs'))}` }),
        })),
      ])
      for (const [all, text] of [
        [pipelines, /error {2}member 1 \(.*\) has another pipeline .* than member 0/],
        [data, /error {2}member 1 \(.*\) has other data .* than member 0/],
        [versions, /error {2}member 1 \(.*\) is ibot 9\.9, and member 0 \(.*\) is/],
      ] as const)
        for (const { code, stderr } of all) {
          expect(stderr).toMatch(text)
          expect(code).toBe(3)
        }
      expect(existsSync(join(root, 'differ-1'))).toBe(false)
    },
    LONG,
  )

  test.concurrent.each([
    [
      'TF_CONFIG',
      (rank: number, port: number) => ({
        TF_CONFIG: JSON.stringify({
          cluster: { worker: [`127.0.0.1:${port}`, '127.0.0.1:1'] },
          task: { type: 'worker', index: rank },
        }),
      }),
    ],
    [
      'Slurm',
      (rank: number, port: number) => ({
        ...{ SLURM_STEP_ID: '0', SLURM_PROCID: String(rank), SLURM_STEP_NUM_TASKS: '2', SLURM_JOB_ID: '1' },
        ...{ SLURM_STEP_NODELIST: 'localhost', MASTER_PORT: String(port) },
      }),
    ],
    [
      'NNODES',
      (rank: number, port: number) => ({
        ...{ NNODES: '2', NODE_RANK: String(rank), MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(port) },
      }),
    ],
  ])(
    'are what %s says',
    async (name, env) => {
      const all = await byHand(
        () => fresh(name, '--set', 'train.steps=2', '--unset', 'knn', '--json'),
        (rank, port) => ({ ...env(rank, port), IBOT_THREADS: '1' }),
      )
      expect(
        all.map(({ code }) => code),
        all[1]!.stderr,
      ).toEqual([0, 0])
      expect(last(all[0]!)).toMatchObject({ event: 'end', steps: 2 })
    },
    LONG,
  )

  test(
    'Ctrl-C saves what they have learnt and ends all of them',
    async () => {
      const launched = launch(fresh('stopped', '--json', '--set', 'train.steps=100000'))
      await launched.said('"event":"step","step":3')
      launched.process.kill('SIGINT')
      const { code, stderr, stdout } = await launched
      expect(code).toBe(130)
      expect(stderr).toMatch(/^stopped {2}the run is saved after step (\d+) of 100000\n/m)
      expect(stderr).not.toContain('member')
      expect(stdout.trimEnd().split('\n').at(-1)).toContain('"failed":"Stopped"')
      const [, step] = /after step (\d+)/.exec(stderr)!
      weightsOf('stopped', Number(step))
    },
    LONG,
  )

  test(
    'are refused where they could not be, in words that are said once',
    async () => {
      const port = await freePort()
      const server = createServer().listen(port, '127.0.0.1')
      const refused = (env: Env) => start(root, ['run', ...fresh('refused')], env)
      const [wasm, uneven, half, open, taken] = await Promise.all([
        launch(['together.yaml', '--backend', 'wasm']),
        launch(fresh('refused', '--set', 'train.batch=5')),
        refused({ TF_CONFIG: '{"cluster":' }),
        refused({ ...own(1, port), IBOT_LEADER: '8.8.8.8:2000' }),
        refused(own(0, port)),
      ])
      server.close()
      expect(wasm.code).toBe(3)
      expect(wasm.stderr.match(/error {2}the wasm backend computes in one process, and this run has 2\n/g)).toHaveLength(1)
      expect(uneven.code).toBe(2)
      expect(uneven.stderr.match(/5 pictures can't be shared out evenly among 2 processes\n/g)).toHaveLength(1)
      expect(half).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error {2}TF_CONFIG is /) })
      expect(open.code).toBe(3)
      expect(open.stderr).toContain('members would meet at a public address (8.8.8.8)')
      expect(open.stderr).toContain('--trusted-network')
      expect(taken.code).toBe(3)
      expect(taken.stderr).toContain(`member 0 can't listen at 127.0.0.1:${port}: another process does\n`)
    },
    LONG,
  )
})
