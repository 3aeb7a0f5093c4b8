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
  none,
  type Plan,
  pipe,
  pipeline,
  pixelReconstruction,
  projectionHead,
  type RunEvent,
  type Runnable,
  randomResizedCrop,
  shapes,
  shared,
  sharpen,
  train,
  views,
  vit,
} from '../../src/index'
import { parse, serialize } from '../../src/io/safetensors'
import { runPlan } from '../../src/run/run'
import { readNetwork } from '../../src/weights/network'
import { GOLDEN } from '../reference'

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
    masking(none()),
    vit({ patch: 8, width: 30, depth: 2, heads: 3 }),
    initialWeights(FILE),
    pixelReconstruction(),
    adamw({ lr: 0 }),
    train({ batch: 4, steps: 1 }),
  )
  expect(E.isRight(await run('alone', plan))).toBe(true)
  const want = await readNetwork(FILE, 'teacher')()
  if (E.isLeft(want)) throw new Error(JSON.stringify(want.left))
  const state = stateOf('alone')
  expect([...state.keys()].filter((name) => name.startsWith('teacher'))).toEqual([])
  for (const [name, { data }] of want.right.weights)
    if (name.startsWith('backbone.')) expect([name, state.get(`student.${name}`)?.data]).toEqual([name, data])
})

test('a file that lacks weights and has others gives what it has', async () => {
  const file = join(root, 'part.safetensors')
  const bias = { dtype: 'F32', shape: [30], data: new Float32Array(30).fill(7) } as const
  const other = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const
  writeFileSync(
    file,
    serialize([
      ['patch_embed.proj.bias', bias],
      ['fc.weight', other],
    ]),
  )
  const told = await run('part', still(file))
  expect(E.isRight(told) && told.right.slice(1)).toEqual([
    'not in it, so they start as without it: backbone.cls_token, backbone.pos_embed, backbone.patch_embed.proj.weight, backbone.blocks.0.norm1.weight, backbone.blocks.0.norm1.bias, backbone.blocks.0.attn.qkv.weight, backbone.blocks.0.attn.qkv.bias, backbone.blocks.0.attn.proj.weight, backbone.blocks.0.attn.proj.bias, backbone.blocks.0.norm2.weight and 27 more',
    'in it, but not in this network: fc.weight',
  ])
  expect(stateOf('part').get('teacher.backbone.patch_embed.proj.bias')!.data[0]).toBe(7)
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
