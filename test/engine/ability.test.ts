import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { checkAbility } from '../../src/engine/ability'
import type { Backend } from '../../src/engine/backends'
import { kindOf } from '../../src/engine/engines'

type Able = Parameters<typeof checkAbility>[1]
/** An engine that computes on such devices. */
const on = (backend: Backend, ...types: readonly string[]): Able => ({
  ...kindOf(backend),
  devices: () => types.map((type) => ({ name: type, type, memory: 0 })),
})
const xla = (...types: readonly string[]): Able => on('xla', ...types)
const [wasm, plain] = [on('wasm', 'CPU'), on('cpu', 'CPU')]

const asked = { precision: 'float32', device: 'auto', devices: 'auto' } as const
const outcome = (of: Parameters<typeof checkAbility>[0], engine: Able, features: readonly string[] = ['avx2']) => {
  const notes: string[] = []
  const result = checkAbility(of, engine, features, (note) => notes.push(note))
  return { notes, failure: E.isLeft(result) ? result.left : undefined }
}

test('float32 on any device is what every backend can do', () => {
  for (const engine of [wasm, plain, xla('CPU')]) expect(outcome(asked, engine)).toEqual({ notes: [], failure: undefined })
})

test('bfloat16 needs XLA or TensorFlow, GPUs and several devices need XLA', () => {
  expect(outcome({ ...asked, precision: 'bfloat16' }, wasm).failure).toEqual({
    _tag: 'Missing',
    message: 'the wasm backend computes in float32, and the pipeline asks for bfloat16',
    remedy: "Compute on XLA or TensorFlow, or add '--set train.precision=float32'.",
  })
  expect(outcome({ ...asked, device: 'gpu' }, plain).failure).toMatchObject({
    message: 'the cpu backend computes on the processor, and the pipeline asks for a GPU',
    remedy: "Compute on XLA, or add '--set train.device=auto'.",
  })
  expect(outcome({ ...asked, devices: 4 }, on('tensorflow', 'CPU')).failure).toMatchObject({
    message: 'the tensorflow backend computes on one device, and the pipeline asks for 4',
    remedy: "Compute on XLA, or add '--set train.devices=auto'.",
  })
})

test('a GPU that is asked for must be there', () => {
  expect(outcome({ ...asked, device: 'gpu' }, xla('CPU')).failure).toMatchObject({
    message: 'XLA finds no GPU that it can use, and the pipeline asks for one',
  })
  expect(outcome({ ...asked, device: 'gpu' }, xla('GPU')).failure).toBeUndefined()
})

test('as many devices as are asked for must be there', () => {
  expect(outcome({ ...asked, devices: 4 }, xla('GPU', 'GPU')).failure).toMatchObject({
    message: 'the pipeline asks for 4 devices, and XLA finds 2',
  })
  expect(outcome({ ...asked, devices: 2 }, xla('GPU', 'GPU')).failure).toBeUndefined()
})

test('a processor that has to imitate bfloat16 is told of', () => {
  const bfloat16 = { ...asked, precision: 'bfloat16' } as const
  expect(outcome(bfloat16, xla('CPU')).notes).toEqual([
    'this processor has no bfloat16 instructions: a step takes many times as long as in float32',
  ])
  expect(outcome(bfloat16, xla('CPU'), ['avx512_bf16']).notes).toEqual([])
  expect(outcome(bfloat16, xla('GPU')).notes).toEqual([])
})
