/** A run whose numbers become non-finite: what it says, what it keeps, and what can be learnt from that. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCode } from '../../src/base/failure'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { replayRun } from '../../src/run/replayRun'
import { runPlan } from '../../src/run/run'
import { bundlePath, readBundle } from '../../src/store/bundle'
import { runFolder } from '../../src/store/folder'
import { withoutTensorFlow } from '../engine'
import { tiny } from './tiny'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-non-finite-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const plan = tiny({ lr: 1e20, steps: 8, every: '1 steps' })
const design = pipe(
  designOf(registry, plan),
  E.getOrElseW((failure) => {
    throw new Error(JSON.stringify(failure))
  }),
)

describe.each(['cpu', 'tensorflow'] as const)('on %s', (backend) => {
  const skipped = backend === 'tensorflow' && withoutTensorFlow !== undefined
  test.skipIf(skipped)('it ends with 4, names the first operation that gave one, and can be seen again', async () => {
    const out = join(root, backend)
    const result = await runPlan(plan, { out, backend, download: false })()
    if (E.isRight(result)) throw new Error('it went well')
    const failure = result.left
    if (failure._tag !== 'Diverged') throw new Error(JSON.stringify(failure))
    expect(exitCode(failure)).toBe(4)
    expect(failure.message).toMatch(
      /^at step (\d) (loss|gradientNorm) is .*; the first operation to give a non-finite number is \w+ in '\w+' after (student|teacher)\./,
    )
    const step = Number(/at step (\d)/.exec(failure.message)![1])
    expect(failure.remedy).toContain(`The last good checkpoint is that of step ${step - 1} in ${join(out, 'checkpoints')}. `)
    expect(failure.remedy).toContain(`'ibot replay ${out}' runs this step again, op by op.`)

    const again = await replayRun(design, runFolder(out), 'cpu')()
    if (E.isLeft(again)) throw new Error(JSON.stringify(again.left))
    expect(again.right).toMatchObject({ step, steps: 8, backend: 'cpu', given: [] })
    expect(failure.message).toContain(again.right.first!.operation)

    // So it was called at first: such runs can still be looked at.
    renameSync(bundlePath(runFolder(out)), join(out, 'lost-step.safetensors'))
    expect(await replayRun(design, runFolder(out), 'cpu')()).toEqual(again)
  })
})

test('a run without a non-finite step says so, and a damaged file is named', async () => {
  const out = join(root, 'well')
  expect(E.isRight(await runPlan(tiny({ steps: 1 }), { out, backend: 'cpu' })())).toBe(true)
  const folder = runFolder(out)
  expect(await readBundle(folder)()).toEqual(
    E.left({
      _tag: 'Missing',
      message: `the run in ${out} has had no non-finite step: there is no ${bundlePath(folder)}`,
      remedy: 'A run that ends with a non-finite loss or gradient (exit code 4) writes it.',
    }),
  )
  writeFileSync(bundlePath(folder), 'nothing')
  expect(await readBundle(folder)()).toEqual(
    E.left({
      _tag: 'Missing',
      message: `${bundlePath(folder)} can't be run again: the file ends after 7 bytes, before the 8 bytes that hold the header's length`,
      remedy: 'Run the pipeline again to have it written again.',
    }),
  )
})
