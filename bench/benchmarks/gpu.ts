/** Steps on an NVIDIA GPU, ours on XLA beside the official ones under torch.compile on the same card: seconds and the card's memory. */
import { graphicsCards } from '../../src/io/graphicsCards'
import { type Benchmark, type Options, orNotRun } from '../benchmark'
import { alternate, compared, share } from '../compare'
import type { Outcome } from '../outcome'
import { type Command, ProgramFailed, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import { theirSteps } from '../programs/theirs'
import { MODELS, type StepSetup } from '../setup'
import { setupOf, stepByStep, warmUp } from './step'

const ROUNDS = 21
const STEPS = 5
const GIGABYTE = 2 ** 30
const NO_GPU = 'there is no NVIDIA GPU here; docs/gpu.md says how to measure on a machine without a network'

const MULTICROP: Partial<StepSetup> = { locals: 10, precision: 'bfloat16' }
const [S, B]: readonly Partial<StepSetup>[] = [
  { ...MULTICROP, model: MODELS['vit-s'], batch: 64 },
  { ...MULTICROP, model: MODELS['vit-b'], batch: 32 },
]

type Compare = (
  name: string,
  options: Options,
  commands: readonly [ours: Command, theirs: Command],
) => Promise<readonly Outcome[]>

/** Both sides on the card, where there is one. */
const onGpu = (name: string, doc: string, changes: Partial<StepSetup> | undefined, compare: Compare): Benchmark => ({
  name,
  doc,
  run: async (options) => {
    if (graphicsCards().drivers.nvidia === undefined) return [{ name, notRun: NO_GPU }]
    const setup = setupOf(options, changes)
    return orNotRun(name, theirSteps({ ...setup, compile: true, device: 'cuda' }), (theirs) =>
      compare(name, options, [ourSteps({ ...setup, backend: 'xla', variant: 'default' }), theirs]),
    )
  },
})

const inSeconds: Compare = (name, { rounds = ROUNDS }, commands) => stepByStep(name, rounds, commands)

const peak = (command: Command): Promise<number> =>
  using([command], async ([program]) => {
    await warmUp(program!, STEPS)
    const { device } = await program!.ask('memory')
    if (device === undefined) throw new ProgramFailed("the device doesn't tell its memory")
    return device / GIGABYTE
  })

/** One program at a time. */
const inMemory: Compare = async (name, { rounds = 1 }, [ours, theirs]) => {
  const seen = await alternate(
    () => peak(ours),
    () => peak(theirs),
    rounds,
  )
  return [{ name, ...compared(seen, share), unit: 'GiB', rounds }]
}

const VIEWS = 'bfloat16, 2 views of 224 and 10 of 96'

export const GPUS: readonly Benchmark[] = [
  onGpu('gpu-vit-s', `torch.compile ÷ ours on one GPU, seconds a step: ViT-S/16, 64 pictures, ${VIEWS}`, S, inSeconds),
  onGpu('gpu-vit-b', 'the same of ViT-B/16, 32 pictures', B, inSeconds),
  onGpu('gpu-memory', "ours ÷ torch.compile, peak of the GPU's memory in gpu-vit-s", S, inMemory),
]
