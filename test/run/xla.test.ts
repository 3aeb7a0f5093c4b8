/** Runs on XLA: fashion-mnist.yaml, made small, is interrupted and gone on with, there and on other engines. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plan, Runnable } from '../../src/dsl/plan'
import type { Backend } from '../../src/engine/backends'
import type { InterpreterState } from '../../src/engine/interpreter'
import type { RunEvent, RunOptions } from '../../src/index'
import { parse } from '../../src/io/safetensors'
import { runPlan } from '../../src/run/run'
import { withoutTensorFlow } from '../engine'
import { determined, largestGap } from '../program/invariance'
import { planIn, smallData, smallNetworks, textOf } from '../project/madeSmall'
import { withoutPlugin } from '../xla/plugin'

const STEPS = 6

const text = textOf('fashion-mnist')
const planOn = (devices: number) =>
  planIn(text, [
    ...smallNetworks(text),
    ...smallData(text),
    `train.steps=${STEPS}`,
    `train.devices=${devices}`,
    // It warms up for longer than this runs: the weights are to move.
    'adamw.lr=1e-3',
    'adamw.freezeLastLayer=1 step',
  ])
const plan = planOn(1)

/** Stops after a step, as Ctrl-C does. */
const stopAfter = (step: number): RunOptions => {
  const controller = new AbortController()
  return {
    signal: controller.signal,
    onEvent: (event: RunEvent) => event.event === 'step' && event.step === step && controller.abort('SIGINT'),
  }
}

describe.skipIf(withoutPlugin)('a run on XLA', () => {
  let root: string
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'ibot-xla-'))
    await ended(plan, { out: join(root, 'whole'), backend: 'xla' })
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const ended = async (plan: Plan<Runnable>, options: RunOptions) => {
    const result = await runPlan(plan, options)()
    if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
    return result.right
  }
  const stopped = async (plan: Plan<Runnable>, options: RunOptions) =>
    expect(await runPlan(plan, options)()).toMatchObject({ left: { _tag: 'Stopped', signal: 'SIGINT' } })
  /** The newest checkpoint of a run, as bytes. */
  const newest = (out: string): Buffer => {
    const folder = join(root, out, 'checkpoints')
    return readFileSync(join(folder, readdirSync(folder).sort().at(-1)!))
  }
  const weightsOf = (out: string): InterpreterState => {
    const file = parse(newest(out))
    if (E.isLeft(file)) throw new Error(file.left)
    const floats = [...file.right.tensors].filter(([, { data }]) => data instanceof Float32Array)
    return determined(Object.fromEntries(floats.map(([name, { data }]) => [name, data as Float32Array])), true)
  }

  test('that is stopped and goes on ends with the same state, bit for bit', async () => {
    const out = join(root, 'stopped')
    await stopped(plan, { out, backend: 'xla', ...stopAfter(3) })
    expect(largestGap(weightsOf('stopped'), weightsOf('whole'))).toBeGreaterThan(1e-3)
    const summary = await ended(plan, { resume: out })
    expect(summary.steps).toBe(STEPS)
    expect(newest('stopped').equals(newest('whole'))).toBe(true)
  })

  test('does so on two devices, and ends with the weights of one', async () => {
    const [out, whole] = [join(root, 'two'), join(root, 'two-whole')]
    await stopped(planOn(2), { out, backend: 'xla', ...stopAfter(3) })
    await ended(planOn(2), { resume: out })
    await ended(planOn(2), { out: whole, backend: 'xla' })
    expect(newest('two').equals(newest('two-whole'))).toBe(true)
    expect(largestGap(weightsOf('two'), weightsOf('whole'))).toBeLessThan(1e-5)
  })

  const others: readonly (readonly [Backend, boolean])[] = [
    ['wasm', false],
    ['tensorflow', withoutTensorFlow !== undefined],
  ]
  for (const [other, isMissing] of others)
    test.skipIf(isMissing)(`goes on on ${other}, and from there on XLA again, with the same weights`, async () => {
      const out = join(root, other)
      await stopped(plan, { out, backend: 'xla', ...stopAfter(2) })
      await stopped(plan, { resume: out, backend: other, ...stopAfter(4) })
      await ended(plan, { resume: out, backend: 'xla' })
      const [got, wanted] = [weightsOf(other), weightsOf('whole')]
      expect(Object.keys(got)).toEqual(Object.keys(wanted))
      expect(Object.keys(got).length).toBeGreaterThan(100)
      expect(largestGap(got, wanted)).toBeLessThan(1e-5)
    })
})
