import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { Plan, Runnable } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import { exportRun } from '../../src/export/export'
import { type Imported, type ImportOptions, importFile } from '../../src/import/import'
import { parse, serialize } from '../../src/io/safetensors'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { runPlan } from '../../src/run/run'
import { readNetwork } from '../../src/weights/network'
import { GOLDEN, reference } from '../reference'

const root = mkdtempSync(join(tmpdir(), 'import-'))
afterAll(() => rmSync(root, { recursive: true }))
const pictures = join(root, 'pictures')
beforeAll(async () => {
  for (const i of [0, 1, 2, 3, 4, 5]) {
    mkdirSync(join(pictures, `${i % 2}`), { recursive: true })
    await sharp({ create: { width: 40, height: 40, channels: 3, background: { r: 40 * i, g: 90, b: 200 - 30 * i } } }).toFile(
      join(pictures, `${i % 2}`, `${i}.png`),
    )
  }
})

const OFFICIAL = join(GOLDEN, 'checkpoint.pth')
const small = [
  'views.global.0.augment.0.randomResizedCrop.size=32',
  'views.global.1.augment.0.randomResizedCrop.size=32',
  'views.local.0.augment.0.randomResizedCrop.size=16',
]

const take = (file: string, out: string, options: Partial<ImportOptions> = {}): Promise<E.Either<Failure, Imported>> =>
  importFile(registry, file, { out: join(root, out), data: pictures, set: small, ...options })()
const taken = async (file: string, out: string, options: Partial<ImportOptions> = {}): Promise<Imported> => {
  const result = await take(file, out, options)
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const tensorsIn = (path: string) => {
  const parsed = parse(readFileSync(path))
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right.tensors
}
const planIn = (path: string): Plan<Runnable> =>
  pipe(
    readPlan(registry, path, readFileSync(path, 'utf8'), [], crossCheck(registry)),
    E.fold(
      (problems) => {
        throw new Error(JSON.stringify(problems))
      },
      ({ plan }) => plan as Plan<Runnable>,
    ),
  )
const messageOf = (result: E.Either<Failure, unknown>): string =>
  E.isLeft(result) && 'message' in result.left ? result.left.message.replaceAll(`${root}/`, '') : JSON.stringify(result)

describe('an official checkpoint becomes a run', () => {
  it.each(['checkpoint.pth', 'checkpoint_legacy.pth'])(
    'with both networks, moments and centres, bit for bit: %s',
    async (name) => {
      const made = await taken(join(GOLDEN, name), name)
      expect(made).toMatchObject({ kind: 'run', epoch: 2, step: 3, missing: [], unexpected: [], names: 'official' })
      const fixture = reference('checkpoint')
      const state = tensorsIn(join(made.folder, 'checkpoints', 'step-00000003.safetensors'))
      const pairs = {
        'ibot_loss.center': 'expect/ibot_loss/center',
        'ibot_loss.center2': 'expect/ibot_loss/center2',
        'optimizer.backbone.cls_token.exp_avg': 'expect/optimizer/state.0.exp_avg',
        'student.head.last_layer.weight_v': 'expect/student/module.head.last_layer.weight_v',
        'teacher.backbone.pos_embed': 'expect/teacher/backbone.pos_embed',
      }
      for (const [ours, theirs] of Object.entries(pairs))
        expect([ours, state.get(ours)?.data]).toEqual([ours, fixture.floats(theirs)])
    },
  )

  it('that goes on, and takes the data with which it first does for its own', async () => {
    const { folder } = await taken(OFFICIAL, 'goes-on', { set: [...small, 'train.epochs=3'] })
    const notes: string[] = []
    const result = await runPlan(planIn(join(folder, 'resolved.yaml')), {
      resume: folder,
      backend: 'cpu',
      onEvent: (event) => event.event === 'note' && notes.push(event.message),
    })()
    expect(E.isRight(result) && result.right.steps).toBe(6)
    expect(notes).toContain(
      'checkpoint.pth is of epoch 2 and step 3, and 2 epochs of these data are 4 steps; schedules go on from step 3',
    )
    const steps = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).step)
    expect(steps).toEqual([4, 5, 6])
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
      imported: { from: 'checkpoint.pth', epoch: 2, step: 3 },
      backend: 'cpu',
      data: { count: 6 },
    })
  })

  it('without masks that hide anything its loss on patches is left out, in words, and it goes on', async () => {
    const { args } = reference<{ readonly args: Readonly<Record<string, unknown>> }>('checkpoint').json
    const python = (value: unknown) =>
      ({ true: 'True', false: 'False', null: 'None' })[JSON.stringify(value)] ?? JSON.stringify(value)
    const lines = Object.entries({ ...args, pred_ratio: [0], pred_ratio_var: [0] }).map(
      ([name, value]) => `${name}: ${python(value)}`,
    )
    const file = join(root, 'unmasked.txt')
    writeFileSync(file, lines.join('\n'))
    const made = await taken(OFFICIAL, 'unmasked', { args: file, set: [...small, 'train.epochs=2'] })
    expect(made).toMatchObject({ kind: 'run', step: 3, missing: [], unexpected: ['ibot_loss.center2'] })
    expect(made.notes).toContainEqual(expect.stringContaining('its masks hide nothing (pred_ratio 0)'))
    const plan = planIn(join(made.folder, 'resolved.yaml'))
    const result = await runPlan(plan, { resume: made.folder, backend: 'cpu' })()
    expect(E.isRight(result) && result.right).toMatchObject({ steps: 4, terms: { 'clsDistillation.loss': expect.any(Number) } })
  })

  it('whose export and import give the same names and bits', async () => {
    const { folder } = await taken(OFFICIAL, 'round')
    for (const to of ['safetensors', 'timm'] as const) {
      const path = join(root, `round-${to}`)
      const exported = await exportRun(registry, folder, {
        to,
        out: path,
        network: 'teacher',
        withHead: to === 'safetensors',
        download: false,
        tell: () => undefined,
      })()
      if (E.isLeft(exported)) throw new Error(JSON.stringify(exported.left))
      const back = await taken(to === 'timm' ? join(path, 'model.safetensors') : path, `back-${to}`)
      const want = await readNetwork(OFFICIAL, 'teacher')()
      if (E.isLeft(want)) throw new Error(JSON.stringify(want.left))
      const got = tensorsIn(join(back.folder, 'weights.safetensors'))
      for (const [name, { data }] of want.right.weights)
        if (!name.includes('last_layer2') && (to === 'safetensors' || name.startsWith('backbone.')))
          expect([name, got.get(name)?.data]).toEqual([name, data])
    }
  })
})

describe('a network alone becomes weights and a pipeline that starts from them', () => {
  it('either one of an official checkpoint, with the arguments in it', async () => {
    const made = await taken(OFFICIAL, 'student', { network: 'student', set: [...small, 'train.epochs=1', 'train.batch=6'] })
    expect(made).toMatchObject({ kind: 'weights', weights: 39, missing: [], unexpected: [], names: 'official' })
    const result = await runPlan(planIn(join(made.folder, 'pipeline.yaml')), { out: join(root, 'student-run'), backend: 'cpu' })()
    expect(E.isRight(result) && result.right.steps).toBe(1)
  })

  it('a backbone without arguments, with a head and a recipe of the paper', async () => {
    const { folder } = await taken(OFFICIAL, 'whole', { network: 'teacher' })
    const backbone = [...tensorsIn(join(folder, 'weights.safetensors'))].filter(([name]) => name.startsWith('backbone.'))
    const file = join(root, 'backbone.safetensors')
    writeFileSync(file, serialize(backbone.map(([name, entry]) => [name.slice('backbone.'.length), entry])))
    const made = await taken(file, 'backbone', { set: [] })
    expect(made.missing).toContain('head.last_layer.weight_v')
    expect(made.unexpected).toEqual([])
    const text = readFileSync(join(made.folder, 'pipeline.yaml'), 'utf8')
    expect(text).toContain('width: 30')
    expect(text).toContain('local:\n        - times: 10')
    expect(text).toContain(`initialWeights: { file: ${join(made.folder, 'weights.safetensors')}, network: teacher }`)
  })
})

it('of a folder the weights in it are taken, where it is plain which', async () => {
  const networks = join(__dirname, '..', 'weights', 'networks')
  const [folder, file] = [join(networks, 'hf-vit'), join(networks, 'hf-vit', 'model.safetensors')]
  const of = async (path: string, out: string) => {
    const { folder: made } = await taken(path, out, { set: [] })
    return tensorsIn(join(made, 'weights.safetensors'))
  }
  expect(await of(folder, 'of-folder')).toEqual(await of(file, 'of-file'))
  const several = join(root, 'several')
  mkdirSync(several)
  expect(messageOf(await take(several, 'none', { set: [] }))).toBe('there are no weights in the folder several')
  for (const name of ['a.pth', 'b.pth']) writeFileSync(join(several, name), '')
  expect(messageOf(await take(several, 'none', { set: [] }))).toBe('several files in several hold weights')
})

it('arguments alone become a pipeline', async () => {
  const args = join(root, 'args.txt')
  writeFileSync(args, 'arch: vit_small\nepochs: 300\ndata_path: /data/train\n')
  const made = await taken(args, 'recipe', { data: undefined, set: [] })
  expect(made).toMatchObject({ kind: 'pipeline', next: `ibot run ${join(made.folder, 'pipeline.yaml')}` })
  const text = readFileSync(join(made.folder, 'pipeline.yaml'), 'utf8')
  expect(text).toContain('path: /data/train')
  expect(text).toContain('epochs: 300')
  expect(planIn(join(made.folder, 'pipeline.yaml')).name).toBe('recipe')
})

describe('nothing is made, and nothing overwritten, of', () => {
  it('a folder that has something in it', async () => {
    mkdirSync(join(root, 'taken'))
    writeFileSync(join(root, 'taken', 'notes'), 'mine')
    expect(messageOf(await take(OFFICIAL, 'taken', { network: 'teacher' }))).toBe(
      "the folder taken isn't empty, and an import overwrites nothing",
    )
    expect(messageOf(await take(OFFICIAL, 'taken'))).toBe("the folder taken isn't empty, and a run overwrites nothing")
    expect(readFileSync(join(root, 'taken', 'notes'), 'utf8')).toBe('mine')
  })

  it.each<[string, () => string, Partial<ImportOptions>, string]>([
    [
      'a text without arguments',
      () => join(__dirname, 'import.test.ts'),
      {},
      "can't be used: it holds no arguments of the official code, such as a line `arch: vit_small`",
    ],
    [
      'arguments in JSON',
      () => join(__dirname, '..', 'weights', 'networks', 'hf-vit', 'config.json'),
      {},
      "can't be used: it is JSON, and arguments are read as the official code prints them, each on a line of its own: `arch: vit_small`",
    ],
    ['a file that is missing', () => join(root, 'none.pth'), {}, 'cannot read none.pth: there is no such file or folder'],
    [
      'arguments for another network',
      () => OFFICIAL,
      { args: 'lars' },
      "can't be used: its arguments say that the optimizer is lars, and its moments are those of adamw (exp_avg, exp_avg_sq)",
    ],
    [
      'arguments of another head',
      () => OFFICIAL,
      { args: 'separate' },
      "can't be used: its optimizer is not that of this pipeline: head.last_layer.weight_v.exp_avg is [32, 1], not [32, 16]",
    ],
  ])('%s', async (_, file, options, message) => {
    writeFileSync(join(root, 'lars'), 'arch: vit_tiny\noptimizer: lars\n')
    writeFileSync(join(root, 'separate'), 'arch: vit_tiny\nnorm_in_head: bn\n')
    const args = options.args === undefined ? {} : { args: join(root, options.args) }
    const result = await take(file(), 'none', { set: [], ...args })
    expect(messageOf(result)).toContain(message)
    expect(existsSync(join(root, 'none'))).toBe(false)
  })
})
