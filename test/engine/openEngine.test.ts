/** What computes where TensorFlow can't be had: something else and a sentence, or a failure where it was asked for. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Failure, missing } from '../../src/base/failure'
import type { Backend } from '../../src/engine/backends'
import { openEngine } from '../../src/engine/openEngine'
import { runPlan } from '../../src/run/run'
import { tiny } from '../run/tiny'

let root: string
let broken: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-engine-'))
  broken = join(root, 'broken')
  mkdirSync(broken)
  for (const name of ['framework', 'cc']) writeFileSync(join(broken, `libtensorflow_${name}.so.2`), 'x')
})
afterAll(() => rmSync(root, { recursive: true }))

/** What computes on some machine, or why nothing does, and what was said. */
const opened = async (backend: Backend | undefined, library: string, features: readonly string[] = ['avx']) => {
  const said: string[] = []
  const host = {
    env: { PATH: '', IBOT_TENSORFLOW: library },
    platform: 'linux',
    arch: 'x64',
    glibc: '2.36',
    cache: join(root, 'cache'),
    tfjsNode: undefined,
  } as const
  const tell = (event: { readonly event: string; readonly message?: string }) => void said.push(event.message ?? event.event)
  const engine = await openEngine({ backend, download: false, tell, signal: undefined, host, features })()
  return { engine: E.isRight(engine) ? engine.right.name : engine.left, said }
}
const without = (why: string): string => `without TensorFlow, on WebAssembly, which is five times slower or more: ${why}`

test('IBOT_TENSORFLOW without a library is a mistake, whether a backend is asked for or not', async () => {
  const failure = missing(
    'IBOT_TENSORFLOW is /nowhere, which is not there',
    'Set it to the folder with both libraries, or unset it and let ibot setup fetch them.',
  )
  expect(await opened(undefined, '/nowhere')).toEqual({ engine: failure, said: [] })
  expect(await opened('tensorflow', '/nowhere')).toEqual({ engine: failure, said: [] })
  expect(await opened('wasm', '/nowhere')).toEqual({ engine: 'wasm', said: [] })
})

test('a processor without AVX loads no library', async () => {
  const message = 'TensorFlow needs a processor with AVX, and this one has none'
  const remedy = "Compute without it: '--backend wasm'."
  expect(await opened(undefined, broken, [])).toEqual({ engine: 'wasm', said: [without(`${message}. ${remedy}`)] })
  expect(await opened('tensorflow', broken, [])).toEqual({ engine: missing(message, remedy), said: [] })
})

test('a library that does not load', async () => {
  const message = `TensorFlow could not be loaded from ${broken}: `
  const remedy = "Set IBOT_TENSORFLOW to another one, or unset it; or compute with '--backend wasm'."
  const { engine, said } = await opened(undefined, broken)
  expect(engine).toBe('wasm')
  expect(said).toEqual([expect.stringContaining(without(message))])
  expect(said[0]).toMatch(/\. Set IBOT_TENSORFLOW /)
  expect(await opened('tensorflow', broken)).toEqual({
    engine: { _tag: 'Missing', message: expect.stringContaining(message), remedy },
    said: [],
  })
})

test('no library, and none may be fetched', async () => {
  const { engine, said } = await opened(undefined, '')
  expect(engine).toBe('wasm')
  expect(said).toEqual([
    without("TensorFlow's library isn't there, and may not be downloaded. Fetch it with ibot setup, or compute without it."),
  ])
})

test('a run that began on TensorFlow says how to go on without it', async () => {
  const run = join(root, 'run')
  mkdirSync(run)
  writeFileSync(join(run, 'run.json'), JSON.stringify({ backend: 'tensorflow' }))
  const before = process.env.IBOT_TENSORFLOW
  process.env.IBOT_TENSORFLOW = '/nowhere'
  const result: E.Either<Failure, unknown> = await runPlan(tiny(), { resume: run })()
  if (before === undefined) delete process.env.IBOT_TENSORFLOW
  else process.env.IBOT_TENSORFLOW = before
  expect(result).toEqual(
    E.left(
      missing(
        `the run in ${run} began on TensorFlow, which isn't available now: IBOT_TENSORFLOW is /nowhere, which is not there`,
        `Set it to the folder with both libraries, or unset it and let ibot setup fetch them. To go on without it: ibot run --resume ${run} --backend wasm`,
      ),
    ),
  )
})
