/** What is decoded how often on the way from a file to a trained network: each text once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { readPipeline } from '../../src/cli/pipeline'
import { checkDocument } from '../../src/dsl/check'
import { toYaml } from '../../src/dsl/print'
import { readModel } from '../../src/evaluate/readModel'
import { registry } from '../../src/ops/registry'
import { runPlan } from '../../src/run/run'
import { runDesign } from '../../src/run/runDesign'
import { tiny } from './tiny'

vi.mock('../../src/dsl/check', async (original) => {
  const module = await original<typeof import('../../src/dsl/check.js')>()
  return { ...module, checkDocument: vi.fn(module.checkDocument) }
})

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-decoded-'))
})
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => vi.mocked(checkDocument).mockClear())

test('a file is decoded once for its run; one that goes on compares its pipeline, which is another text', async () => {
  const file = join(root, 'tiny.yaml')
  writeFileSync(file, toYaml(tiny({ steps: 1 })))
  const options = { out: join(root, 'run'), backend: 'cpu' } as const
  const run = await pipe(
    readPipeline(registry, file),
    TE.chain(({ design }) => runDesign(design, options)),
  )()
  expect(E.isRight(run)).toBe(true)
  expect(checkDocument).toHaveBeenCalledTimes(1)
  await readModel(registry, options.out, { network: 'teacher', withHead: true })()
  expect(checkDocument).toHaveBeenCalledTimes(2)
  expect(await runPlan(tiny({ steps: 1 }), { resume: options.out, backend: 'cpu' })()).toMatchObject({
    left: { _tag: 'Missing' },
  })
  expect(checkDocument).toHaveBeenCalledTimes(4)
})

test('a plan of TypeScript is decoded once', async () => {
  const run = await runPlan(tiny({ steps: 1 }), { out: join(root, 'typed'), backend: 'cpu' })()
  expect(E.isRight(run)).toBe(true)
  expect(checkDocument).toHaveBeenCalledTimes(1)
})
