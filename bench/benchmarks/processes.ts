/** What several processes that compute steps together take, beside one process with as many threads. */
import { freePort } from '../../src/run/launch'
import type { Benchmark, Options } from '../benchmark'
import { alternate, compared, median, share } from '../compare'
import type { MemberSetup } from '../ours/member'
import { type Command, type Program, using } from '../programs/child'
import { ourMember, ourSteps } from '../programs/ours'
import type { StepSetup } from '../setup'
import { seconds, setupOf } from './step'

const ROUNDS = 7
const WARM_UP = 2
const SIZE = 2
/** The official recipe's views. */
const VIEWS = { locals: 10, batch: 8 }

const members = async (setup: StepSetup, { backend }: Options): Promise<readonly Command[]> => {
  const port = await freePort()
  return Array.from({ length: SIZE }, (_, rank) => {
    const own: MemberSetup = { ...setup, threads: 1, backend, variant: 'default', rank, size: SIZE, port }
    return ourMember(own)
  })
}

/** Asks all at once; gives the seconds of the one that took longest. */
const all = async (programs: readonly Program[], what: string): Promise<number> =>
  Math.max(...(await Promise.all(programs.map((program) => program.ask(what)))).map(({ seconds }) => seconds!))

const processes: Benchmark = {
  name: 'scale-processes',
  doc: 'two processes of one thread ÷ one process of two threads, pictures a second: ViT-S/16, 8 pictures of 2 and 10 views',
  run: async (options) => {
    const { rounds = ROUNDS, backend } = options
    const setup = setupOf(options, VIEWS)
    const commands = [...(await members(setup, options)), ourSteps({ ...setup, threads: SIZE, backend, variant: 'default' })]
    return using(commands, async (programs) => {
      const [two, one] = [programs.slice(0, SIZE), programs[SIZE]!]
      for (let i = 0; i < WARM_UP; i++) {
        await all(two, 'step')
        await seconds(one)
      }
      const rate = (took: number): number => setup.batch / took
      const ours = async () => rate(await all(two, 'step'))
      const theirs = async () => rate(await seconds(one))
      const seen = await alternate(ours, theirs, rounds)
      return [{ name: 'scale-processes', ...compared(seen, share), unit: 'pictures/s', rounds }]
    })
  },
}

const overlap: Benchmark = {
  name: 'scale-overlap',
  doc: 'share of the reductions of such a step that is hidden behind what it computes; and what they take alone',
  run: async (options) => {
    const { rounds = ROUNDS, backend } = options
    const setup = setupOf(options, VIEWS)
    // As many pictures as a member has, at the same time.
    const own = { ...setup, batch: setup.batch / SIZE, threads: 1, backend, variant: 'default' } as const
    const commands = [...(await members(setup, options)), ...Array.from({ length: SIZE }, () => ourSteps(own))]
    return using(commands, async (programs) => {
      const [two, bare] = [programs.slice(0, SIZE), programs.slice(SIZE)]
      for (let i = 0; i < WARM_UP; i++) {
        await all(two, 'step')
        await all(bare, 'step')
      }
      const alone: number[] = []
      const ours = async () => {
        const took = await all(two, 'step')
        alone.push(await all(two, 'reduce'))
        return took
      }
      const seen = await alternate(ours, () => all(bare, 'step'), rounds)
      const extra = median(seen.ours.map((took, round) => took - seen.theirs[round]!))
      const reduce = median(alone)
      const comparison = compared(seen, share)
      return [
        { name: 'scale-overlap', ratio: null, ours: 100 * (1 - extra / reduce), theirs: null, unit: '% hidden', rounds },
        { name: 'scale-overlap-step', ...comparison, unit: 's/step', rounds },
        { name: 'scale-overlap-reduce', ratio: null, ours: reduce, theirs: null, unit: 's', rounds },
      ]
    })
  },
}

export const PROCESSES: readonly Benchmark[] = [processes, overlap]
