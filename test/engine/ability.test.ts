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
const tensorflow = (...types: readonly string[]): Able => on('tensorflow', ...types)
const [wasm, plain] = [on('wasm', 'CPU'), on('cpu', 'CPU')]

const asked = { precision: 'float32', device: 'auto' } as const
const outcome = (of: Parameters<typeof checkAbility>[0], engine: Able, features: readonly string[] = ['avx2']) => {
  const notes: string[] = []
  const result = checkAbility(of, engine, features, (note) => notes.push(note))
  return { notes, failure: E.isLeft(result) ? result.left : undefined }
}

test('float32 on any device is what every backend can do', () => {
  for (const engine of [wasm, plain, tensorflow('CPU')]) expect(outcome(asked, engine)).toEqual({ notes: [], failure: undefined })
})

test('bfloat16 and GPUs need TensorFlow', () => {
  expect(outcome({ ...asked, precision: 'bfloat16' }, wasm).failure).toEqual({
    _tag: 'Missing',
    message: 'the wasm backend computes in float32, and the pipeline asks for bfloat16',
    remedy: "Compute on TensorFlow, or add '--set train.precision=float32'.",
  })
  expect(outcome({ ...asked, device: 'gpu' }, plain).failure).toMatchObject({
    message: 'the cpu backend computes on the processor, and the pipeline asks for a GPU',
  })
})

test('a GPU that is asked for must be there', () => {
  expect(outcome({ ...asked, device: 'gpu' }, tensorflow('CPU')).failure).toMatchObject({
    message: 'TensorFlow finds no GPU that it can use, and the pipeline asks for one',
  })
  expect(outcome({ ...asked, device: 'gpu' }, tensorflow('CPU', 'GPU')).failure).toBeUndefined()
})

test('a processor that has to imitate bfloat16 is told of', () => {
  const bfloat16 = { ...asked, precision: 'bfloat16' } as const
  expect(outcome(bfloat16, tensorflow('CPU')).notes).toEqual([
    'this processor has no bfloat16 instructions: a step takes many times as long as in float32',
  ])
  expect(outcome(bfloat16, tensorflow('CPU'), ['avx512_bf16']).notes).toEqual([])
  expect(outcome(bfloat16, tensorflow('CPU', 'GPU')).notes).toEqual([])
})
