/** What a step reports of itself: right numbers, and the step is the same with and without them. */
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/engine/backends'
import type { ProgramOptions } from '../../src/program/program'
import { testEngine, tokensOf, withoutTensorFlow } from '../engine'
import { batchFor, type Small, small } from './small'

const run = async (backend: Backend, options: Small, of: ProgramOptions = {}, steps = 3) => {
  const program = small(options, of)
  const interpreter = await (await testEngine(backend)).open(program, program.init(1))
  const reports: Readonly<Record<string, number>>[] = []
  for (let step = 0; step < steps; step++) reports.push(await interpreter.step(batchFor(program, step), program.numbers(step)))
  const state = await interpreter.read()
  const features = interpreter.features()
  interpreter.dispose()
  return { reports, state, features }
}

const TERMS = ['clsDistillation.loss', 'maskedImageModeling.loss']
const OF_LOSS = ['teacherEntropy', 'studentEntropy', 'prototypes', 'agreement', 'center.norm', 'center.gap']

it('each loss has its own, and the weights theirs; without them the state is the same', async () => {
  const [watched, bare] = [await run('cpu', {}), await run('cpu', {}, { monitors: false })]
  expect(Object.keys(bare.reports[0]!)).toEqual(['loss', ...TERMS])
  expect(Object.keys(watched.reports[0]!).sort()).toEqual(
    [
      ...['loss', ...TERMS, 'gradientNorm', 'student.movement', 'teacher.movement', 'teacher.distance'],
      ...['clsDistillation', 'maskedImageModeling'].flatMap((loss) => OF_LOSS.map((name) => `${loss}.${name}`)),
    ].sort(),
  )
  expect(watched.state).toEqual(bare.state)
})

it.each([{}, { monitors: false }])('a program knows the names of all that its step reports, with %o', async (of) => {
  const program = small({}, of)
  const [report] = (await run('cpu', {}, of, 1)).reports
  expect(['loss', ...program.terms, ...program.monitors].sort()).toEqual(Object.keys(report!).sort())
})

it('the gradient norm is that of all gradients together', async () => {
  const [first] = (await run('cpu', {}, { gradientNorms: true }, 1)).reports
  const norms = Object.entries(first!).flatMap(([name, value]) => (name.startsWith('norm.') ? [value] : []))
  expect(norms.length).toBeGreaterThan(20)
  expect(first!.gradientNorm! / Math.hypot(...norms)).toBeCloseTo(1, 6)
})

it('a teacher of momentum 1 does not move, one of momentum 0 has no distance', async () => {
  for (const report of (await run('cpu', { momentum: 1 })).reports) {
    expect(report['teacher.movement']).toBe(0)
    expect(report['teacher.distance']).toBeGreaterThan(1e-3)
  }
  for (const report of (await run('cpu', { momentum: 0 })).reports) {
    expect(report['teacher.distance']).toBeLessThan(1e-6)
    expect(report['teacher.movement']).toBeCloseTo(report['student.movement']!, 5)
  }
})

it("the centre's norm is that of the state", async () => {
  const { reports, state } = await run('cpu', {})
  expect(reports.at(-1)!['clsDistillation.center.norm']).toBeCloseTo(Math.hypot(...state['ibot_loss.center']!), 5)
  expect(reports.at(-1)!['maskedImageModeling.center.norm']).toBeCloseTo(Math.hypot(...state['ibot_loss.center2']!), 5)
})

it('where no patch is hidden there is nothing to watch of the patches', async () => {
  const program = small()
  const interpreter = await (await testEngine('cpu')).open(program, program.init(1))
  const batch = batchFor(program, 0)
  const report = await interpreter.step({ ...batch, mask: new Float32Array(batch.mask!.length) }, program.numbers(0))
  expect(report['maskedImageModeling.teacherEntropy']).toBeNaN()
  expect(report['clsDistillation.teacherEntropy']).toBeGreaterThan(0)
  expect(Number.isFinite(report.gradientNorm)).toBe(true)
  interpreter.dispose()
})

const BACKENDS = ['cpu', 'tensorflow'] as const
describe.each(BACKENDS)('on %s', (backend) => {
  const skipped = backend === 'tensorflow' && withoutTensorFlow !== undefined
  it.skipIf(skipped).each([{}, { masked: false }, { norm: 'batch' }] as const)(
    "the features are the [CLS] tokens of the teacher's backbone, with %o",
    async (options: Small) => {
      const program = small(options)
      const interpreter = await (await testEngine(backend)).open(program, program.init(1))
      expect(interpreter.features()).toHaveLength(0)
      const batch = batchFor(program, 0)
      const { values, shape } = await tokensOf(interpreter, program, batch.global, program.batch.global)
      await interpreter.step(batch, program.numbers(1))
      const [sequences, tokens, width] = shape as [number, number, number]
      const features = interpreter.features()
      expect(features).toHaveLength(sequences * width)
      for (let i = 0; i < sequences; i++)
        for (let j = 0; j < width; j++) expect(features[i * width + j]).toBeCloseTo(values[i * tokens * width + j]!, 4)
      interpreter.dispose()
    },
  )
})
