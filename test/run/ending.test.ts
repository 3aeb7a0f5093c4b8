/** Runs whose device breaks off, or whose memory runs out: what was saved is named, and how to go on. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TensorFlowError } from '../../src/base/engineError'
import { exitCode, type Failure } from '../../src/base/failure'
import { brokenBy } from '../../src/engine/broken'
import type { Interpreter } from '../../src/engine/interpreter'
import { openPlan } from '../../src/program/openPlan'
import { train } from '../../src/run/loop'
import { createRunFolder } from '../../src/store/folder'
import { testEngine } from '../engine'
import { tiny } from './tiny'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-ending-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const right = <A>(result: E.Either<Failure, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

/** An interpreter whose step throws once so many have been done. */
const breaking = (interpreter: Interpreter, after: number, error: Error): Interpreter => {
  let done = 0
  return {
    ...interpreter,
    step: async (...given) => {
      if (done++ === after) throw error
      return interpreter.step(...given)
    },
  }
}

/** What a run of six steps, saved every two, ends with. */
const ending = async (out: string, after: number, error: Error) => {
  const engine = await testEngine('cpu')
  const opened = right(await openPlan(tiny())())
  const folder = right(await createRunFolder('tiny', join(root, out))())
  const { program } = opened
  const interpreter = breaking(await engine.open(program, program.init(0)), after, error)
  const progress = { step: 0, probes: {} }
  return train({
    ...opened,
    engine,
    folder,
    interpreter,
    probes: [],
    tell: () => undefined,
    show: async () => undefined,
    signal: undefined,
    saveNow: undefined,
    progress,
  })()
}

const OOM = `2 root error(s) found.
  (0) RESOURCE_EXHAUSTED: OOM when allocating tensor with shape[128,8192]
	 [[{{node MatMul_7}}]]
  (1) RESOURCE_EXHAUSTED: the same
0 successful operations.`

test.each([
  [
    8,
    OOM,
    'out of memory (OOM when allocating tensor with shape[128,8192])',
    'Compute fewer pictures at once (microBatch), make the network smaller, or free some memory and ',
    '.',
  ],
  [
    10,
    'Step was aborted',
    'TensorFlow failed (Step was aborted)',
    'Check that the device still works, and ',
    "; '--backend wasm' runs without it.",
  ],
  [
    14,
    'Socket closed',
    'TensorFlow failed (Socket closed)',
    'Check that the device still works, and ',
    "; '--backend wasm' runs without it.",
  ],
  [
    1,
    'Session was closed',
    'TensorFlow failed (Session was closed)',
    'Check that the device still works, and ',
    "; '--backend wasm' runs without it.",
  ],
  [
    13,
    'CUDA error: device lost',
    'TensorFlow failed (CUDA error: device lost)',
    'Check that the device still works, and ',
    "; '--backend wasm' runs without it.",
  ],
])('TensorFlow’s error %i ends a run with 3 and names the last good checkpoint', async (code, text, what, remedy, rest) => {
  const out = `code-${code}`
  const result = await ending(out, 3, new TensorFlowError(code, text))
  if (E.isRight(result)) throw new Error('it went well')
  const folder = join(root, out)
  expect(result.left).toEqual({
    _tag: 'Missing',
    message: `after step 3 ${what}`,
    remedy: `The last good checkpoint is that of step 2 in ${join(folder, 'checkpoints')}. ${remedy}go on with 'ibot run --resume ${folder}'${rest}`,
  })
  expect(exitCode(result.left)).toBe(3)
  expect(existsSync(join(folder, 'checkpoints', 'step-00000002.safetensors'))).toBe(true)
})

test('before the first checkpoint that is said', async () => {
  expect(await ending('none', 0, new TensorFlowError(8, 'OOM'))).toEqual(
    E.left({
      _tag: 'Missing',
      message: 'at the first step out of memory (OOM)',
      remedy: `No checkpoint was written before. Compute fewer pictures at once (microBatch), make the network smaller, or free some memory and go on with 'ibot run --resume ${join(root, 'none')}'.`,
    }),
  )
})

test('what is a mistake of ours stays one', async () => {
  await expect(ending('ours', 1, new TensorFlowError(3, 'Incompatible shapes'))).rejects.toThrow('Incompatible shapes')
  expect(brokenBy(new TensorFlowError(13, 'Check failed'))).toBeUndefined()
  expect(brokenBy(new TypeError('x is not a function'))).toBeUndefined()
})
