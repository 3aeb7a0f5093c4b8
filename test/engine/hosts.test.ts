/** Processes whose devices exchange values within XLA's programs: replicas on several devices of one process stand for them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiled } from '../../src/engine/xla/compiled'
import type { Compiler } from '../../src/engine/xla/programs'
import type { XlaClient } from '../../src/xla/client'
import { testEngine } from '../engine'
import { determined, gradientNoise, largestGap, noiseOf } from '../program/invariance'
import { sharesIn } from '../program/shares'
import { batchFor, type Small, small } from '../program/small'
import { memoryStore } from '../xla/memoryStore'
import { testClient, withoutPlugin } from '../xla/plugin'
import { asProcess, launchers } from './hosts'
import { members } from './processes'

const PROCESSES = 2

/** What one process learns on one device. */
const alone = async (options: Small, steps: number) => {
  const engine = await testEngine('xla', { devices: 1 })
  const program = small({ ...options, devices: 1 })
  const interpreter = await engine.open(program, program.init(3))
  const losses: number[] = []
  for (let step = 0; step < steps; step++)
    losses.push((await interpreter.step(batchFor(program, step), program.numbers(step))).loss!)
  const state = await interpreter.read()
  interpreter.dispose()
  return { losses, state }
}

describe.skipIf(withoutPlugin)('steps that processes compute together', () => {
  let client: XlaClient
  let cache = ''
  beforeAll(async () => {
    client = await testClient(4)
    cache = mkdtempSync(join(tmpdir(), 'ibot-hosts-'))
  })
  afterAll(() => {
    client?.dispose()
    rmSync(cache, { recursive: true, force: true })
  })

  /** What processes learn that share out the batch, each in so many micro-batches on so many devices. */
  const shared = async (options: Small, steps: number, { microBatches = 1, devices = 1, worth = Number.POSITIVE_INFINITY }) => {
    const whole = small(options)
    const pictures = options.batch! / (PROCESSES * microBatches)
    const program = small(options, { division: { processes: PROCESSES, microBatches, pictures } })
    const of = { ...client, devices: client.devices.slice(0, PROCESSES * devices) }
    const [store, begins, meets] = [memoryStore(), launchers(PROCESSES), members(PROCESSES)]
    const told: string[][] = []
    const interpreters = await Promise.all(
      begins.map((launch, rank) => {
        told.push([])
        const compiler: Compiler = {
          client: asProcess(of, rank, PROCESSES),
          cache: join(cache, String(rank)),
          notify: (message) => told[rank]!.push(message),
          processes: { rank, size: PROCESSES, store },
        }
        return compiled(compiler, program, program.init(3), { devices, worth, launch, collective: meets[rank]! })
      }),
    )
    const losses: (readonly number[])[] = []
    for (let step = 0; step < steps; step++) {
      const shares = sharesIn(program, batchFor(whole, step))
      const reports = await Promise.all(
        interpreters.map((one, rank) => {
          const own = shares.slice(rank * microBatches, (rank + 1) * microBatches)
          return one.step(own[0]!, program.numbers(step), async (index) => own[index]!)
        }),
      )
      losses.push(reports.map(({ loss }) => loss!))
    }
    const states = await Promise.all(interpreters.map((one) => one.read()))
    for (const one of interpreters) one.dispose()
    return { losses, states }
  }
  /** How many programs a process has compiled itself. */
  const compiledBy = (rank: number): number => {
    try {
      return readdirSync(join(cache, String(rank))).length
    } catch {
      return 0
    }
  }

  const CASES: readonly (readonly [string, Small, number, Parameters<typeof shared>[2]])[] = [
    ['what one learns', { batch: 4, dropPath: 0.4, norm: 'batch', sinkhorn: true }, 20, {}],
    [
      'in micro-batches, on two devices each, of as many tokens as one of them needs',
      { batch: 8, locals: false },
      1,
      { microBatches: 4, devices: 2, worth: 1 },
    ],
  ]
  it.each(CASES)(
    '%s',
    async (_, options, steps, how) => {
      const noisy = options.norm === 'batch'
      const [one, { losses, states }] = [await alone(options, steps), await shared(options, steps, how)]
      if (noisy) expect(gradientNoise(one.state, true)).toBeLessThan(noiseOf(true))
      for (const state of states) {
        expect(Object.keys(state)).toEqual(Object.keys(one.state))
        expect(largestGap(determined(state, noisy), determined(one.state, noisy))).toBeLessThan(1e-5)
        // All have the same bits: nothing drifts apart.
        expect(state).toEqual(states[0])
      }
      for (const [step, loss] of one.losses.entries())
        for (const got of losses[step]!) expect(Math.abs(got - loss), `step ${step}`).toBeLessThan(1e-5 * Math.abs(loss))
      // Where processes meet, the first one compiles for all.
      if (how.microBatches === undefined) expect(compiledBy(1)).toBe(0)
    },
    600_000,
  )

  it('a program for more processes than there are is refused', async () => {
    const program = small({ batch: 4 }, { division: { processes: 3, microBatches: 1, pictures: 2 } })
    const compiler: Compiler = { client: asProcess(client, 0, 2), cache, notify: () => undefined }
    await expect(compiled(compiler, program, program.init(3))).rejects.toThrow(
      "3 processes share out the batch, and XLA's devices are those of 2",
    )
  })
})
