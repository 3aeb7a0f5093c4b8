/** What several processes that train together take for what one doesn't do. */
import type { Benchmark } from '../benchmark'
import { alternate, compared, saving } from '../compare'
import type { Outcome } from '../outcome'
import { using } from '../programs/child'
import { ourRing } from '../programs/ours'
import type { RingSetup } from '../ringSetup'

/** The gradients of ViT-S/16, about. */
const FULL = { values: 22_000_000, buckets: 16 }
const SMALL = { values: 500_000, buckets: 4 }

const allReduce: Benchmark = {
  name: 'scale-allreduce',
  doc: 'copying as many bytes both ways ÷ ours, the mean of 22 M float32 of two processes by TCP on one machine; …-buckets: in 16 arrays; …-unix, …-unix-buckets: by a unix domain socket',
  run: async ({ rounds = 15, small }) => {
    const outcomes: Outcome[] = []
    for (const over of ['tcp', 'unix'] as const) {
      const setup: RingSetup = { over, ...(small ? SMALL : FULL) }
      await using([ourRing(setup)], async ([program]) => {
        const seconds = (work: 'whole' | 'buckets' | 'copy') => async () => (await program!.ask(work)).seconds!
        for (const work of ['whole', 'buckets', 'copy'] as const) for (let i = 0; i < 3; i++) await seconds(work)()
        for (const work of ['whole', 'buckets'] as const) {
          const seen = await alternate(seconds(work), seconds('copy'), rounds)
          const name = `scale-allreduce${over === 'unix' ? '-unix' : ''}${work === 'buckets' ? '-buckets' : ''}`
          outcomes.push({ name, ...compared(seen, saving), unit: 's', rounds })
        }
      })
    }
    return outcomes
  },
}

export const REDUCTIONS: readonly Benchmark[] = [allReduce]
