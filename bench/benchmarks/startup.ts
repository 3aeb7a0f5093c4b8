/** What a run waits for before its steps take their usual time: the program's graph, and what its first step takes longer. */
import type { Benchmark } from '../benchmark'
import { median, repeat } from '../compare'
import { type Command, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import { MODELS, type StepSetup } from '../setup'
import { seconds, setupOf, warmUp } from './step'

const ROUNDS = 3
const STEADY = 3

/** Seconds from a checked pipeline to its first step, less those of a steady step. */
export const startup = (command: Command): Promise<number> =>
  using([command], async ([program]) => {
    const first = await seconds(program!)
    await warmUp(program!, 1)
    const steady = median(await repeat(() => seconds(program!), STEADY))
    return program!.ready.ready! + Math.max(0, first - steady)
  })

const benchmark = (name: string, doc: string, changes: Partial<StepSetup>): Benchmark => ({
  name,
  doc,
  run: async (options) => {
    const rounds = options.rounds ?? ROUNDS
    const command = ourSteps({ ...setupOf(options, changes), backend: options.backend, variant: 'default' })
    const seen = await repeat(() => startup(command), rounds)
    return [{ name, ratio: null, ours: median(seen), theirs: null, unit: 's', rounds }]
  },
})

export const STARTUPS: readonly Benchmark[] = [
  benchmark('startup-vit-s', 'graph and first step of ViT-S/16 above a steady step', {}),
  // The graph is as large for two pictures as for any number.
  benchmark('startup-vit-l', 'the same of ViT-L/16, 2 pictures', { model: MODELS['vit-l'], batch: 2 }),
]
