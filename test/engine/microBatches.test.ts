/** A batch that is computed in micro-batches, one after the other: what is learnt is what the whole batch teaches. */
import { describe, expect, it } from 'vitest'
import { testEngine, withoutTensorFlow } from '../engine'
import { determined, gradientNoise, largestGap, noiseOf } from '../program/invariance'
import { sharesIn } from '../program/shares'
import { batchFor, type Small, small } from '../program/small'
import { withoutPlugin } from '../xla/plugin'
import { members } from './processes'

const STEPS = 4
const BATCH = 8

const learnt = async (backend: 'cpu' | 'tensorflow' | 'xla', options: Small, microBatches: number, steps = STEPS) => {
  const engine = await testEngine(backend, {})
  const whole = small({ batch: BATCH, ...options })
  const program = small(
    { batch: BATCH, ...options },
    { division: { processes: 1, microBatches, pictures: (options.batch ?? BATCH) / microBatches } },
  )
  const interpreter = await engine.open(program, program.init(3))
  const reports: Readonly<Record<string, number>>[] = []
  for (let step = 0; step < steps; step++) {
    const shares = sharesIn(program, batchFor(whole, step))
    reports.push(await interpreter.step(shares[0]!, program.numbers(step), async (index) => shares[index]!))
  }
  const state = await interpreter.read()
  interpreter.dispose()
  return { reports, state, rounds: interpreter.rounds }
}

/** What members learn that share out the batch, each in so many micro-batches. */
const shared = async (options: Small, processes: number, microBatches: number, steps = STEPS) => {
  const whole = small({ batch: BATCH, ...options })
  const pictures = (options.batch ?? BATCH) / (processes * microBatches)
  const program = small({ batch: BATCH, ...options }, { division: { processes, microBatches, pictures } })
  const engine = await testEngine('tensorflow')
  const interpreters = await Promise.all(members(processes).map((member) => engine.open(program, program.init(3), member)))
  const reports: (readonly Readonly<Record<string, number>>[])[] = []
  for (let step = 0; step < steps; step++) {
    const shares = sharesIn(program, batchFor(whole, step))
    reports.push(
      await Promise.all(
        interpreters.map((one, rank) => {
          const own = shares.slice(rank * microBatches, (rank + 1) * microBatches)
          return one.step(own[0]!, program.numbers(step), async (index) => own[index]!)
        }),
      ),
    )
  }
  const states = await Promise.all(interpreters.map((one) => one.read()))
  for (const one of interpreters) one.dispose()
  return { reports, states }
}

const CASES: readonly (readonly [string, Small, number])[] = [
  ['centred targets', { dropPath: 0.3, registers: 1, dropout: 0.2 }, 1],
  ['a Swin transformer, by LARS', { swin: true, dropPath: 0.3, optimizer: 'lars', sharedHead: false }, 1],
  ['pixels as targets', { pixels: true, optimizer: 'sgd' }, 1],
  ['assignments by Sinkhorn-Knopp', { sinkhorn: true }, 7],
  ['batch normalisation in the head', { norm: 'batch' }, 9],
]

const close = (backend: 'cpu' | 'tensorflow' | 'xla', divisions: readonly number[], cases = CASES) =>
  it.each(cases)('%s', async (_, options, rounds) => {
    const noisy = options.norm === 'batch'
    const whole = await learnt(backend, options, 1)
    if (noisy) expect(gradientNoise(whole.state, true)).toBeLessThan(noiseOf(true))
    for (const microBatches of divisions) {
      const got = await learnt(backend, options, microBatches)
      expect(got.rounds).toBe(rounds)
      expect(largestGap(determined(got.state, noisy), determined(whole.state, noisy)), `${microBatches}`).toBeLessThan(
        noisy ? 1e-5 : 1e-6,
      )
      for (const [step, report] of whole.reports.entries()) {
        expect(Object.keys(got.reports[step]!)).toEqual(Object.keys(report))
        for (const [name, value] of Object.entries(report))
          expect(Math.abs(got.reports[step]![name]! - value), `${name} at step ${step} of ${microBatches}`).toBeLessThan(
            1e-5 * Math.max(1, Math.abs(value)),
          )
      }
    }
  })

describe('a batch in micro-batches teaches on plain JavaScript what it teaches as a whole', () => close('cpu', [4]))
describe('a batch in micro-batches teaches on TensorFlow what it teaches as a whole', () => close('tensorflow', [2, 4]))
describe.skipIf(withoutPlugin)('a batch in micro-batches teaches on XLA what it teaches as a whole', () =>
  close('xla', [2], [CASES[0]!, CASES[3]!]),
)

describe.skipIf(withoutTensorFlow !== undefined)('processes that share out a batch learn what one learns', () => {
  it.each([
    ...CASES.map(([name, options]) => [name, options, 2, 1] as const),
    ['three of them', { batch: 12, dropPath: 0.3 }, 3, 1] as const,
    ['with micro-batches besides', { dropPath: 0.3 }, 2, 2] as const,
    ['with micro-batches and assignments by Sinkhorn-Knopp', { sinkhorn: true }, 2, 2] as const,
  ])('%s', async (_, options, processes, microBatches) => {
    const steps = 20
    const noisy = 'norm' in options && options.norm === 'batch'
    const whole = await learnt('tensorflow', options, 1, steps)
    const { states, reports } = await shared(options, processes, microBatches, steps)
    for (const [rank, state] of states.entries()) {
      expect(largestGap(determined(state, noisy), determined(whole.state, noisy)), `member ${rank}`).toBeLessThan(1e-5)
      // All members have the same bits: nothing drifts apart.
      expect(state).toEqual(states[0])
    }
    for (const [step, report] of whole.reports.entries())
      for (const got of reports[step]!)
        expect(Math.abs(got.loss! - report.loss!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(report.loss!)))
  })
})
