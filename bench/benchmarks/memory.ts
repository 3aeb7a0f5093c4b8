/** Peak resident memory of a training process, ours as a share of the official one. Each runs by itself. */
import { type Benchmark, orNotRun } from '../benchmark'
import { alternate, compared, share } from '../compare'
import { type Command, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import { theirSteps } from '../programs/theirs'
import { setupOf, warmUp } from './step'

const ROUNDS = 1
const STEPS = 5
const GIGABYTE = 2 ** 30

/** Of a program that takes steps by itself, in GiB. */
export const peak = (command: Command): Promise<number> =>
  using([command], async ([program]) => {
    await warmUp(program!, STEPS)
    return (await program!.ask('memory')).peak! / GIGABYTE
  })

const name = 'memory'

export const memory: Benchmark = {
  name,
  doc: 'ours ÷ official PyTorch, peak resident memory of step-fp32',
  run: (options) => {
    const setup = setupOf(options)
    const rounds = options.rounds ?? ROUNDS
    const ours = ourSteps({ ...setup, backend: options.backend, variant: 'default' })
    return orNotRun(name, theirSteps({ ...setup, compile: false }), async (theirs) => {
      const seen = await alternate(
        () => peak(ours),
        () => peak(theirs),
        rounds,
      )
      return [{ name, ...compared(seen, share), unit: 'GiB', rounds }]
    })
  },
}
