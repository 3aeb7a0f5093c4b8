import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import {
  adamw,
  center,
  clsDistillation,
  dataset,
  emaTeacher,
  initialWeights,
  masking,
  type Plan,
  pipe,
  pipeline,
  pixelReconstruction,
  projectionHead,
  type RunEvent,
  type Runnable,
  random,
  randomResizedCrop,
  shapes,
  shared,
  sharpen,
  train,
  views,
  vit,
} from '../../src/index'
import { type Entry, parse, serialize } from '../../src/io/safetensors'
import { runPlan } from '../../src/run/run'
import { readNetwork } from '../../src/weights/network'
import { GOLDEN } from '../reference'
import { tensorsIn } from '../weights/fixtures'

const root = mkdtempSync(join(tmpdir(), 'ibot-initial-'))
afterAll(() => rmSync(root, { recursive: true }))

const FILE = join(GOLDEN, 'checkpoint.pth')

/** A pipeline for which nothing moves: what is saved after its step is what it began with. */
const still = (file: string, width = 30, size = 32) =>
  pipe(
    pipeline('still'),
    dataset(shapes({ count: 4, size: 32 })),
    views({ global: [{ times: 2, augment: randomResizedCrop({ size, scale: [0.5, 1] }) }] }),
    vit({ patch: 8, width, depth: 2, heads: 3 }),
    projectionHead({ output: shared(32), hidden: 32, bottleneck: 16, normalizeLastLayer: false }),
    emaTeacher(1),
    initialWeights(file),
    clsDistillation({ target: [center(0.9), sharpen(0.04)] }),
    adamw({ lr: 0, freezeLastLayer: '0 steps' }),
    train({ batch: 4, steps: 1 }),
  )

const run = async (name: string, plan: Plan<Runnable>): Promise<E.Either<Failure, readonly string[]>> => {
  const told: string[] = []
  const onEvent = (event: RunEvent) => event.event === 'note' && told.push(event.message)
  const result = await runPlan(plan, { out: join(root, name), backend: 'cpu', onEvent })()
  return E.isLeft(result) ? result : E.right(told)
}
const stateOf = (name: string) => {
  const parsed = parse(readFileSync(join(root, name, 'checkpoints', 'step-00000001.safetensors')))
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right.tensors
}

test('both networks start from the weights of a checkpoint, and a run tells what it lacks', async () => {
  const told = await run('whole', still(FILE))
  expect(told).toEqual(E.right([`the 38 weights of ${FILE} (official names) fit`]))
  const want = await readNetwork(FILE, 'teacher')()
  if (E.isLeft(want)) throw new Error(JSON.stringify(want.left))
  const state = stateOf('whole')
  for (const network of ['student', 'teacher'])
    for (const [name, { data }] of want.right.weights)
      if (!name.includes('last_layer2')) expect([name, state.get(`${network}.${name}`)?.data]).toEqual([name, data])
})

test('a student without a teacher starts from them, too', async () => {
  const plan = pipe(
    pipeline('alone'),
    dataset(shapes({ count: 4, size: 32 })),
    views({ global: [{ augment: randomResizedCrop({ size: 32 }) }] }),
    masking(random({ ratio: 0.4 })),
    vit({ patch: 8, width: 30, depth: 2, heads: 3 }),
    initialWeights(FILE),
    pixelReconstruction(),
    adamw({ lr: 0 }),
    train({ batch: 4, steps: 1 }),
  )
  expect(E.isRight(await run('without-teacher', plan))).toBe(true)
  const want = await readNetwork(FILE, 'teacher')()
  if (E.isLeft(want)) throw new Error(JSON.stringify(want.left))
  const state = stateOf('without-teacher')
  expect([...state.keys()].filter((name) => name.startsWith('teacher'))).toEqual([])
  for (const [name, { data }] of want.right.weights)
    if (name.startsWith('backbone.')) expect([name, state.get(`student.${name}`)?.data]).toEqual([name, data])
})

/** The teacher's backbone in a file of its own: its tensors, changed, and what the file says of itself. */
const backboneFile = async (
  name: string,
  change: (entries: readonly (readonly [string, Entry])[]) => readonly (readonly [string, Entry])[] = (entries) => entries,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const read = await readNetwork(FILE, 'teacher')()
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
  const entries = [...read.right.weights].flatMap(([key, values]): readonly (readonly [string, Entry])[] =>
    key.startsWith('backbone.') ? [[key.slice('backbone.'.length), { dtype: 'F32', ...values }]] : [],
  )
  const file = join(root, `${name}.safetensors`)
  writeFileSync(file, serialize(change(entries), metadata))
  return file
}
const other: readonly [string, Entry] = ['fc.weight', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }]
const messageOf = (result: E.Either<Failure, unknown>): string =>
  E.isLeft(result) && result.left._tag === 'Rejected'
    ? result.left.problems[0]!.message.replaceAll(`${root}/`, '')
    : JSON.stringify(result)

test('a backbone alone gives what it has: a head starts at random, and what no network has is told', async () => {
  const file = await backboneFile('alone', (entries) => [...entries, other])
  const told = await run('alone', still(file))
  expect(E.isRight(told) && told.right).toEqual([
    `the 30 weights of ${file} (official names) fit`,
    'not in it, so they start as without it: head.mlp.0.weight, head.mlp.0.bias, head.mlp.2.weight, head.mlp.2.bias, head.mlp.4.weight, head.mlp.4.bias, head.last_layer.weight_g, head.last_layer.weight_v',
    'in it, but not in this network: fc.weight',
  ])
  const want = tensorsIn(file).get('blocks.1.mlp.fc2.weight')!.data
  for (const network of ['student', 'teacher'])
    expect(stateOf('alone').get(`${network}.backbone.blocks.1.mlp.fc2.weight`)!.data).toEqual(want)
})

test('a network some of whose layers would start at random is not one that was loaded', async () => {
  const without = await backboneFile('without', (entries) => [
    ...entries.filter(([name]) => !name.startsWith('blocks.1.')),
    other,
  ])
  expect(messageOf(await run('without', still(without)))).toBe(
    "the weights in without.safetensors aren't those of this network: it has 18 of the 30 weights of the backbone, and lacks backbone.blocks.1.norm1.weight, backbone.blocks.1.norm1.bias, backbone.blocks.1.attn.qkv.weight, backbone.blocks.1.attn.proj.weight, backbone.blocks.1.attn.proj.bias and 6 more; it also has fc.weight",
  )
})

test('nor is one some of whose layers this network lacks', async () => {
  const gamma = { dtype: 'F32', shape: [30], data: new Float32Array(30) } as const
  const scaled = await backboneFile('scaled', (entries) => [...entries, ['blocks.0.gamma_1', gamma], ['blocks.0.gamma_2', gamma]])
  expect(messageOf(await run('scaled', still(scaled)))).toBe(
    "the weights in scaled.safetensors aren't those of this network: its backbone has 2 weights that this network has no place for: backbone.blocks.0.gamma_1, backbone.blocks.0.gamma_2",
  )
})

test('a number of heads other than that of the file is warned of', async () => {
  const file = await backboneFile('headed', undefined, {
    architecture: JSON.stringify({ family: 'vit', heads: 5, layerNormEps: 1e-5 }),
  })
  const told = await run('headed', still(file))
  expect(E.isRight(told) && told.right.slice(-2)).toEqual([
    `warning: the backbone has heads 3, and that of ${file} 5, as its metadata says: it computes something else`,
    `warning: the backbone has layerNormEps 0.000001, and that of ${file} 0.00001, as its metadata says: it computes something else`,
  ])
  const same = await backboneFile('same', undefined, { architecture: JSON.stringify({ family: 'vit', heads: 3 }) })
  const quiet = await run('same', still(same))
  expect(E.isRight(quiet) && quiet.right.filter((message) => message.startsWith('warning'))).toEqual([])
})

test('a checkpoint of a run tells the heads of its networks', async () => {
  const own = join(root, 'whole', 'checkpoints', 'step-00000001.safetensors')
  const read = await readNetwork(own, 'student')()
  expect(E.isRight(read) && read.right).toMatchObject({ network: 'student', known: { heads: 3, width: 30, patch: 8 } })
})

test('position tables are resized for views of another size', async () => {
  const told = await run('larger', still(FILE, 30, 48))
  expect(E.isRight(told) && told.right.at(-1)).toBe('resized: backbone.pos_embed from [1, 17, 30] to [1, 37, 30]')
})

test('any other weight of another shape is a mistake in the pipeline, with its place', async () => {
  const result = await run('unfit', still(FILE, 60))
  expect(E.isLeft(result) && result.left).toEqual({
    _tag: 'Rejected',
    problems: [
      {
        code: 'unfit-weights',
        path: ['pipeline', 5, 'initialWeights', 'file'],
        at: 'value',
        message: `the weights in ${FILE} don't fit this network: backbone.cls_token is [1, 1, 30], not [1, 1, 60]; so it is with 30 others`,
        suggestion: 'give the backbone and the head the sizes of the file, or leave the file out',
      },
    ],
  })
})
