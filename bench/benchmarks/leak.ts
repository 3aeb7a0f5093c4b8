/** What thousands of small steps leave behind: how far resident memory has grown, tensors that nobody disposed of, open files. */
import type { Benchmark } from '../benchmark'
import { type Answer, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import { MODELS } from '../setup'
import { setupOf, warmUp } from './step'

const STEPS = 5000
/** The share of the steps after which everything that a step needs should be there. */
const SETTLED = 0.1

/** Growth in percent. */
export const growth = (before: number, after: number): number => 100 * (after / before - 1)

const name = 'leak'

export const leak: Benchmark = {
  name,
  doc: 'growth of resident memory in 5,000 small steps after the first 500, and of the numbers of tensors and open files',
  run: (options) => {
    const steps = options.steps ?? STEPS
    const setup = {
      ...setupOf(options),
      model: MODELS.speck,
      locals: 2,
      batch: 2,
      backend: options.backend,
      variant: 'default',
    } as const
    return using([ourSteps(setup)], async ([program]) => {
      const settled = Math.ceil(SETTLED * steps)
      await warmUp(program!, settled)
      const before: Answer = await program!.ask('memory')
      await warmUp(program!, steps - settled)
      const after: Answer = await program!.ask('memory')
      const line = { ratio: null, theirs: null, rounds: 1 }
      return [
        { ...line, name, ours: growth(before.resident!, after.resident!), unit: '% more memory' },
        { ...line, name: `${name}-tensors`, ours: after.tensors! - before.tensors!, unit: 'more tensors' },
        { ...line, name: `${name}-files`, ours: after.files! - before.files!, unit: 'more open files' },
      ]
    })
  },
}
